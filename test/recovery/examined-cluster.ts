import type { Diagnosis, ExaminedMember, MemberCondition } from '../../source/recovery/diagnosis';
import type { Examined } from '../../source/recovery/examined';
import { examinedMember } from '../screens/support/diagnoses';

/** A member that has to be taken out. */
export const OLD = { outgoing: 'a1b2' };
export const ALIVE = { ...OLD, healthy: true };

/** Masters by condition, master1 first, which all is seen from; all of their nodes are Ready. */
export function cluster(
  conditions: readonly (MemberCondition | readonly [MemberCondition, Partial<ExaminedMember>])[],
  more: Partial<Examined> = {},
): Examined {
  const members = conditions.map((one, at) => {
    const [condition, rest] = typeof one === 'string' ? ([one, {}] as const) : one;
    return examinedMember(`master${at + 1}`, condition, rest);
  });
  const voters = members.filter(({ role }) => role === 'voter' || role === 'leader');
  const healthy = voters.filter(one => one.healthy).length;
  return {
    ...{ cluster: '10.0.0.100', here: 'master1', members, learners: true },
    alarms: [],
    nearlyFull: new Map(),
    ready: members.map(({ name }) => name),
    heard: members.filter(({ condition }) => condition !== 'unreachable').map(({ name }) => name),
    ...{ voters: voters.length, healthy, alive: healthy },
    ...more,
  };
}

/** What counts of a diagnosis, short. */
export const plain = ({ verdict, readd, quorum }: Diagnosis) => [verdict, readd.join(' '), quorum.join('; ')];
