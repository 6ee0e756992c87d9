import fs from 'node:fs';
import { EntryNames } from './entries';
import { place } from './order';
import type { Order } from './order';

/** What the lab puts in front of the installer's program on a host (node --require): its own death at an exact entry of the journal, and a clock that is off. */

const killsFile = `${place}/kills`;

function textOf(path: string): string {
  try {
    return fs.readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

const order = JSON.parse(textOf(`${place}/order.json`) || '{}') as Order;

function isJournal(fd: number): boolean {
  try {
    return fs.readlinkSync(`/proc/self/fd/${String(fd)}`).endsWith('/journal.jsonl');
  } catch {
    return false;
  }
}

function dieAtEntries({ when, only }: NonNullable<Order['kill']>): void {
  const write = fs.writeSync as (fd: number, content: unknown, ...more: unknown[]) => number;
  const suffered = new Set(textOf(killsFile).split('\n'));
  const names = new EntryNames(only?.filter(name => name.startsWith('output ')));
  const die = (name: string): void => {
    fs.appendFileSync(killsFile, `${name}\n`);
    process.kill(process.pid, 'SIGKILL');
  };
  const watched = (fd: number, content: unknown, ...more: unknown[]): number => {
    const name = Buffer.isBuffer(content) && isJournal(fd) ? names.name(content.toString()) : undefined;
    const chosen = name !== undefined && !suffered.has(name) && only?.includes(name) !== false;
    if (!chosen) return write(fd, content, ...more);
    if (when === 'within') write(fd, (content as Buffer).subarray(0, (content as Buffer).length / 2));
    if (when !== 'after') die(name);
    const written = write(fd, content, ...more);
    die(name);
    return written;
  };
  fs.writeSync = watched;
}

/** Only what JavaScript asks for the time: the programs that the installer starts have the right one. */
function shiftClock(byMs: number): void {
  const Right = Date;
  class Shifted extends Right {
    constructor(...given: readonly unknown[]) {
      if (given.length === 0) super(Right.now() + byMs);
      else super(...(given as [number]));
    }

    static override now(): number {
      return Right.now() + byMs;
    }
  }
  globalThis.Date = Shifted as DateConstructor;
}

if (order.kill !== undefined) dieAtEntries(order.kill);
if (order.clockMs !== undefined) shiftClock(order.clockMs);
