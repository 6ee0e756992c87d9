import type { HostReader } from '../engine/host';
import type { EtcdAlarm } from '../kubernetes/etcd-alarms';
import type { Master } from '../variables/master';
import type { Seen } from './conditions';
import { compareHashes, majorityOf, type Comparison } from './hashes';
import type { ClusterRecord } from './record';

/** Whether a member does not start because its data differ from another one's: one of the two is wrong, and that need not be the one that says so. */
function disagrees({ said, answer }: Seen): boolean {
  return said?.code === 'etcd-differs' && !answer.healthy;
}

/** Where there is a reason to doubt that members have the same data, all voters' data are compared; undefined where there is none. */
export async function compareWhereDoubtful(
  host: HostReader,
  { settings }: ClusterRecord,
  alarms: readonly EtcdAlarm[],
  seen: readonly Seen[],
  voters: readonly Master[],
): Promise<Comparison | undefined> {
  const doubtful = alarms.some(({ kind }) => kind === 'CORRUPT') || seen.some(disagrees);
  return doubtful ? compareHashes(host, settings, voters) : undefined;
}

/** What was seen of a member, with what the comparison says about it. Pure. */
export function withComparison(seen: Seen, compared: Comparison | undefined, voters: number): Seen {
  if (compared === undefined) return seen;
  const majority = majorityOf(compared, voters);
  const { hostname } = seen.master;
  // All others agree with each other, so it differs from all of them.
  const alone =
    disagrees(seen) && majority?.agreed.length === voters - 1 && !majority.agreed.includes(hostname);
  return majority?.diverged.includes(hostname) === true || alone ? { ...seen, diverged: true } : seen;
}
