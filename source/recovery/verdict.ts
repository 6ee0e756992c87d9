import { quorumOf } from '../kubernetes/etcd-cluster';
import { clearing, doubted } from './alarm-parts';
import { isWell, type Diagnosis, type ExaminedMember, type MemberCondition } from './diagnosis';
import type { Examined } from './examined';
import {
  elsewhere,
  hindered,
  lost,
  noLeader,
  nowText,
  othersHint,
  refused,
  unconcerned,
  waits,
  whole,
  type Part,
} from './verdict-parts';
import { willDo } from './will-do';

/** What can be mended here and now by taking a member out and adding it anew. */
const MENDABLE: readonly MemberCondition[] = [
  'address-changed',
  'wiped',
  'ended',
  'other-cluster',
  'corrupt',
  'never-started',
  'learner',
  'absent',
];

/** What is to be done about what was found; `only` limits it to some of the masters. Pure. */
export function verdictOf(examined: Examined, only: readonly string[] = []): Diagnosis {
  const { cluster, here, members, voters, alive, healthy, alarms } = examined;
  const common = { cluster, here, members, quorum: [nowText(voters, healthy)], readd: [], willDo: [] };
  if (alive < quorumOf(Math.max(voters, 1))) return { ...common, ...lost(examined) };
  if (healthy < quorumOf(voters)) return { ...common, ...noLeader(alive, voters) };
  const blocked = doubted(examined);
  if (blocked !== undefined) return { ...common, ...blocked };
  // An alarm concerns all of etcd: it is not cleared while a member that differs is left in.
  const part = beyondAlarms(examined, alarms.length === 0 ? only : []);
  return { ...common, ...(alarms.length === 0 ? part : clearing(part, examined)) };
}

function beyondAlarms(examined: Examined, only: readonly string[]): Part {
  const { members, here } = examined;
  const ill = members.filter(one => !isWell(one));
  if (ill.length === 0) return whole(examined);
  const own = ill.find(({ name, condition }) => name === here && condition !== 'node-address');
  if (own !== undefined) return elsewhere(own, members);
  const asked = only.length === 0 ? ill : ill.filter(({ name }) => only.includes(name));
  if (asked.length === 0) return unconcerned(only, ill);
  const mendable = asked.filter(
    ({ name, condition }) => MENDABLE.includes(condition) && examined.ready.includes(name),
  );
  if (mendable.length === 0) return waits(asked, examined.heard);
  const silent = ill.filter(one => !mendable.includes(one) && hindersGrowth(one));
  if (silent.length > 0) return hindered(mendable, silent, examined.heard);
  const due = affordable(mendable, examined);
  if (due.length === 0) return refused(mendable, ill, examined);
  return readd(due, ill, examined);
}

/** etcd adds nobody while one of its voters is silent, and no second learner (etcdserver/server.go, mayAddMember; api/membership, ErrTooManyLearners). */
function hindersGrowth({ role, healthy }: ExaminedMember): boolean {
  return role === 'learner' || (role !== 'none' && !healthy);
}

/** Whether it is a voter that has to be taken out. */
function leaves({ outgoing, role }: ExaminedMember): boolean {
  return outgoing !== undefined && role !== 'learner';
}

/** Those that can be taken out one after the other. Each is ended before it is taken out, so that it cannot come back: the others must be a quorum with it still counted. */
function affordable(
  due: readonly ExaminedMember[],
  { voters, healthy }: Examined,
): readonly ExaminedMember[] {
  let [left, well] = [voters, healthy];
  return due.filter(one => {
    if (!leaves(one)) return true;
    const others = one.healthy ? well - 1 : well;
    if (others < quorumOf(left)) return false;
    [left, well] = [left - 1, others];
    return true;
  });
}

/** Takes each out and adds it anew. */
function readd(due: readonly ExaminedMember[], ill: readonly ExaminedMember[], examined: Examined): Part {
  const { voters, healthy } = examined;
  const outgoing = due.filter(leaves);
  const left = voters - outgoing.length;
  const well = healthy - outgoing.filter(one => one.healthy).length;
  const coming = due.filter(one => outgoing.includes(one) || one.role === 'none' || one.role === 'learner');
  const returning = due.filter(one => !coming.includes(one) && !one.healthy);
  const quorum = [
    nowText(voters, healthy),
    ...(outgoing.length === 0 ? [] : [`after remove ${well} of ${left}, quorum ${quorumOf(left)}`]),
    ...(examined.learners || coming.length === 0 ? [] : [startText(well, left + 1)]),
    afterText(well + coming.length + returning.length, left + coming.length),
  ];
  return {
    verdict: 'readd',
    summary: due.map(summaryOf).join(' '),
    quorum,
    readd: due.map(({ name }) => name),
    willDo: willDo(due, examined),
    ...(ill.length === due.length ? {} : { hint: othersHint(ill.filter(one => !due.includes(one))) }),
  };
}

function startText(well: number, voters: number): string {
  const pause = well < quorumOf(voters) ? ', nothing is written until it runs' : '';
  return `while it starts ${well} of ${voters}, quorum ${quorumOf(voters)}${pause}`;
}

function afterText(well: number, voters: number): string {
  const may = Math.max(0, well - quorumOf(voters));
  return `after add ${well} of ${voters}, quorum ${quorumOf(voters)}, may lose ${may}`;
}

function summaryOf({ name, condition, newAddress = '' }: ExaminedMember): string {
  switch (condition) {
    case 'address-changed':
      return `${name} was replaced: same name, new address ${newAddress}.`;
    case 'wiped':
      return `${name} is there with an empty disk: etcd's data is gone.`;
    case 'ended':
      return `etcd on ${name} was ended to be put back, and that was interrupted.`;
    case 'other-cluster':
      return `${name} runs an etcd of another cluster.`;
    case 'corrupt':
      return `The data of etcd on ${name} is damaged.`;
    case 'absent':
      return `${name} is a master, and etcd does not have it as a member.`;
    default:
      return `${name} was added to etcd, and that was not brought to its end.`;
  }
}
