import { step, type Step } from '../../engine/step';
import { ETCDCTL_LONG, etcdctlCommand } from '../../steps/access';
import { SNAPSHOTS } from '../../steps/paths';
import type { ClusterRecord } from '../record';
import { isInPlace, type Attempt } from './attempt';
import { memberStatus } from './member';
import { offline } from './program';

interface Observed {
  readonly inPlace: boolean;
  readonly runs: boolean;
  readonly saved: boolean;
}

/** A verified snapshot of what this host's etcd has, while it still runs and whatever is restored: a member gives one without a quorum. One that does not run is only moved aside as it is. */
export function restoreSafety(record: ClusterRecord, attempt: Attempt, after: readonly string[]): Step {
  const name = `${SNAPSHOTS}/${attempt.id}-before-restore`;
  return step<Observed>({
    id: 'restore-safety',
    title: "Save what this host's etcd has, while it still runs",
    after,
    probe: async host => ({
      inPlace: await isInPlace(host, attempt.id),
      runs: (await memberStatus(host, record, record.here)) !== undefined,
      saved: (await host.stat(`${name}.db`)) !== undefined && (await host.stat(`${name}.json`)) !== undefined,
    }),
    plan: ({ inPlace, runs, saved }) =>
      inPlace || saved || !runs
        ? []
        : [
            { kind: 'directory', path: SNAPSHOTS, mode: 0o700 },
            {
              kind: 'run',
              title: `Save etcd to ${name}.db`,
              command: etcdctlCommand(record.here, 'snapshot', 'save', ETCDCTL_LONG.flag, `${name}.db`),
              timeoutMs: ETCDCTL_LONG.timeoutMs,
            },
            {
              kind: 'run',
              title: 'Verify the snapshot',
              command: offline('snapshot', 'status', `${name}.db`, '--write-out=json'),
              timeoutMs: ETCDCTL_LONG.timeoutMs,
              keepOutput: { path: `${name}.json`, mode: 0o600 },
            },
          ],
  });
}
