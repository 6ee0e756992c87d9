import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { addressIn, hostNumbers, sharedNames } from './instance';
import type { Instance } from './instance';

/** The last parts of the addresses of a name's machines: the first one's, and those that took its place, the present one last. */
export function machineNumbers(instance: Instance, name: string): readonly number[] {
  const first = hostNumbers[name];
  if (first === undefined) {
    throw new Error(`there is no host ${name}; the lab has ${Object.keys(hostNumbers).join(', ')}`);
  }
  return [first, ...(recorded(instance)[name] ?? [])];
}

/** Where each name leads to now. */
export function presentNumbers(instance: Instance): Readonly<Record<string, number>> {
  const taken = recorded(instance);
  return Object.fromEntries(
    Object.entries(hostNumbers).map(([name, first]) => [name, (taken[name] ?? []).slice(-1)[0] ?? first]),
  );
}

/** Records which machines have taken the place of a name's first one. */
export function recordReplacements(instance: Instance, name: string, numbers: readonly number[]): void {
  const others = Object.entries(recorded(instance)).filter(([other]) => other !== name);
  const all = numbers.length === 0 ? others : [...others, [name, numbers]];
  mkdirSync(instance.state, { recursive: true, mode: 0o700 });
  const path = recordOf(instance);
  writeFileSync(`${path}.new`, JSON.stringify(Object.fromEntries(all)));
  renameSync(`${path}.new`, path);
}

/** An address for the next machine of that name; the one asked for, where it is free. */
export function freeNumber(instance: Instance, name: string, address?: string): number {
  const taken = new Set([
    1,
    ...Object.values(sharedNames).flat(),
    ...Object.keys(hostNumbers).flatMap(other => machineNumbers(instance, other)),
  ]);
  if (address !== undefined) {
    const last = Number(address.split('.')[3]);
    if (addressIn(instance, last) !== address || !Number.isInteger(last) || last < 2 || last > 254) {
      throw new Error(`${address} is no address of this lab; they are ${addressIn(instance, 2)} to 254`);
    }
    if (taken.has(last)) throw new Error(`${address} is taken already`);
    return last;
  }
  const first = hostNumbers[name] ?? 0;
  const free = [20, 40, 60].map(step => first + step).find(last => !taken.has(last));
  if (free === undefined) throw new Error(`${name} was replaced three times; name an address for the next`);
  return free;
}

/** What a machine is called where several have had its name. */
export function machineId(name: string, last: number): string {
  return last === hostNumbers[name] ? name : `${name}-${last}`;
}

/** How often the machine of a directory was wiped. */
export function generationIn(directory: string): number {
  const path = join(directory, 'generation');
  return existsSync(path) ? Number(readFileSync(path, 'utf8')) : 0;
}

export function recordGeneration(directory: string, generation: number): void {
  writeFileSync(join(directory, 'generation'), String(generation));
}

function recordOf({ state }: Instance): string {
  return join(state, 'replacements.json');
}

function recorded(instance: Instance): Readonly<Record<string, readonly number[]>> {
  try {
    return JSON.parse(readFileSync(recordOf(instance), 'utf8')) as Record<string, number[]>;
  } catch (problem) {
    if ((problem as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw problem;
  }
}
