import type { EtcdAlarm } from '../kubernetes/etcd-alarms';

/** What is the matter with one master's etcd; `node-address`: it is well where it is recorded, and its node reports another address; `ended` is one that was about to be taken out as the run was cut off, `absent` one that etcd does not have as a member, `full` one that is well and has used up its quota. */
export type MemberCondition =
  | 'well'
  | 'unreachable'
  | 'wiped'
  | 'ended'
  | 'other-cluster'
  | 'address-changed'
  | 'node-address'
  | 'never-started'
  | 'learner'
  | 'corrupt'
  | 'full'
  | 'clock-off'
  | 'absent';

/** One master's etcd as it was found. */
export interface ExaminedMember {
  /** The host's name. */
  readonly name: string;
  /** As the cluster has it recorded. */
  readonly address: string;
  /** Where its node is now, where that is another one. */
  readonly newAddress?: string;
  readonly role: 'leader' | 'voter' | 'learner' | 'none';
  /** etcd's number for it, hexadecimal; absent where etcd does not list it. */
  readonly id?: string;
  /** The number of a member that has to be taken out before it can be put back. */
  readonly outgoing?: string;
  /** It answers and agrees with a quorum, whatever else is the matter. */
  readonly healthy: boolean;
  readonly condition: MemberCondition;
  /** What shows that, in a line: "no route to host". */
  readonly detail: string;
  /** What to do about it, where its etcd has said why it does not run. */
  readonly advice?: string;
  readonly roundTripMs?: number;
}

/** Whether a member takes part as it should; that it is full is an alarm of the whole cluster. */
export function isWell({ condition }: Pick<ExaminedMember, 'condition'>): boolean {
  return condition === 'well' || condition === 'full';
}

/** Data that a lost cluster can be made again from. */
export interface RestoreSource {
  /** The file of a snapshot, or "member": what this host's own etcd has. */
  readonly id: string;
  /** The newest write in it. */
  readonly revision: number;
  /** When it was taken, or its newest write came; ISO 8601. */
  readonly time: string;
  readonly bytes?: number;
  /** What restoring from it loses, as far as can be known, in a sentence. */
  readonly loss: string;
}

/** What was found, and what is to be done about it. */
export interface Diagnosis {
  /** What the cluster is called by: its endpoint without the port. To be typed where data may be lost. */
  readonly cluster: string;
  readonly here: string;
  /** In the order of the cluster's own record. */
  readonly members: readonly ExaminedMember[];
  /**
   * whole: nothing to do; readd: can be mended, `willDo` says how; wait: somebody else has to do something first (`hint`);
   * refused: it must not be done now (`hint` says what would make it possible); quorum-lost: only a restore helps;
   * give-up: a restore was begun, has replaced nothing, and others are there again: it is given up.
   */
  readonly verdict: 'whole' | 'readd' | 'wait' | 'refused' | 'quorum-lost' | 'give-up';
  /** A restore was begun and has replaced nothing yet: it can be given up. */
  readonly mayGiveUp?: true;
  /** What is the case, in a sentence or two. */
  readonly summary: string;
  /** What to do, or what would make it possible. */
  readonly hint?: string;
  /** The arithmetic before, during and after: "now 2 of 3", "after remove 2 of 2", "after add 2 of 3, may lose 1". */
  readonly quorum: readonly string[];
  /** Hosts that are put back, in this order. */
  readonly readd: readonly string[];
  /** What will be done, in order, a few words each. */
  readonly willDo: readonly string[];
  /** etcd's alarms that are cleared; only where that is part of what will be done. */
  readonly alarms?: readonly EtcdAlarm[];
  /** For how many seconds it is worth looking again, since it may come right by itself: a host has just joined. */
  readonly againForS?: number;
  /** Newest first; only where the quorum is lost. */
  readonly sources?: readonly RestoreSource[];
}
