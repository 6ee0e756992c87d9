import type { Arguments } from '../arguments';
import type { Summary } from '../engine/event';
import type { HostReader } from '../engine/host';
import { quorumText, spare } from '../kubernetes/etcd-cluster';
import type { Work } from '../installation/recipe';
import { etcdMembers } from '../observers/etcd-members';
import { masters } from '../observers/masters';
import { ADMIN_KUBECONFIG } from '../steps/paths';
import { readdStages } from '../steps/readd';
import type { Readd } from '../steps/readd/context';
import { summarize } from '../steps/summary';
import { examine } from './examine';
import { readdOf } from './plan';
import { readRecord } from './record';

/** What putting back comes to on this cluster as it is now: nothing where all is well. */
export async function recoveryWork(host: HostReader, given: Arguments): Promise<Omit<Work, 'checks'>> {
  const [record, diagnosis] = await Promise.all([readRecord(host), examine(host)]);
  if (record === undefined || diagnosis === undefined || diagnosis.verdict !== 'readd') return { stages: [] };
  const readd = readdOf(record, diagnosis, given.words);
  if (readd.due.length === 0) return { stages: [] };
  return {
    stages: readdStages(readd),
    observers: [etcdMembers([readd.here, ...readd.settings.others]), masters(readd.settings, readd.here)],
    summarize: () => summaryOf(host, readd),
    notes: [diagnosis.summary, `Quorum: ${diagnosis.quorum.join('; ')}.`],
  };
}

async function summaryOf(host: HostReader, readd: Readd): Promise<Summary> {
  const { settings, here, due, steady } = readd;
  const [summary, own] = await Promise.all([summarize(host, settings, here), host.stat(ADMIN_KUBECONFIG)]);
  const names = due.map(({ master }) => master.hostname).join(', ');
  const voters = steady.length + due.length;
  return {
    ...summary,
    kubeconfig: own === undefined ? '/etc/kubernetes/admin.conf' : summary.kubeconfig,
    notes: [
      `${names} ${due.length === 1 ? 'is' : 'are'} back: etcd has ${voters} voters, quorum ${quorumText(voters)}, may lose ${spare(voters)}.`,
      'An old host of the same name must not come back with its old disk: its kubelet would take itself for the same node.',
      'The data that etcd had there before, if any, lies beside its new data as /var/lib/etcd/member.before-…; remove it once nobody needs it.',
    ],
  };
}
