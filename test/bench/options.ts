import { isProfile, profiles } from '../lab/hosts/profiles';
import type { Profile } from '../lab/hosts/profiles';

/** The parts that are measured unless some are named. */
const usual = ['start-up', 'installs', 'waiting', 'masters', 'resting', 'readd'] as const;
/** Those that take an hour, and are measured only when they are named. */
const long = ['takeovers'] as const;

export type Part = (typeof usual)[number] | (typeof long)[number];
const parts: readonly string[] = [...usual, ...long];

export interface Options {
  readonly profile: Profile;
  readonly runs: number;
  /** How long takeovers are looked for. */
  readonly minutes: number;
  readonly isWanted: (part: Part) => boolean;
}

export const usage =
  `usage: npm run bench -- [${parts.join('|')} …] [--profile ${Object.keys(profiles).join('|')}] ` +
  '[--runs N] [--minutes N]';

/** What was asked for; undefined where it is none of what there is. */
export function optionsOf(words: readonly string[]): Options | undefined {
  const left = [...words];
  const value = (flag: string, usually: string): string => {
    const at = left.indexOf(flag);
    return at === -1 ? usually : (left.splice(at, 2)[1] ?? '');
  };
  const profile = value('--profile', 'quiet');
  const [runs, minutes] = [Number(value('--runs', '3')), Number(value('--minutes', '60'))];
  const areNumbers = [runs, minutes].every(number => Number.isInteger(number) && number > 0);
  if (!areNumbers || !isProfile(profile) || left.some(word => !parts.includes(word))) return undefined;
  const isWanted = (part: Part): boolean =>
    left.length === 0 ? (usual as readonly string[]).includes(part) : left.includes(part);
  return { profile, runs, minutes, isWanted };
}
