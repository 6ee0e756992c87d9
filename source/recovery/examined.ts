import type { ExaminedMember } from './diagnosis';

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
  /** etcd's alarm that its space is used up: nothing is written until somebody makes room. */
  readonly noSpace: boolean;
  /** Whether this etcd has members without a vote; where not, one that is added counts as a voter before it runs. */
  readonly learners: boolean;
}
