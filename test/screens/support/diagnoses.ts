import type {
  Diagnosis,
  ExaminedMember,
  MemberCondition,
  RestoreSource,
} from '../../../source/recovery/diagnosis';

/** A member as it was examined: well unless said otherwise. */
export function examinedMember(
  name: string,
  condition: MemberCondition = 'well',
  more: Partial<ExaminedMember> = {},
): ExaminedMember {
  const healthy = { healthy: condition === 'well' };
  return {
    ...healthy,
    name,
    address: `10.160.24.1${name.slice(-1)}`,
    role: 'voter',
    id: `91bc3c398fb3c14${name.slice(-1)}`,
    condition,
    detail: condition === 'well' ? 'ok' : '',
    ...(condition === 'well' ? { roundTripMs: 1.2 } : {}),
    ...more,
  };
}

const one = examinedMember('master1', 'well', { role: 'leader' });
const three = examinedMember('master3', 'well', { roundTripMs: 1.9 });

function diagnosis(more: Partial<Diagnosis> & Pick<Diagnosis, 'verdict' | 'summary' | 'members'>): Diagnosis {
  return {
    cluster: '10.160.24.100',
    here: 'master1',
    quorum: ['now 2 of 3 voters, quorum 2'],
    readd: [],
    willDo: [],
    ...more,
  };
}

export const whole = diagnosis({
  verdict: 'whole',
  summary: 'All 3 members of etcd are well: quorum 2 of 3, may lose 1.',
  quorum: ['now 3 of 3 voters, quorum 2'],
  members: [one, examinedMember('master2'), three],
});

/** master2's host is off. */
export const gone = diagnosis({
  verdict: 'wait',
  summary: 'master2 is gone: connect EHOSTUNREACH 10.160.24.12:2379. The others go on.',
  hint: 'If the host comes back with its disk, nothing is to be done. If it is gone for good, set up a new one with the same name, prepare it (`kube-el7-install prepare`), join it with what `kube-el7-install join-command` prints here, and look again.',
  members: [
    one,
    examinedMember('master2', 'unreachable', { detail: 'connect EHOSTUNREACH 10.160.24.12:2379' }),
    three,
  ],
});

/** A new host has joined under its name. */
export const replaced = diagnosis({
  verdict: 'readd',
  summary: 'master2 was replaced: same name, new address 10.160.24.32.',
  quorum: [
    'now 2 of 3 voters, quorum 2',
    'after remove 2 of 2, quorum 2',
    'after add 3 of 3, quorum 2, may lose 1',
  ],
  readd: ['master2'],
  willDo: [
    'save a snapshot of etcd on master1 and master3, and verify it',
    'take master2 (91bc3c398fb3c142) out of etcd',
    'move old data on master2 aside',
    'add master2 as a learner',
    'start it, and give it its vote once it has caught up',
    'tell all masters the new address: certificates, keepalived, one at a time',
  ],
  members: [
    one,
    examinedMember('master2', 'address-changed', {
      detail: 'its node now has the address 10.160.24.32',
      newAddress: '10.160.24.32',
    }),
    three,
  ],
});

export const refused = diagnosis({
  verdict: 'refused',
  summary:
    'Taking master2 out would leave 1 healthy of 2 voters, and 2 must agree: nothing could be written any more.',
  hint: 'It is possible as soon as master3 is well again. Then look again.',
  members: [
    one,
    examinedMember('master2', 'wiped', { detail: "its node is there, and etcd's data is not" }),
    examinedMember('master3', 'clock-off', { detail: 'its clock is 3604 s ahead of the one of master1' }),
  ],
});

const own: RestoreSource = {
  id: 'member',
  revision: 5123,
  time: '2026-03-02T02:41:07Z',
  bytes: 20_971_520,
  loss: 'Kept is all that etcd on master1 was ever given: up to revision 5123 of 2026-03-02T02:41:07Z. Lost is what master2 and master3 agreed on without it, as in the last moment before they went; that cannot be counted from here.',
};

export const snapshot: RestoreSource = {
  id: '/var/lib/kube-el7-install/snapshots/20260302T011000Z-before-master3.db',
  revision: 4711,
  time: '2026-03-02T01:10:00Z',
  bytes: 18_000_000,
  loss: "Lost is everything after revision 4711 (2026-03-02T01:10:00Z): at least 412 changes, for this host's own etcd knows of revision 5123.",
};

/** Two of three are gone. */
export const lost = diagnosis({
  verdict: 'quorum-lost',
  summary: "1 of etcd's 3 voters is left, and 2 must agree: nothing can be written until more come back.",
  hint: 'If master2 and master3 can come back with their disks, bring them back: then nothing is lost. Only if they are gone for good, make the cluster anew from what is left.',
  quorum: ['now 0 of 3 voters, quorum 2'],
  members: [
    examinedMember('master1', 'well', { detail: 'ok' }),
    examinedMember('master2', 'unreachable', { detail: 'connect EHOSTUNREACH 10.160.24.12:2379' }),
    examinedMember('master3', 'unreachable', { detail: 'connect ETIMEDOUT 10.160.24.13:2379' }),
  ],
  sources: [own, snapshot],
});

/** A restore was begun and cut off, and the others are there again. */
export const back = diagnosis({
  verdict: 'give-up',
  mayGiveUp: true,
  summary:
    'A restore of etcd was begun here and has replaced nothing, and master2 and master3 are there again.',
  hint: 'Nothing is lost by it. What the restore has saved stays. Afterwards look again, whether all members are well.',
  willDo: [
    "put etcd's manifest back that was hidden, with the data that etcd has here",
    'start the control plane here again, as it was',
    'remove the copies that the restore has made, and its note',
  ],
  members: [
    examinedMember('master1', 'unreachable', { detail: 'connect ECONNREFUSED 10.160.24.11:2381' }),
    examinedMember('master2', 'well', { role: 'leader' }),
    examinedMember('master3'),
  ],
});
