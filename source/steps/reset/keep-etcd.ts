import type { Change } from '../../engine/change';
import { step, type Step } from '../../engine/step';
import type { Master } from '../../variables/master';
import type { Place } from '../../cluster/place';
import { ETCDCTL_LONG, etcdctlOver, type EtcdAccess } from '../access';
import { askMember } from '../etcd-answers';
import type { Keeping } from './kept';

/** The snapshot of a departure, and what it was verified to be. */
export function snapshotOf({ path }: Keeping): { readonly data: string; readonly status: string } {
  return { data: `${path}/etcd.db`, status: `${path}/etcd.json` };
}

interface Observed {
  readonly saved: boolean;
  /** The first that is healthy, this host before the others. */
  readonly from: Master | undefined;
}

/** Saves all of etcd and verifies what was saved. Where nobody can be asked for it any more there is none, and the data itself is kept. */
export function keepEtcd(keeping: Keeping, { own, others, access }: Place, after: readonly string[]): Step {
  const { data, status } = snapshotOf(keeping);
  return step<Observed>({
    id: 'keep-etcd',
    title: 'Save a snapshot of etcd',
    after,
    probe: async host => {
      const saved = (await host.stat(data)) !== undefined && (await host.stat(status)) !== undefined;
      for (const one of saved ? [] : [own, ...others]) {
        const { healthy, learner } = await askMember(host, one, access);
        if (healthy && learner !== true) return { saved, from: one };
      }
      return { saved, from: undefined };
    },
    plan: ({ saved, from }) => (saved || from === undefined ? [] : save(access, from, data, status)),
  });
}

function save(access: EtcdAccess, from: Master, data: string, status: string): readonly Change[] {
  const run = (title: string, ...args: readonly string[]): Extract<Change, { kind: 'run' }> => ({
    kind: 'run',
    title,
    command: etcdctlOver(access, from, 'snapshot', ...args),
    timeoutMs: ETCDCTL_LONG.timeoutMs,
  });
  return [
    run(`Save etcd, as ${from.hostname} has it, to ${data}`, 'save', ETCDCTL_LONG.flag, data),
    {
      ...run('Verify the snapshot', 'status', data, '--write-out=json'),
      keepOutput: { path: status, mode: 0o600 },
    },
  ];
}
