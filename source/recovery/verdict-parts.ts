import { listed } from '../engine/words';
import { quorumOf, quorumText, spare } from '../kubernetes/etcd-cluster';
import { isWell, type Diagnosis, type ExaminedMember } from './diagnosis';
import type { Examined } from './examined';

/** What one verdict says, beside what all say. */
export type Part = Pick<Diagnosis, 'verdict' | 'summary'> & Partial<Diagnosis>;

export function nowText(voters: number, healthy: number): string {
  return voters === 0 ? 'nobody answers' : `now ${healthy} of ${voters} voters, quorum ${quorumOf(voters)}`;
}

export function whole({ members, nearlyFull }: Examined): Part {
  const count = members.length;
  const all =
    count === 1
      ? 'etcd has its one member, and that is well.'
      : `All ${count} members of etcd are well: quorum ${quorumText(count)}, may lose ${spare(count)}.`;
  if (nearlyFull.size === 0) return { verdict: 'whole', summary: all };
  const full = [...nearlyFull].map(([name, text]) => `${name}: ${text}`).join('; ');
  return { verdict: 'whole', summary: `${all} Its quota is nearly used up: ${full}.`, hint: NEARLY_FULL };
}

/** What can be done before etcd is full. */
export const NEARLY_FULL =
  'At the quota etcd raises the alarm NOSPACE, and refuses writes. Find out what fills it. Defragment the members one at a time, the leader last (`etcdctl defrag`), or give etcd a larger quota: --quota-backend-bytes in its manifest, 8 GiB at most.';

export function names(members: readonly ExaminedMember[]): string {
  return listed(members.map(({ name }) => name));
}

export function lost(examined: Examined): Part {
  const { members, voters, alive, here } = examined;
  const own = members.find(({ name }) => name === here);
  const said = own?.advice === undefined ? '' : ` On ${here}: ${own.detail}.`;
  const summary =
    voters === 0
      ? 'No member of etcd answers, so nothing can be read or written.'
      : `${alive} of etcd's ${voters} voters ${alive === 1 ? 'is' : 'are'} left, and ${quorumOf(voters)} must agree: nothing can be written until more come back.`;
  return { verdict: 'quorum-lost', summary: `${summary}${said}`, hint: lostHints(examined).join(' ') };
}

const LAST = 'Only if that is not possible, make the cluster anew from what is left.';

/** What may bring it back without any loss, before anything is made anew. */
function lostHints({ members, here }: Examined): readonly string[] {
  const own = members.find(({ name }) => name === here);
  const damaged = own?.condition === 'corrupt';
  const mend = own?.advice === undefined || damaged ? [] : [own.advice];
  if (members.length === 1) {
    if (damaged)
      return ['Its data does not open as it is, so the cluster can only be made anew from what is left.'];
    const look =
      'See what etcd says: `docker ps --all --filter name=k8s_etcd`, `docker logs`. Once that is mended it starts by itself, and nothing is lost.';
    return [...(mend.length === 0 ? [look] : mend), LAST];
  }
  const gone = members.filter(one => !takesPart(one) && one.name !== here);
  const others = gone.length === 0 ? 'the others' : names(gone);
  return [
    ...mend,
    `If ${others} can come back with their disks, bring them back: then nothing is lost. Only if they are gone for good, make the cluster anew from what is left.`,
  ];
}

export function noLeader(alive: number, voters: number): Part {
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

export function elsewhere(own: ExaminedMember, members: readonly ExaminedMember[]): Part {
  const well = members.filter(takesPart);
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

export function waits(ill: readonly ExaminedMember[], heard: readonly string[]): Part {
  const clocks = ill.filter(({ condition }) => condition === 'clock-off');
  if (clocks.length === ill.length) {
    return {
      verdict: 'wait',
      summary: `The clock of ${names(ill)} is off; etcd is well apart from that.`,
      hint: 'Set it (chronyd, or date): certificates made on one host are not valid yet on another otherwise.',
    };
  }
  const gone = ill.filter(one => one.condition !== 'clock-off' && !takesPart(one));
  if (gone.length === 0) return reportsAnother(ill.filter(takesPart));
  const coming = gone.filter(({ name }) => heard.includes(name));
  if (coming.length > 0) return comes(coming);
  return {
    verdict: 'wait',
    summary: `${names(gone)} ${gone.length === 1 ? 'is' : 'are'} gone: ${gone.map(({ name, detail }) => (gone.length === 1 ? detail : `${name}: ${detail}`)).join('; ')}. The others go on.`,
    againForS: HEARD_WITHIN_S,
    hint: `If the host comes back with its disk, nothing is to be done. If it is gone for good, set up a new one with the same name, prepare it (\`kube-el7-install prepare\`), join it with what \`kube-el7-install join-command\` prints here, and look again.`,
  };
}

/** A member is where it is recorded, and stays there: it is its kubelet that has to be told which address to report. */
function reportsAnother(misplaced: readonly ExaminedMember[]): Part {
  const [first] = misplaced;
  const [is, their] = misplaced.length === 1 ? ['is', 'its'] : ['are', 'their'];
  return {
    verdict: 'wait',
    summary: `${names(misplaced)} ${is} not put back, for etcd there is well: ${misplaced.map(({ name, detail }) => (misplaced.length === 1 ? detail : `${name}: ${detail}`)).join('; ')}.`,
    hint: `Nothing is to be done to etcd. Let ${their} kubelet report the recorded address: add --node-ip=${first?.address ?? ''} to KUBELET_EXTRA_ARGS in /etc/sysconfig/kubelet${misplaced.length === 1 ? ` on ${first?.name ?? ''}` : ', on each with its own address'}, then \`systemctl restart kubelet\`. Look at /etc/hosts too: what the host's name leads to is what a kubelet reports without it.`,
  };
}

/** Whether etcd is as it should be, whatever else there is to say of its host. */
function takesPart(one: ExaminedMember): boolean {
  return isWell(one) || one.condition === 'node-address';
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

export function unconcerned(only: readonly string[], ill: readonly ExaminedMember[]): Part {
  return {
    verdict: 'whole',
    summary: `Nothing is the matter with ${only.join(', ')}.`,
    hint: othersHint(ill),
  };
}

export function hindered(
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

export function refused(
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

export function othersHint(others: readonly ExaminedMember[]): string {
  return `${names(others)} ${others.length === 1 ? 'is' : 'are'} left as found: ${others.map(({ detail }) => detail).join('; ')}.`;
}
