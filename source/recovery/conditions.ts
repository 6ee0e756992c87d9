import { fullnessText } from '../kubernetes/etcd-alarms';
import { memberOf, type EtcdMember } from '../kubernetes/etcd-cluster';
import type { MasterReport } from '../kubernetes/master-state';
import { attemptOf, type EtcdTurn } from '../kubernetes/master-secret';
import type { MemberAnswer } from '../steps/etcd-answers';
import type { EtcdSaid } from '../steps/etcd-words';
import type { Master } from '../variables/master';
import type { ExaminedMember, MemberCondition } from './diagnosis';

/** More than this, and certificates made on one host may not be valid yet on another. */
export const CLOCK_OFF_MS = 60_000;

/** Everything that was seen of one master; what could not be asked is absent. */
export interface Seen {
  /** With its recorded address. */
  readonly master: Master;
  readonly answer: MemberAnswer;
  /** How far its clock is ahead of this host's, in milliseconds. */
  readonly clockMs?: number;
  /** etcd's number of the cluster that it speaks for. */
  readonly clusterId?: string;
  readonly node?: { readonly address: string; readonly ready: boolean; readonly report?: MasterReport };
  /** What the cluster has told its etcd to be. */
  readonly turn?: EtcdTurn;
  /** That the swap of its etcd's pods was begun and is not done: it takes no clients yet, or the Job is still there. */
  readonly swapping?: true;
  /** Why its etcd does not run, in its own words. */
  readonly said?: EtcdSaid;
  /** That its data differ from those that a majority of the voters has. */
  readonly diverged?: true;
}

/** What is common to all of them. */
export interface Common {
  readonly here: Master;
  /** As this host's own etcd lists them, or the first master that answers. */
  readonly members: readonly EtcdMember[];
  readonly clusterId?: string;
  /** The numbers of members that have raised NOSPACE, hexadecimal. */
  readonly full: readonly string[];
}

/** Where the member that etcd has is not what runs there, or must not go on. */
const REPLACED: readonly MemberCondition[] = [
  'address-changed',
  'wiped',
  'ended',
  'other-cluster',
  'corrupt',
];

/** What is the matter with one master's etcd; pure. */
export function examined(seen: Seen, common: Common): ExaminedMember {
  const { master, node } = seen;
  const answer = isForeign(seen, common) ? { ...seen.answer, healthy: false, leader: false } : seen.answer;
  const old = memberOf(common.members, master);
  const reported = node !== undefined && node.address !== master.address ? node.address : undefined;
  const moved = old !== undefined && answersThere(seen, common) ? undefined : reported;
  const member = old ?? newMember(common.members, master, moved);
  const [condition, detail] = conditionOf(seen, common, member, { moved, reported });
  return {
    name: master.hostname,
    address: master.address,
    ...(moved === undefined ? {} : { newAddress: moved }),
    role: roleOf(answer, member),
    ...(member === undefined ? {} : { id: member.id }),
    ...(old === undefined || !REPLACED.includes(condition) ? {} : { outgoing: old.id }),
    healthy: answer.healthy,
    condition,
    detail,
    ...(seen.said === undefined || answer.healthy ? {} : { advice: seen.said.hint }),
    ...(answer.roundTripMs === undefined ? {} : { roundTripMs: Math.round(answer.roundTripMs * 10) / 10 }),
  };
}

/** Whether the member answers at its recorded address: then it is there, wherever its node says that it is, as on a host with a second network. */
function answersThere(seen: Seen, common: Common): boolean {
  return seen.answer.roundTripMs !== undefined && !isForeign(seen, common);
}

/** Whether what answers there is an etcd of another cluster, whose health is none of this one's. */
export function isForeign({ clusterId }: Seen, common: Common): boolean {
  return clusterId !== undefined && common.clusterId !== undefined && clusterId !== common.clusterId;
}

function newMember(
  members: readonly EtcdMember[],
  { hostname }: Master,
  moved: string | undefined,
): EtcdMember | undefined {
  return moved === undefined ? undefined : memberOf(members, { hostname, address: moved });
}

function roleOf(answer: MemberAnswer, member: EtcdMember | undefined): ExaminedMember['role'] {
  if (member === undefined) return 'none';
  if (member.learner) return 'learner';
  return answer.leader === true ? 'leader' : 'voter';
}

type Found = readonly [MemberCondition, string];

function conditionOf(
  seen: Seen,
  common: Common,
  member: EtcdMember | undefined,
  { moved, reported }: { readonly moved: string | undefined; readonly reported: string | undefined },
): Found {
  const { answer, node, clusterId, said, turn } = seen;
  const dataGone = node?.report?.etcd.includes('data is gone') === true;
  if (moved !== undefined) {
    const refused = node?.report?.refused === undefined ? '' : ', and nothing of a master was given to it';
    return ['address-changed', `its node now has the address ${moved}${refused}`];
  }
  if (isForeign(seen, common)) {
    const ids = `${clusterId ?? ''}, not ${common.clusterId ?? ''}`;
    return ['other-cluster', `its etcd is one of another cluster (${ids})`];
  }
  if (seen.diverged === true) return ['corrupt', 'its data differ from those of the majority'];
  if (said?.damaged === true && !answer.healthy) return ['corrupt', told(said)];
  if (dataGone) return ['wiped', "its node is there, and etcd's data is not"];
  // Where nobody could be asked for the members, nothing is known of who is one.
  if (member === undefined && common.members.length === 0 && !answer.healthy)
    return ['unreachable', silence(seen)];
  if (member === undefined) return ['absent', absence(node)];
  if (member.learner) return ['learner', 'it was added to etcd, and has not got its vote yet'];
  if (member.name === '') return ['never-started', 'it was added to etcd, and has never run'];
  if (turn?.kind === 'out')
    return ['ended', 'it was ended to be taken out of etcd, and that was interrupted'];
  if (!answer.healthy) return ['unreachable', silence(seen)];
  const [condition, detail] = runs(seen, common, reported);
  return condition === 'well' && common.full.includes(member.id)
    ? ['full', `${fullnessText(answer)} (alarm NOSPACE)`]
    : [condition, detail];
}

/** "its etcd does not run: its log is damaged (walpb: crc mismatch)". */
function told({ what, line }: EtcdSaid): string {
  return `its etcd does not run: ${what} (${line})`;
}

function silence({ answer, said }: Seen): string {
  return said === undefined ? (answer.reason ?? 'it gives no answer') : told(said);
}

function absence(node: Seen['node']): string {
  if (node === undefined) return 'etcd does not have it as a member, and it has not joined the cluster';
  return node.ready
    ? 'its node is Ready, and etcd does not have it as a member'
    : 'etcd does not have it as a member, and its node is not Ready';
}

function runs(
  { master, clockMs = 0, turn, swapping }: Seen,
  { here }: Common,
  reported: string | undefined,
): Found {
  if (Math.abs(clockMs) > CLOCK_OFF_MS) {
    const by = `${Math.round(Math.abs(clockMs) / 1000)} s ${clockMs > 0 ? 'ahead of' : 'behind'}`;
    return ['clock-off', `its clock is ${by} the one of ${here.hostname}`];
  }
  // A run that put it back was cut off before its last change to etcd.
  if (attemptOf(turn) !== undefined && master.hostname !== here.hostname) {
    return ['learner', 'it has its vote, and does not take clients yet: putting it back was interrupted'];
  }
  if (swapping === true && master.hostname !== here.hostname) {
    return ['learner', "it has its vote, and the swap of its etcd's pods was interrupted"];
  }
  if (reported !== undefined)
    return ['node-address', `its etcd is well at ${master.address}, and its node reports ${reported}`];
  return ['well', 'ok'];
}
