import { kindsOf } from '../kubernetes/etcd-alarms';
import { isWell, type ExaminedMember } from './diagnosis';
import type { Examined } from './examined';
import { names } from './verdict-parts';

/** What a repair does, in order, a few words each: alarms are cleared once what differs is out, and before anything is added. */
export function willDo(
  due: readonly ExaminedMember[],
  { here, members, learners, alarms }: Examined,
): readonly string[] {
  const copy = members.find(one => isWell(one) && one.name !== here && !due.includes(one))?.name;
  const outgoing = due.filter(one => one.outgoing !== undefined);
  const out =
    outgoing.length === 0
      ? []
      : [`take ${outgoing.map(({ name, outgoing: id = '' }) => `${name} (${id})`).join(', ')} out of etcd`];
  const kinds = kindsOf(alarms);
  return [
    `save a snapshot of etcd on ${here}${copy === undefined ? '' : ` and ${copy}`}, and verify it`,
    ...(kinds.includes('CORRUPT')
      ? [...out, 'see that all that are left have the same data, and clear the alarm CORRUPT']
      : []),
    ...(kinds.includes('NOSPACE') ? MAKE_ROOM : []),
    ...(kinds.includes('CORRUPT') ? [] : out),
    ...(due.length === 0 ? [] : back(due, learners)),
  ];
}

const MAKE_ROOM = [
  'compact etcd to its newest revision',
  'defragment its members one at a time, the leader last',
  'see that each has become smaller than its quota, and clear the alarm NOSPACE',
];

function back(due: readonly ExaminedMember[], learners: boolean): readonly string[] {
  const who = names(due);
  return [
    `move old data on ${who} aside`,
    ...(learners
      ? [`add ${who} as a learner`, 'start it, and give it its vote once it has caught up']
      : [`add ${who}, which counts as a voter at once: this etcd has no learners`, 'start it']),
    ...(due.some(({ newAddress }) => newAddress !== undefined)
      ? ['tell all masters the new address: certificates, keepalived, one at a time']
      : []),
  ];
}
