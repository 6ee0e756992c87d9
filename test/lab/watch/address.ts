import { readFileSync } from 'node:fs';
import type { LabHost } from '../hosts/host';

/** Who has an address at a time, in milliseconds since 1970. */
export interface Ownership {
  readonly at: number;
  /** The hosts on whose interfaces it stands. */
  readonly owners: readonly string[];
  /** The host whose network card this machine sends to when it speaks to the address. */
  readonly reached: string | undefined;
}

/** Whether an address stands on an interface, by the kernel's table of routes (/proc/PID/net/fib_trie). */
export function hasAddress(table: string, address: string): boolean {
  const lines = table.split('\n');
  return lines.some(
    (line, index) =>
      line.trim() === `|-- ${address}` && (lines[index + 1] ?? '').trim().startsWith('/32 host LOCAL'),
  );
}

/** The hardware address that an address was last known at, by /proc/net/arp. */
export function hardwareAddress(table: string, address: string): string | undefined {
  const entry = table
    .split('\n')
    .map(line => line.trim().split(/\s+/))
    .find(([first]) => first === address);
  const found = entry?.[3];
  return found === undefined || found === '00:00:00:00:00:00' ? undefined : found;
}

/**
 * How often an address moved after a time: from one host that had it alone to another one. Looks without an owner,
 * or with two while it moves, are none.
 */
export function movesIn(seen: readonly Ownership[], since: number): number {
  const alone = seen.filter(({ owners }) => owners.length === 1);
  return alone.filter((one, index) => {
    const before = alone[index - 1];
    return one.at >= since && before !== undefined && before.owners[0] !== one.owners[0];
  }).length;
}

function readOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/**
 * Watches from outside, without a program in the hosts, who has an address; only changes are kept. A host that
 * was cut off from power has nothing.
 */
export class AddressWatch {
  readonly seen: Ownership[] = [];
  /** The longest time between two looks: how exact the times are. */
  longestGapMs = 0;
  private readonly cards = new Map<string, string>();
  private readonly timer: NodeJS.Timeout;
  private looked = Date.now();

  constructor(
    private readonly address: string,
    private readonly hosts: readonly LabHost[],
    everyMs = 50,
  ) {
    this.look();
    this.timer = setInterval(() => {
      this.look();
    }, everyMs);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  /** Who has the address now. */
  get now(): Ownership {
    const last = this.seen[this.seen.length - 1];
    if (last === undefined) throw new Error('nothing was looked at');
    return last;
  }

  /** When, after a time, the address was first with one of these hosts and reached there; undefined where it was not yet. */
  arrived(since: number, names: readonly string[]): number | undefined {
    const isThere = ({ owners, reached }: Ownership): boolean =>
      reached !== undefined && names.includes(reached) && owners.includes(reached);
    return this.seen.find(one => one.at >= since && isThere(one))?.at;
  }

  /** How long, after a time, more than one of these hosts had the address at once. */
  sharedMs(since: number, names: readonly string[]): number {
    const several = ({ owners }: Ownership): boolean =>
      owners.filter(name => names.includes(name)).length > 1;
    return this.seen.reduce((sum, one, index) => {
      if (!several(one)) return sum;
      const end = this.seen[index + 1]?.at ?? Date.now();
      return sum + Math.max(0, end - Math.max(one.at, since));
    }, 0);
  }

  /** How often it moved after a time. */
  moves(since: number): number {
    return movesIn(this.seen, since);
  }

  private look(): void {
    const at = Date.now();
    this.longestGapMs = Math.max(this.longestGapMs, at - this.looked);
    this.looked = at;
    const owners = this.hosts.filter(host => this.has(host)).map(host => host.name);
    const card = hardwareAddress(readOf('/proc/net/arp'), this.address);
    const reached = card === undefined ? undefined : this.cards.get(card);
    const last = this.seen[this.seen.length - 1];
    if (last?.reached === reached && last?.owners.join() === owners.join()) return;
    this.seen.push({ at, owners, reached });
  }

  private has(host: LabHost): boolean {
    const { leader } = host;
    if (leader === undefined) return false;
    const own = hardwareAddress(readOf('/proc/net/arp'), host.address);
    if (own !== undefined) this.cards.set(own, host.name);
    return hasAddress(readOf(`/proc/${leader}/net/fib_trie`), this.address);
  }
}
