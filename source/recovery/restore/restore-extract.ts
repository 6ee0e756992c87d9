import type { Change } from '../../engine/change';
import { Failure, type FailureReport } from '../../engine/failure';
import { step, type Step } from '../../engine/step';
import type { Command, HostReader } from '../../engine/host';
import { containerLog } from '../../steps/container-log';
import { etcdSaid } from '../../steps/etcd-words';
import type { ClusterRecord } from '../record';
import { isInPlace, type Attempt } from './attempt';
import { placesOf } from './places';
import { offline, parseVerdict } from './program';
import { textOf } from './manifests';

const CONTAINER = 'kube-el7-install-restore';
const READ_MS = 10 * 60_000;

interface Observed {
  readonly inPlace: boolean;
  readonly revision?: number;
  readonly leftover: boolean;
}

/**
 * Has etcd read the copy to the end of its log, alone and without a network, and give a snapshot of it.
 * --force-new-cluster would make a cluster of one here and now, but one with the old cluster's identity.
 */
export function restoreExtract(record: ClusterRecord, attempt: Attempt, after: readonly string[]): Step {
  const { snapshot, verdict } = placesOf(attempt.id);
  return step<Observed>({
    id: 'restore-extract',
    title: 'Have etcd read it, apart from everything, and make a snapshot of it',
    after,
    probe: async host => {
      const revision = parseVerdict(await textOf(host, verdict))?.revision;
      const leftover = await host.query(
        docker('ps', '--all', '--quiet', '--filter', `name=^/?${CONTAINER}$`),
      );
      return {
        inPlace: await isInPlace(host, attempt.id),
        leftover: leftover.stdout.trim() !== '',
        ...(revision === undefined ? {} : { revision }),
      };
    },
    plan: ({ inPlace, revision, leftover }) => {
      const removed = leftover ? [run('Remove its container', docker('rm', '--force', CONTAINER))] : [];
      if (inPlace) return removed;
      if (revision === undefined) return [...removed, ...extract(record, attempt)];
      if (revision >= attempt.revision) return removed;
      throw new Failure({
        code: 'restore-incomplete',
        message: `What etcd read from the copy ends at revision ${revision}, and this host's etcd had ${attempt.revision}.`,
        hint: `Nothing was replaced. Remove ${verdict} and run this again; if it comes to the same, restore from ${snapshot.replace(/[^/]+$/, '')} or another snapshot.`,
      });
    },
    diagnose: withReason,
  });
}

/** Why etcd does not open the copy, in its own words. */
async function withReason(host: HostReader, failure: FailureReport): Promise<FailureReport> {
  const said = etcdSaid(await containerLog(host, CONTAINER, 100));
  if (said === undefined) return failure;
  return {
    ...failure,
    message: `etcd does not open the copy of this host's data: ${said.what}.`,
    hint: 'Nothing was replaced. Mend that and run this again, or restore from a snapshot.',
    seen: [...(failure.seen ?? []), said.line],
  };
}

function extract({ settings, here }: ClusterRecord, attempt: Attempt): readonly Change[] {
  const { work, copy, snapshot, verdict } = placesOf(attempt.id);
  const client = ['exec', CONTAINER, 'etcdctl', '--endpoints=http://127.0.0.1:2379'];
  return [
    run(
      'Start etcd with the copy, without a network',
      docker(
        ...['run', '--detach', '--name', CONTAINER, '--network', 'none', '--env', 'ETCDCTL_API=3'],
        ...['--volume', `${work}:${work}`, '--entrypoint', 'etcd', settings.images.etcd],
        ...[`--name=${here.hostname}`, `--data-dir=${copy}`, '--force-new-cluster'],
        `--initial-cluster=${here.hostname}=http://127.0.0.1:2380`,
        ...[
          '--listen-peer-urls=http://127.0.0.1:2380',
          '--initial-advertise-peer-urls=http://127.0.0.1:2380',
        ],
        ...['--listen-client-urls=http://127.0.0.1:2379', '--advertise-client-urls=http://127.0.0.1:2379'],
      ),
    ),
    {
      kind: 'await',
      condition: {
        kind: 'command',
        title: 'etcd has read the log to its end',
        command: docker(...client, 'endpoint', 'health'),
      },
      timeoutMs: READ_MS,
    },
    run('Save it', docker(...client, '--command-timeout=10m', 'snapshot', 'save', snapshot)),
    {
      ...run('Verify what was saved', offline('snapshot', 'status', snapshot, '--write-out=json')),
      keepOutput: { path: verdict, mode: 0o600 },
    },
    run('Remove its container', docker('rm', '--force', CONTAINER)),
  ];
}

type Run = Extract<Change, { kind: 'run' }>;

function run(title: string, command: Command): Run {
  return { kind: 'run', title, command, timeoutMs: READ_MS };
}

function docker(...args: readonly string[]): Command {
  return { file: 'docker', args };
}
