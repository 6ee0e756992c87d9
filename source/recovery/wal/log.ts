import { behind, type Behind } from './behind';
import {
  crc32c,
  frameOf,
  numberAt,
  numbers,
  recordAt,
  SUM,
  varint,
  type LogRecord,
  type Unread,
} from './record';

/** What etcd's write-ahead log says of itself (go.etcd.io/etcd/wal, the same from 3.0 to 3.5). */
export interface LogState {
  /** Raft's state as it was written last. */
  readonly term: bigint;
  readonly vote: bigint;
  /** The newest entry that this member had been told a quorum has. */
  readonly committed: bigint;
  /** The newest entry that it has; what lies beyond `committed` may have been acknowledged all the same. */
  readonly last: bigint;
  /** When the newest of them came, in seconds since 1970, as far as they tell: some hold a lease, which is renewed every few seconds. */
  readonly time?: number;
  /** Where in the last file the next record belongs, and the running checksum up to there. */
  readonly end: number;
  readonly sum: number;
  /** Records that stand behind the place where etcd takes the log to end: it passes over them. */
  readonly behind?: Behind;
}

/** A log that etcd does not start with, in a few words with the place. */
export interface LogDamage {
  readonly damage: string;
}

/** What is not in the log's files and yet decides how etcd reads them. */
export interface LogContext {
  /** The entries up to which there is a snapshot of raft's, by their numbers (the .snap files). */
  readonly snapshots?: readonly bigint[];
  /** etcd before 3.5 takes no record of 10 MiB or more. */
  readonly limited?: boolean;
}

/** Record types of wal/wal.go, beside SUM. */
const METADATA = 1;
const ENTRY = 2;
export const STATE = 3;
const SNAPSHOT = 5;

const LIMIT = 10 * 1024 * 1024;

const WRONG: Readonly<Record<Exclude<Unread, 'end'>, string>> = {
  torn: 'the file ends within a record',
  damaged: 'a record is not what was written (its checksum is wrong)',
  'too-large': 'the length of a record is damaged',
};

/** The name of a file of the log: a number that counts, and the first entry's. */
export const LOG_FILE = /^[0-9a-f]{16}-[0-9a-f]{16}\.wal$/;

/** Reads the files of a log, oldest first and one at a time, by the rules by which etcd decides whether it starts with them. */
export class LogReader {
  #damage: string | undefined;
  #state: readonly [bigint, bigint, bigint] | undefined;
  #metadata: Buffer | undefined;
  #last = 0n;
  /** From this entry on up to the last none is missing. */
  #first: bigint | undefined;
  #snapshots: bigint[] = [];
  #time = 0;
  #sum = 0;
  #end = 0;
  #behind: Behind | undefined;

  constructor(private readonly context: LogContext = {}) {}

  /** `last` is the file that etcd goes on writing: only at its end may a record be torn. */
  add(file: Buffer, last: boolean, name = 'the log'): void {
    if (this.#damage !== undefined) return;
    const limit = this.context.limited === false ? Infinity : LIMIT;
    this.#end = 0;
    for (;;) {
      const record = recordAt({ file, offset: this.#end, sum: this.#sum, limit });
      if (record === 'end' || (record === 'torn' && last)) break;
      const wrong = typeof record === 'string' ? WRONG[record] : this.#take(record);
      if (wrong !== undefined) {
        this.#damage = `${wrong} at byte ${this.#end} of ${name}`;
        return;
      }
      if (typeof record !== 'string') this.#end = record.next;
    }
    if (last) this.#behind = behind(file, this.#end);
  }

  result(): LogState | LogDamage {
    if (this.#damage !== undefined) return { damage: this.#damage };
    if (this.#state === undefined) return { damage: 'it holds nothing of the cluster' };
    const [term, vote, committed] = this.#state;
    const start = this.#start(committed);
    const last = this.#last > start ? this.#last : start;
    if (this.#last > start && (this.#first ?? 0n) > start + 1n)
      return { damage: `the entries from ${start + 1n} to ${(this.#first ?? 0n) - 1n} are missing` };
    if (committed > last)
      return { damage: `it ends at entry ${last}, and the cluster had agreed up to ${committed}` };
    return {
      ...{ term, vote, committed, last, end: this.#end, sum: this.#sum },
      ...(this.#time === 0 ? {} : { time: this.#time }),
      ...(this.#behind === undefined ? {} : { behind: this.#behind }),
    };
  }

  /** The entry that etcd begins with: of the newest snapshot that the log names and that is there (snap, LoadNewestAvailable). */
  #start(committed: bigint): bigint {
    const { snapshots } = this.context;
    const usable = this.#snapshots.filter(
      index => index <= committed && (snapshots === undefined || snapshots.includes(index)),
    );
    return usable.reduce((newest, index) => (index > newest ? index : newest), 0n);
  }

  /** What is wrong with it, where something is. */
  #take(record: LogRecord): string | undefined {
    if (record.type === SUM) {
      if (this.#sum !== 0 && record.sum !== this.#sum)
        return 'what came before is not what was written (its checksum is wrong)';
      this.#sum = record.sum;
      return undefined;
    }
    this.#sum = crc32c(record.data, this.#sum);
    const [first, second, third] = numbers(record.data);
    switch (record.type) {
      case METADATA:
        if (this.#metadata !== undefined && !this.#metadata.equals(record.data))
          return 'another member is named';
        this.#metadata = record.data;
        return undefined;
      case ENTRY:
        this.#entry(third, record.data);
        return undefined;
      case STATE:
        this.#state = [first, second, third];
        return undefined;
      case SNAPSHOT:
        this.#snapshots.push(first);
        return undefined;
      default:
        return 'a record is of no kind that etcd has';
    }
  }

  /** raftpb.Entry: type, term, index. A later entry with a lower index takes the place of all from there on. */
  #entry(index: bigint, data: Buffer): void {
    if (this.#first === undefined || index < this.#first || index > this.#last + 1n) this.#first = index;
    this.#last = index;
    this.#time = Math.max(this.#time, renewal(data));
  }
}

const LEASES = '/registry/leases/';
const LATEST = 5_000_000_000n;

/** When a lease was renewed, where an entry holds one: field 4 of its LeaseSpec, a message of seconds and nanoseconds; 0 where it holds none. */
function renewal(entry: Buffer): number {
  let newest = 0;
  for (let at = entry.indexOf(LEASES); at >= 0; at = entry.indexOf(0x22, at + 1)) {
    if (entry[at] !== 0x22 || entry[at + 2] !== 0x08 || (entry[at + 1] ?? 255) > 14) continue;
    const seconds = numberAt(entry, at + 3) ?? LATEST;
    if (seconds < LATEST) newest = Math.max(newest, Number(seconds));
  }
  return newest;
}

/** The record that tells a member that all of its log is committed, as it stands at the log's end. */
export function commitAll({ term, vote, last, sum }: LogState): Buffer {
  const data = Buffer.concat(
    [term, vote, last].map((value, index) => Buffer.from([(index + 1) * 8, ...varint(value)])),
  );
  return frameOf(STATE, crc32c(data, sum), data);
}
