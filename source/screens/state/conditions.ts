import type { Diagnosis, ExaminedMember, MemberCondition } from '../../recovery/diagnosis';

/** What is the matter with a member, in a few words. */
export const CONDITION_WORDS: Readonly<Record<MemberCondition, string>> = {
  well: 'ok',
  unreachable: 'does not answer',
  wiped: 'has lost its data',
  'other-cluster': 'is of another cluster',
  'address-changed': 'has another address',
  'node-address': 'is well, its node reports another address',
  ended: 'was ended',
  'never-started': 'has never started',
  learner: 'is left a learner',
  corrupt: 'has corrupt data',
  full: 'is full',
  'clock-off': 'has a wrong clock',
  absent: 'is no member',
};

/** What is the matter with a member and what shows that, in a line. */
export function memberText({ condition, detail, newAddress }: ExaminedMember): string {
  const words = CONDITION_WORDS[condition];
  if (condition === 'well') return words;
  const shown = detail === '' || detail === words ? words : `${words}: ${detail}`;
  return newAddress === undefined || shown.includes(newAddress)
    ? shown
    : `${shown}; it is at ${newAddress} now`;
}

/** Members that are not well. */
export function illMembers({ members }: Diagnosis): readonly ExaminedMember[] {
  return members.filter(({ condition }) => condition !== 'well');
}

/** What a verdict means for who reads it, in a few words. */
export const VERDICT_WORDS: Readonly<Record<Diagnosis['verdict'], string>> = {
  whole: 'All members are well: nothing is to be done',
  readd: 'It can be mended now',
  wait: 'Something else has to be done first',
  refused: 'Not now: it would leave too few members',
  'give-up': 'A restore was begun, and others are back: it can be given up',
  'quorum-lost': 'Too few members are left: nothing can be written',
};
