import type { EtcdAlarm } from '../kubernetes/etcd-alarms';
import type { ExaminedMember } from './diagnosis';
import type { Comparison } from './hashes';

/** What was found of all, beside each member. */
export interface Examined {
  readonly cluster: string;
  readonly here: string;
  readonly members: readonly ExaminedMember[];
  /** Names of the masters whose node is in the cluster and Ready. */
  readonly ready: readonly string[];
  /** Names of the masters whose kubelet reports to the cluster, Ready or not. */
  readonly heard: readonly string[];
  /** Voters as etcd lists them; 0 where nobody could be asked. */
  readonly voters: number;
  /** Voters that answer, whether they have a leader or not. */
  readonly alive: number;
  /** Voters that are healthy: they answer and agree with a quorum. */
  readonly healthy: number;
  /** While there is one nothing is written, and no member is changed. */
  readonly alarms: readonly EtcdAlarm[];
  /** How full each member is, in words, by name: of those that have come near to their quota. */
  readonly nearlyFull: ReadonlyMap<string, string>;
  /** What comparing the members' data came to, where there was a reason for it. */
  readonly compared?: Comparison;
  /** Whether this etcd has members without a vote; where not, one that is added counts as a voter before it runs. */
  readonly learners: boolean;
}
