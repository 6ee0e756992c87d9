import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** How fast a host is. */
export interface Pace {
  readonly says: string;
  /** CPU that all of the host has together, in cores; the machine's where it is not said. */
  readonly cores?: number;
  /** What each fsync takes longer than the machine's own disk does. */
  readonly fsyncMs?: number;
}

const table = {
  quiet: { says: "the machine's own CPU and disk" },
  small: { says: '0.6 of a core, and 20 ms more for each fsync', cores: 0.6, fsyncMs: 20 },
} satisfies Readonly<Record<string, Pace>>;

export type Profile = keyof typeof table;

/** The profiles by name: hosts of one behave alike on every machine that has the CPU for all of them. */
export const profiles: Readonly<Record<Profile, Pace>> = table;

export function isProfile(word: string): word is Profile {
  return word in profiles;
}

const recordIn = (directory: string): string => join(directory, 'profile');

/** What a machine boots with. */
export function profileIn(directory: string): Profile {
  const path = recordIn(directory);
  const word = existsSync(path) ? readFileSync(path, 'utf8') : 'quiet';
  if (isProfile(word)) return word;
  throw new Error(`${path} names no profile: ${word}`);
}

export function recordProfile(directory: string, profile: Profile): void {
  writeFileSync(recordIn(directory), profile);
}
