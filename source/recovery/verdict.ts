import { listed } from '../engine/words';
import { quorumOf, quorumText, spare } from '../kubernetes/etcd-cluster';
import type { Diagnosis, ExaminedMember, MemberCondition } from './diagnosis';

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
  const { cluster, here, members, voters, alive, healthy } = examined;
  const common = { cluster, here, members, quorum: [nowText(voters, healthy)], readd: [], willDo: [] };
  const ill = members.filter(({ condition }) => condition !== 'well');
  if (alive < quorumOf(Math.max(voters, 1))) return { ...common, ...lost(examined) };
  if (healthy < quorumOf(voters)) return { ...common, ...noLeader(alive, voters) };
  if (examined.noSpace) return { ...common, ...full() };
  if (ill.length === 0) return { ...common, verdict: 'whole', summary: wholeText(members.length) };
  const own = ill.find(({ name }) => name === here);
  if (own !== undefined) return { ...common, ...elsewhere(own, members) };
  const asked = only.length === 0 ? ill : ill.filter(({ name }) => only.includes(name));
  if (asked.length === 0) return { ...common, ...unconcerned(only, ill) };
  const mendable = asked.filter(
    ({ name, condition }) => MENDABLE.includes(condition) && examined.ready.includes(name),
  );
  if (mendable.length === 0) return { ...common, ...waits(asked, examined.heard) };
  const silent = ill.filter(one => !mendable.includes(one) && hindersGrowth(one));
  if (silent.length > 0) return { ...common, ...hindered(mendable, silent, examined.heard) };
  const due = affordable(mendable, examined);
  if (due.length === 0) return { ...common, ...refused(mendable, ill, examined) };
  return { ...common, ...readd(due, ill, examined) };
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

type Part = Pick<Diagnosis, 'verdict' | 'summary'> & Partial<Diagnosis>;

function nowText(voters: number, healthy: number): string {
  return voters === 0 ? 'nobody answers' : `now ${healthy} of ${voters} voters, quorum ${quorumOf(voters)}`;
}

function wholeText(count: number): string {
  if (count === 1) return 'etcd has its one member, and that is well.';
  return `All ${count} members of etcd are well: quorum ${quorumText(count)}, may lose ${spare(count)}.`;
}

function names(members: readonly ExaminedMember[]): string {
  return listed(members.map(({ name }) => name));
}

function lost({ members, voters, alive, here }: Examined): Part {
  const gone = members.filter(({ condition, name }) => condition !== 'well' && name !== here);
  const summary =
    voters === 0
      ? 'No member of etcd answers, so nothing can be read or written.'
      : `${alive} of etcd's ${voters} voters ${alive === 1 ? 'is' : 'are'} left, and ${quorumOf(voters)} must agree: nothing can be written until more come back.`;
  return {
    verdict: 'quorum-lost',
    summary,
    hint: `If ${gone.length === 0 ? 'the others' : names(gone)} can come back with their disks, bring them back: then nothing is lost. Only if they are gone for good, make the cluster anew from what is left.`,
  };
}

function noLeader(alive: number, voters: number): Part {
  return {
    verdict: 'wait',
    summary:
      voters === 1
        ? 'The one member of etcd answers, and is not healthy yet: it has no leader.'
        : `${alive} of ${voters} voters answer, which is enough, and they have not agreed on a leader yet.`,
    againForS: LED_WITHIN_S,
    hint:
      voters === 1
        ? 'Look again in a few seconds. If it stays so, see what the disk below /var/lib/etcd does, and what etcd says: `docker ps --filter name=k8s_etcd`, `docker logs`.'
        : 'Look again in a few seconds. If it stays so, see whether the masters reach each other at port 2380, and what their disks do.',
  };
}

function full(): Part {
  return {
    verdict: 'wait',
    summary: 'etcd has used up its space (alarm NOSPACE), and its members are not changed in that state.',
    hint: 'Compact and defragment it, then disarm the alarm: `etcdctl alarm disarm`. Then look again.',
  };
}

function elsewhere(own: ExaminedMember, members: readonly ExaminedMember[]): Part {
  const well = members.filter(({ condition }) => condition === 'well');
  return {
    verdict: 'wait',
    summary: `It is this host itself that is not well: ${own.detail}.`,
    hint: `A member is put back from a master that is well: run this on ${names(well)}.`,
  };
}

/** How long a host that has joined may take until it is Ready and has reported: it pulls images first. */
const COMES_WITHIN_S = 180;
/** How long the cluster may take until it hears of one that is just joining. */
const HEARD_WITHIN_S = 20;
/** How long voters that answer may take to agree on a leader: a few elections (a second each), on a host that has much to do. */
const LED_WITHIN_S = 30;

function waits(ill: readonly ExaminedMember[], heard: readonly string[]): Part {
  const clocks = ill.filter(({ condition }) => condition === 'clock-off');
  if (clocks.length === ill.length) {
    return {
      verdict: 'wait',
      summary: `The clock of ${names(ill)} is off; etcd is well apart from that.`,
      hint: 'Set it (chronyd, or date): certificates made on one host are not valid yet on another otherwise.',
    };
  }
  const gone = ill.filter(({ condition }) => condition !== 'clock-off');
  const coming = gone.filter(({ name }) => heard.includes(name));
  if (coming.length > 0) return comes(coming);
  return {
    verdict: 'wait',
    summary: `${names(gone)} ${gone.length === 1 ? 'is' : 'are'} gone: ${gone.map(({ name, detail }) => (gone.length === 1 ? detail : `${name}: ${detail}`)).join('; ')}. The others go on.`,
    againForS: HEARD_WITHIN_S,
    hint: `If the host comes back with its disk, nothing is to be done. If it is gone for good, set up a new one with the same name, prepare it (\`kube-el7-install prepare\`), join it with what \`kube-el7-install join-command\` prints here, and look again.`,
  };
}

/** Its host is there, and what is to be done is not known before it is Ready and has said what it has. */
function comes(coming: readonly ExaminedMember[]): Part {
  const who = names(coming);
  return {
    verdict: 'wait',
    summary: `The host of ${who} is there, and has not said yet that it is ready: ${coming.map(({ detail }) => detail).join('; ')}. The others go on.`,
    againForS: COMES_WITHIN_S,
    hint: `One that has just joined takes a minute or two, and one that has just died is taken for there for 40 s. If it stays so, see what it says there: \`journalctl -u kubelet\`, and \`docker ps -a\` for etcd.`,
  };
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

function unconcerned(only: readonly string[], ill: readonly ExaminedMember[]): Part {
  return {
    verdict: 'whole',
    summary: `Nothing is the matter with ${only.join(', ')}.`,
    hint: othersHint(ill),
  };
}

function hindered(
  due: readonly ExaminedMember[],
  silent: readonly ExaminedMember[],
  heard: readonly string[],
): Part {
  const [is, again] = silent.length === 1 ? ['is', 'it is'] : ['are', 'they are'];
  return {
    verdict: 'wait',
    ...(silent.every(({ name }) => heard.includes(name)) ? { againForS: COMES_WITHIN_S } : {}),
    summary: `${names(due)} cannot be put back yet: etcd takes nobody in while another member is silent or without its vote, and so ${is} ${silent.map(({ name, detail }) => `${name} (${detail})`).join(', ')}.`,
    hint: `It is possible as soon as ${names(silent)} ${is} well again, or ${again} put back in the same run: for that a new host of that name has to join. Then look again.`,
  };
}

function refused(
  due: readonly ExaminedMember[],
  ill: readonly ExaminedMember[],
  { voters, healthy }: Examined,
): Part {
  const others = ill.filter(one => !due.includes(one));
  const [first] = due;
  const help =
    others.length === 0
      ? `Take it out while it still answers (\`etcdctl member remove ${first?.outgoing ?? ''}\`). Then look again.`
      : `It is possible as soon as ${names(others)} ${others.length === 1 ? 'is' : 'are'} well again. Then look again.`;
  return {
    verdict: 'refused',
    summary: `Taking ${first?.name ?? ''} out would leave ${healthy - 1} healthy of ${voters} voters, and ${quorumOf(voters)} must agree: nothing could be written any more.`,
    hint: help,
  };
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

function willDo(due: readonly ExaminedMember[], { here, members, learners }: Examined): readonly string[] {
  const who = names(due);
  const copy = members.find(({ condition, name }) => condition === 'well' && name !== here)?.name;
  const outgoing = due.filter(one => one.outgoing !== undefined);
  return [
    `save a snapshot of etcd on ${here}${copy === undefined ? '' : ` and ${copy}`}, and verify it`,
    ...(outgoing.length === 0
      ? []
      : [`take ${outgoing.map(({ name, outgoing: id = '' }) => `${name} (${id})`).join(', ')} out of etcd`]),
    `move old data on ${who} aside`,
    ...(learners
      ? [`add ${who} as a learner`, 'start it, and give it its vote once it has caught up']
      : [`add ${who}, which counts as a voter at once: this etcd has no learners`, 'start it']),
    ...(due.some(({ newAddress }) => newAddress !== undefined)
      ? ['tell all masters the new address: certificates, apiservers, keepalived, one at a time']
      : []),
  ];
}

function othersHint(others: readonly ExaminedMember[]): string {
  return `${names(others)} ${others.length === 1 ? 'is' : 'are'} left as found: ${others.map(({ detail }) => detail).join('; ')}.`;
}
