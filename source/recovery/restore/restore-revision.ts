import type { Change } from '../../engine/change';
import { step, type Step } from '../../engine/step';
import { etcdFacts } from '../../kubernetes/etcd-version';
import { ETCD_CA, ETCD_HEALTH_CHECK } from '../../steps/paths';
import type { ClusterRecord } from '../record';
import type { Attempt } from './attempt';
import { memberStatus } from './member';

/** What the lost members may have given out beyond what this host knows of. */
const MARGIN = 1000;
/** More than this takes too long, and too much of etcd's space. */
const MOST = 100_000;
const AT_ONCE = 16;
const TIMEOUT_MS = 60 * 60_000;

/** What an operator has to do beside it, where the revision cannot be raised so far. */
export function restoreNotes(attempt: Attempt): readonly string[] {
  if (goalOf(attempt) !== undefined) return [];
  return [
    `etcd's revision goes back from ${attempt.known} to ${attempt.revision}, which is too far to raise it again: afterwards restart the kubelet on every node, then everything that watches the API. Until then they are told of no change.`,
  ];
}

/** How far etcd's revision is to be raised; undefined where that is too far. */
function goalOf({ revision, known }: Attempt): number | undefined {
  const goal = Math.max(revision, known) + MARGIN;
  return goal - revision > MOST ? undefined : goal;
}

/**
 * Raises etcd's revision above all that clients have seen. A kubelet or controller that has seen revision 5000 asks for what comes after it,
 * and an apiserver whose etcd has gone back to 4000 tells it nothing until 5000 is reached again (k8s.io/apiserver, storage/cacher/cacher.go): it would be blind without knowing.
 */
export function restoreRevision(record: ClusterRecord, attempt: Attempt, after: readonly string[]): Step {
  const goal = goalOf(attempt);
  return step<number | undefined>({
    id: 'restore-revision',
    title: "Raise etcd's revision above all that anybody has seen",
    after,
    probe: async host => (await memberStatus(host, record, record.here))?.revision,
    plan: revision =>
      goal === undefined || (revision !== undefined && revision >= goal)
        ? []
        : [raise(record, goal, goal - (revision ?? attempt.revision))],
  });
}

/** The same key written so often; one that nobody reads. */
function raise({ settings, here }: ClusterRecord, goal: number, count: number): Change {
  const key = Buffer.from('kube-el7-install/restored').toString('base64');
  const url = `https://${here.address}:2379/${etcdFacts(settings).gateway}/kv/put?n=[1-${Math.ceil(count / AT_ONCE)}]`;
  return {
    kind: 'run',
    title: `Write a key of no meaning ${count} times, until revision ${goal}`,
    command: {
      file: 'sh',
      args: [
        ...['-c', RAISE, 'sh', url, `{"key":"${key}","value":""}`],
        ...[ETCD_CA.certPath, ETCD_HEALTH_CHECK.certPath, ETCD_HEALTH_CHECK.keyPath],
      ],
    },
    timeoutMs: TIMEOUT_MS,
  };
}

/** A curl writes one after the other over one connection; etcd writes to the disk once for what comes from several at the same time. */
const RAISE = [
  'all=',
  `for one in ${Array.from({ length: AT_ONCE }, (_, at) => at + 1).join(' ')}; do`,
  '  curl --silent --show-error --fail --noproxy "*" --cacert "$3" --cert "$4" --key "$5" --data "$2" "$1" >/dev/null &',
  '  all="$all $!"',
  'done',
  'for one in $all; do wait "$one" || exit 1; done',
].join('\n');
