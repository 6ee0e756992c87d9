import { Failure } from '../../engine/failure';
import { step, type Step } from '../../engine/step';
import { peerUrl } from '../../kubernetes/etcd-cluster';
import { ETCD_CLUSTER_ID } from '../../steps/paths';
import type { ClusterRecord } from '../record';
import { isInPlace, type Attempt } from './attempt';
import { textOf } from './manifests';
import { MARK, MEMBER, placesOf } from './places';
import { offline, parseVerdict } from './program';
import { OWN } from './sources';

const TIMEOUT_MS = 30 * 60_000;

interface Observed {
  readonly inPlace: boolean;
  readonly made: boolean;
  readonly revision?: number;
}

/** Makes new data for etcd: a cluster of this one member, with an identity of its own, so that nobody who comes back with old data is taken for one of it. */
export function restoreData({ here }: ClusterRecord, attempt: Attempt, after: readonly string[]): Step {
  const { snapshot, data, dataVerdict } = placesOf(attempt.id);
  const from = attempt.source === OWN ? snapshot : attempt.source;
  const half = `${data}.new`;
  const plain = { kind: 'run', timeoutMs: TIMEOUT_MS } as const;
  return step<Observed>({
    id: 'restore-data',
    title: 'Make a cluster of one member of it',
    after,
    probe: async host => {
      const revision = parseVerdict(await textOf(host, dataVerdict))?.revision;
      return {
        inPlace: await isInPlace(host, attempt.id),
        made: (await host.read(`${data}/member/${MARK}`)) !== undefined,
        ...(revision === undefined ? {} : { revision }),
      };
    },
    plan: ({ inPlace, made, revision }) => {
      if (inPlace) return [];
      if (made && revision !== undefined) {
        if (revision >= attempt.revision) return [];
        throw new Failure({
          code: 'restore-incomplete',
          message: `The data that was made ends at revision ${revision}, and ${attempt.revision} was promised.`,
          hint: `Nothing was replaced. Remove ${data} and run this again, or restore from another source.`,
        });
      }
      return [
        {
          ...plain,
          title: 'Remove what an interrupted run made',
          command: { file: 'rm', args: ['-rf', half, data] },
        },
        {
          ...plain,
          title: `Restore ${from} as a cluster of its own`,
          command: offline(
            ...['snapshot', 'restore', from, `--name=${here.hostname}`, `--data-dir=${half}`],
            `--initial-cluster=${here.hostname}=${peerUrl(here)}`,
            `--initial-advertise-peer-urls=${peerUrl(here)}`,
            `--initial-cluster-token=kube-el7-install-restore-${attempt.id}`,
          ),
        },
        {
          ...plain,
          title: 'Verify what was made',
          command: offline('snapshot', 'status', `${half}/member/snap/db`, '--write-out=json'),
          keepOutput: { path: dataVerdict, mode: 0o600 },
        },
        { kind: 'write', path: `${half}/member/${MARK}`, content: `${attempt.id}\n`, mode: 0o600 },
        { ...plain, title: 'Let it count as whole', command: { file: 'mv', args: ['-T', half, data] } },
      ];
    },
  });
}

/** Puts the new data in etcd's place. What was there stays beside it. */
export function restoreSwap(attempt: Attempt, after: readonly string[]): Step {
  const { data, aside } = placesOf(attempt.id);
  return step<boolean>({
    id: 'restore-swap',
    title: "Put it in the place of etcd's data, which is moved aside",
    after,
    probe: host => isInPlace(host, attempt.id),
    plan: inPlace =>
      inPlace
        ? []
        : [
            // The cluster that is made has another number.
            { kind: 'remove', path: ETCD_CLUSTER_ID },
            {
              kind: 'run',
              title: `Move ${MEMBER} to ${aside}, and the new data to ${MEMBER}`,
              command: { file: 'sh', args: ['-c', SWAP, 'sh', MEMBER, aside, `${data}/member`] },
              timeoutMs: 60_000,
            },
          ],
  });
}

/** Where it was cut off between the two, the first is done already; something else in the way ends it. */
const SWAP = [
  'set -e',
  'if [ -e "$1" ] && [ ! -e "$2" ]; then mv -T "$1" "$2"; fi',
  'mv -T "$3" "$1"',
  'chmod 700 "$1"',
  'sync',
].join('\n');
