import type { Arguments } from '../arguments';
import type { Summary } from '../engine/event';
import type { FailureReport } from '../engine/failure';
import type { HostReader } from '../engine/host';
import { kindsOf } from '../kubernetes/etcd-alarms';
import { quorumOf, quorumText } from '../kubernetes/etcd-cluster';
import type { Work } from '../installation/recipe';
import { etcdMembers } from '../observers/etcd-members';
import { masters } from '../observers/masters';
import { ADMIN_KUBECONFIG } from '../steps/paths';
import { readdStages } from '../steps/readd';
import type { Readd } from '../steps/readd/context';
import { summarize } from '../steps/summary';
import type { Master } from '../variables/master';
import type { Settings } from '../variables/settings';
import { settled, sourceOf } from './check';
import type { Diagnosis } from './diagnosis';
import { examine } from './examine';
import { readdOf } from './plan';
import { readRecord, type ClusterRecord } from './record';
import {
  attemptFor,
  findSources,
  giveUpStages,
  restoreNotes,
  restoreStages,
  unfinishedAttempt,
} from './restore';
import { OWN } from './restore/sources';

/**
 * What putting back comes to on this cluster as it is now. Where all members are well that is the end of it alone: what
 * an interrupted run has left undone there, and the verification.
 */
export async function recoveryWork(host: HostReader, given: Arguments): Promise<Omit<Work, 'checks'>> {
  const [record, diagnosis] = await Promise.all([
    readRecord(host),
    given.planOnly ? examine(host, given.snapshot, given.words) : settled(host, given),
  ]);
  if (record === undefined || diagnosis === undefined) return refusal();
  const givesUp =
    diagnosis.verdict === 'give-up' ? given.acceptDataLoss !== true : given.giveUpRestore === true;
  if (givesUp) return giveUpWork(host, record, diagnosis);
  if (diagnosis.verdict === 'quorum-lost') return restoreWork(host, record, diagnosis, given);
  if (!['readd', 'whole'].includes(diagnosis.verdict)) return refusal(diagnosis);
  // Nothing is the matter with those that were asked for; others are left as they are.
  if (diagnosis.verdict === 'whole' && !allWell(diagnosis)) return { stages: [], notes: [diagnosis.summary] };
  const readd = readdOf(record, diagnosis);
  return {
    stages: readdStages(readd),
    observers: [etcdMembers([readd.here, ...readd.settings.others]), masters(readd.settings, readd.here)],
    summarize: () => summaryOf(host, readd.settings, readd.here, backNotes(readd, diagnosis)),
    notes: [diagnosis.summary, `Quorum: ${diagnosis.quorum.join('; ')}.`],
  };
}

/** For a run, which the checks have let through: what they saw has changed since. */
function refusal(diagnosis?: Diagnosis): Pick<Work, 'stages' | 'refused'> {
  const summary = diagnosis?.summary ?? 'this host has no record of a cluster any more.';
  const refused: FailureReport = {
    code: 'recovery-refused',
    message: `What the checks found of etcd's members does not hold any more: ${summary}`,
    hint: `${diagnosis?.hint ?? ''} Nothing was changed. Run the same command again.`.trim(),
  };
  return { stages: [], refused };
}

function allWell({ members }: Diagnosis): boolean {
  return members.every(({ condition }) => condition === 'well');
}

/** Puts back what a restore has hidden that is not gone on with. */
async function giveUpWork(
  host: HostReader,
  record: ClusterRecord,
  diagnosis: Diagnosis,
): Promise<Omit<Work, 'checks'>> {
  const attempt = await unfinishedAttempt(host);
  if (attempt === undefined || diagnosis.mayGiveUp !== true) return refusal(diagnosis);
  const { settings, here } = record;
  return {
    stages: giveUpStages(record, attempt),
    observers: [etcdMembers([here, ...settings.others])],
    summarize: () => summaryOf(host, settings, here, [GIVEN_UP]),
    notes: [diagnosis.summary],
  };
}

const GIVEN_UP =
  'The restore was given up: etcd here has the data that it had. Look at its members again: kube-el7-install readd-member --plan.';

/** Makes the cluster anew from one of the sources; nothing where that was not agreed to. */
async function restoreWork(
  host: HostReader,
  record: ClusterRecord,
  diagnosis: Diagnosis,
  given: Arguments,
): Promise<Omit<Work, 'checks'>> {
  const source = sourceOf(diagnosis, given);
  if (source === undefined || given.acceptDataLoss !== true) return refusal(diagnosis);
  const { settings, here } = record;
  const { known } = await findSources(host, record, given.snapshot === OWN ? undefined : given.snapshot);
  const attempt = await attemptFor(host, source, known);
  const lost = settings.others.map(({ hostname }) => hostname).join(', ');
  const after = [
    `etcd has one voter, ${here.hostname}. ${source.loss}`,
    ...(lost === ''
      ? []
      : [
          `${lost} must not come back with their old disks. Put each back with an empty one: set it up anew, \`kube-el7-install prepare\` there, what \`kube-el7-install join-command\` prints here, then \`kube-el7-install readd-member\` here.`,
        ]),
    ...restoreNotes(attempt),
  ];
  return {
    stages: restoreStages(record, source, { attempt }),
    observers: [etcdMembers([here, ...settings.others])],
    summarize: () => summaryOf(host, settings, here, after),
    notes: [diagnosis.summary, source.loss, ...restoreNotes(attempt)],
  };
}

/** How things stand after a readd. */
function backNotes(readd: Readd, diagnosis: Diagnosis): readonly string[] {
  const { alarms, due } = readd;
  const kinds = kindsOf(alarms).join(', ');
  const cleared = alarms.length === 0 ? [] : [`The alarm ${kinds} is cleared: etcd takes writes again.`];
  if (due.length > 0) return [...cleared, ...membersNotes(readd, diagnosis)];
  return alarms.length === 0
    ? [diagnosis.summary]
    : [...cleared, ...(diagnosis.hint === undefined ? [] : [diagnosis.hint])];
}

function membersNotes({ due, steady, away }: Readd, { members }: Diagnosis): readonly string[] {
  const names = due.map(({ master }) => master.hostname).join(', ');
  const left = members.filter(
    ({ name, role }) => away.some(({ hostname }) => hostname === name) && role !== 'none',
  );
  const well = steady.length + due.length + left.filter(({ healthy }) => healthy).length;
  const voters = steady.length + due.length + left.length;
  return [
    `${names} ${due.length === 1 ? 'is' : 'are'} back: etcd has ${voters} voters, quorum ${quorumText(voters)}, may lose ${well - quorumOf(voters)}.`,
    'An old host of the same name must not come back with its old disk: its kubelet would take itself for the same node.',
    'The data that etcd had there before, if any, lies beside its new data as /var/lib/etcd/member.before-…; remove it once nobody needs it.',
  ];
}

async function summaryOf(
  host: HostReader,
  settings: Settings,
  here: Master,
  notes: readonly string[],
): Promise<Summary> {
  const [summary, own] = await Promise.all([summarize(host, settings, here), host.stat(ADMIN_KUBECONFIG)]);
  const kubeconfig = own === undefined ? '/etc/kubernetes/admin.conf' : summary.kubeconfig;
  return { ...summary, kubeconfig, notes };
}
