import type { FailureReport } from '../engine/failure';
import type { HostReader } from '../engine/host';
import { etcdTimingFlags, etcdTimingsIn, type EtcdTimings } from '../kubernetes/timings';
import type { Master } from '../variables/master';
import type { Settings } from '../variables/settings';
import { dataFault } from './etcd-data';
import { listMembers } from './etcd-view';
import { ETCD_CLUSTER_MANIFEST, ETCD_INIT_HIDDEN, ETCD_INIT_MANIFEST } from './paths';

/** Why this host's member cannot be what the settings say: its data are not there or not its own, or it runs with other times. */
export async function memberFault(
  host: HostReader,
  settings: Settings,
  master: Master,
): Promise<FailureReport | undefined> {
  return (await dataFault(host, master)) ?? timingsFault(host, settings, master);
}

/**
 * Why the times of etcd that are given now cannot be taken: it has several members already, which have others. All must have
 * the same (etcd's tuning guide), and one that is changed by itself is called an election against. A single member is just started anew.
 */
async function timingsFault(
  host: HostReader,
  { timings: { etcd: wanted } }: Settings,
  master: Master,
): Promise<FailureReport | undefined> {
  // While one of the first two is there, the last only waits for its turn.
  const texts = await Promise.all(
    [ETCD_INIT_MANIFEST, ETCD_INIT_HIDDEN, ETCD_CLUSTER_MANIFEST].map(path => host.read(path)),
  );
  const made = texts.find(text => text !== undefined && text.length > 0)?.toString('utf8');
  if (made === undefined) return undefined;
  const has = etcdTimingsIn(made);
  if (etcdTimingFlags(has).join() === etcdTimingFlags(wanted).join()) return undefined;
  const members = (await listMembers(host, [master])) ?? [];
  return members.length > 1 ? otherTimings(has) : undefined;
}

function otherTimings({ heartbeatMs, electionMs }: EtcdTimings): FailureReport {
  const had = [`ETCD_HEARTBEAT_INTERVAL=${heartbeatMs}`, `ETCD_ELECTION_TIMEOUT=${electionMs}`];
  return {
    code: 'other-settings',
    message:
      "The members of this cluster's etcd run with other times than those given now. All members must have the same, and a running cluster is not changed by installing again.",
    hint: `Give ${had.join(' and ')}. To change them, put --heartbeat-interval and --election-timeout into ${ETCD_CLUSTER_MANIFEST} on one master after the other, each once etcd is healthy again; then run with the new ones.`,
    seen: had.map(line => `made with: ${line}`),
  };
}
