import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withLock } from './lock';

/** One lab among several on a machine: a bridge, a subnet and a directory of its own. */
export interface Instance {
  readonly name: string;
  /** 1 to 250; the third part of every address. */
  readonly number: number;
  /** Directory of everything that belongs to this instance alone. */
  readonly state: string;
  /** Directory of what is built once for all instances. */
  readonly cache: string;
  readonly bridge: string;
  /** The network of the hosts' other cards, over which they reach nobody but the machine. */
  readonly outerBridge: string;
  /** The machine's own address on the bridge, where the registries and the yum repository answer. */
  readonly gateway: string;
}

const stateRoot = '/var/lib/kube-el7-install-lab';
const allocations = join(stateRoot, 'instances.json');

/** Where each host stands in the instance's subnet. */
export const hostNumbers: Readonly<Record<string, number>> = {
  master1: 11,
  master2: 12,
  master3: 13,
  master4: 14,
  master5: 15,
  worker1: 21,
  worker2: 22,
};

/** Names that every host knows beside the hosts' own: the VIP's, and the load balancer's, which has several addresses as one of AWS has. */
export const sharedNames: Readonly<Record<string, readonly number[]>> = {
  'vip.lab': [100],
  'elb.lab': [200, 201],
};

/** The address of a host, or of any other last part, in the instance's subnet. */
export function addressIn({ number }: Pick<Instance, 'number'>, last: number): string {
  return `10.160.${number}.${last}`;
}

/** The address of a host's other card, where it has one. */
export function outerAddressIn({ number }: Pick<Instance, 'number'>, last: number): string {
  return `10.161.${number}.${last}`;
}

/** The machine's own address on the network of the other cards. */
export function outerGateway(instance: Pick<Instance, 'number'>): string {
  return outerAddressIn(instance, 1);
}

function readAllocations(): Record<string, number> {
  try {
    return JSON.parse(readFileSync(allocations, 'utf8')) as Record<string, number>;
  } catch (problem) {
    if ((problem as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw problem;
  }
}

function writeAllocations(content: Record<string, number>): void {
  writeFileSync(`${allocations}.new`, `${JSON.stringify(content, null, 2)}\n`);
  renameSync(`${allocations}.new`, allocations);
}

function lowestFree(taken: readonly number[]): number {
  for (let number = 1; number <= 250; number += 1) if (!taken.includes(number)) return number;
  throw new Error('all 250 lab instances are taken; see npm run lab -- remove');
}

function locked<T>(work: () => T): Promise<T> {
  return withLock(
    join(stateRoot, 'instances.lock'),
    () => undefined,
    () => Promise.resolve(work()),
  );
}

/** The instance of that name (KUBE_EL7_LAB, or "lab"), given a subnet if it has none yet. */
export async function findInstance(name = process.env['KUBE_EL7_LAB'] ?? 'lab'): Promise<Instance> {
  if (!/^[a-z0-9][a-z0-9-]{0,30}$/.test(name)) {
    throw new Error(`KUBE_EL7_LAB=${name}: a lab is named with small letters, digits and hyphens`);
  }
  mkdirSync(stateRoot, { recursive: true });
  const number = await locked(() => {
    const taken = readAllocations();
    const own = taken[name];
    if (own !== undefined) return own;
    const free = lowestFree(Object.values(taken));
    writeAllocations({ ...taken, [name]: free });
    return free;
  });
  return {
    name,
    number,
    state: join(stateRoot, name),
    cache: process.env['KUBE_EL7_LAB_CACHE'] ?? '/var/cache/kube-el7-install/lab',
    bridge: `kel7-${number}`,
    outerBridge: `kel7o-${number}`,
    gateway: addressIn({ number }, 1),
  };
}

/** Gives the instance's subnet back. */
export async function releaseInstance(name: string): Promise<void> {
  await locked(() => {
    writeAllocations(
      Object.fromEntries(Object.entries(readAllocations()).filter(([other]) => other !== name)),
    );
  });
}
