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
}

/** Record types of wal/wal.go. */
const ENTRY = 2;
const STATE = 3;
const SUM = 4;

/**
 * Reads the files of a log, oldest first. Undefined where they hold no state, or where a record's checksum is wrong:
 * such a log is nothing to build on. A record that was cut short at the very end is what a power cut leaves, and is passed over as etcd does.
 */
export function readLog(files: readonly Buffer[]): LogState | undefined {
  let state: readonly [bigint, bigint, bigint] | undefined;
  let last = 0n;
  let time = 0;
  let sum = 0;
  let end = 0;
  for (const [index, file] of files.entries()) {
    end = 0;
    for (;;) {
      const record = recordAt(file, end);
      if (record === undefined) break;
      if (record === 'torn') {
        if (index < files.length - 1) return undefined;
        break;
      }
      if (record.type === SUM) {
        if (sum !== 0 && record.sum !== sum) return undefined;
        sum = record.sum;
      } else {
        const next = crc32c(record.data, sum);
        if (record.sum !== next) {
          // The last one of all is one that was being written as the power went.
          if (index < files.length - 1 || recordAt(file, record.next) !== undefined) return undefined;
          break;
        }
        sum = next;
        const [first = 0n, second = 0n, third = 0n] = numbers(record.data);
        if (record.type === STATE) state = [first, second, third];
        // raftpb.Entry: type, term, index. A later entry with a lower index takes the place of all from there on.
        if (record.type === ENTRY) {
          last = third;
          time = Math.max(time, renewal(record.data));
        }
      }
      end = record.next;
    }
  }
  if (state === undefined) return undefined;
  const [term, vote, committed] = state;
  const newest = last > committed ? last : committed;
  return { term, vote, committed, last: newest, end, sum, ...(time === 0 ? {} : { time }) };
}

const LEASES = '/registry/leases/';
const LATEST = 5_000_000_000;

/** When a lease was renewed, where an entry holds one: field 4 of its LeaseSpec, a message of seconds and nanoseconds; 0 where it holds none. */
function renewal(entry: Buffer): number {
  let newest = 0;
  for (let at = entry.indexOf(LEASES); at >= 0; at = entry.indexOf(Buffer.from([0x22]), at + 1)) {
    if (entry[at] !== 0x22 || entry[at + 2] !== 0x08 || (entry[at + 1] ?? 255) > 14) continue;
    try {
      const seconds = Number(readVarint(entry, at + 3)[0]);
      if (seconds < LATEST) newest = Math.max(newest, seconds);
    } catch {
      break;
    }
  }
  return newest;
}

/** The record that tells a member that all of its log is committed, as it stands at the log's end. */
export function commitAll({ term, vote, last, sum }: LogState): Buffer {
  const data = Buffer.concat(
    [term, vote, last].map((value, index) => Buffer.from([(index + 1) * 8, ...varint(value)])),
  );
  const record = Buffer.concat([
    Buffer.from([0x08, STATE, 0x10, ...varint(BigInt(crc32c(data, sum)))]),
    Buffer.from([0x1a, ...varint(BigInt(data.length))]),
    data,
  ]);
  const padding = (8 - (record.length % 8)) % 8;
  const frame = Buffer.alloc(8 + record.length + padding);
  frame.writeUInt32LE(record.length, 0);
  // How much is padding stands in the length's highest byte (wal/encoder.go).
  if (padding > 0) frame[7] = 0x80 | padding;
  record.copy(frame, 8);
  return frame;
}

interface Entry {
  readonly type: number;
  readonly sum: number;
  readonly data: Buffer;
  readonly next: number;
}

/** Undefined at the end: what was set aside for records to come is zeros. */
function recordAt(file: Buffer, offset: number): Entry | 'torn' | undefined {
  if (offset + 8 > file.length) return undefined;
  const high = file.readUInt32LE(offset + 4);
  const length = file.readUInt32LE(offset) + (high & 0xffffff) * 2 ** 32;
  if (length === 0 && high === 0) return undefined;
  const padding = high >= 0x80000000 ? (high >>> 24) & 7 : 0;
  const next = offset + 8 + length + padding;
  if (next > file.length) return 'torn';
  const body = file.subarray(offset + 8, offset + 8 + length);
  try {
    return { ...parseRecord(body), next };
  } catch {
    return 'torn';
  }
}

/** walpb.Record: type, crc, data. */
function parseRecord(body: Buffer): Omit<Entry, 'next'> {
  let [type, sum] = [0, 0];
  let data: Buffer = Buffer.alloc(0);
  for (let at = 0; at < body.length;) {
    const tag = body[at];
    const [value, after] = readVarint(body, at + 1);
    at = after;
    if (tag === 0x08) type = Number(value);
    else if (tag === 0x10) sum = Number(value);
    else if (tag === 0x1a) {
      data = body.subarray(at, at + Number(value));
      if (data.length !== Number(value)) throw new RangeError('cut short');
      at += data.length;
    } else throw new RangeError('no record');
  }
  return { type, sum, data };
}

/** The first three fields of a message that begins with numbers, by their number less one; raft's messages do. */
function numbers(message: Buffer): readonly bigint[] {
  const found: bigint[] = [];
  for (let at = 0; at < message.length;) {
    const tag = message[at] ?? 0;
    if ((tag & 7) !== 0) break;
    const [value, after] = readVarint(message, at + 1);
    found[(tag >> 3) - 1] = value;
    at = after;
  }
  return [found[0] ?? 0n, found[1] ?? 0n, found[2] ?? 0n];
}

function readVarint(bytes: Buffer, from: number): readonly [bigint, number] {
  let value = 0n;
  for (let at = from, shift = 0n; at < bytes.length && shift < 70n; at += 1, shift += 7n) {
    const byte = bytes[at] ?? 0;
    value |= BigInt(byte & 0x7f) << shift;
    if (byte < 0x80) return [value, at + 1];
  }
  throw new RangeError('cut short');
}

function varint(value: bigint): readonly number[] {
  const bytes: number[] = [];
  for (let left = value; ; left >>= 7n) {
    if (left < 0x80n) return [...bytes, Number(left)];
    bytes.push(Number(left & 0x7fn) | 0x80);
  }
}

const TABLE = new Uint32Array(256).map((_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1;
  return value;
});

/** CRC-32 by Castagnoli, going on from what came before. */
function crc32c(data: Buffer, before: number): number {
  let sum = ~before;
  for (let at = 0; at < data.length; at += 1)
    sum = (TABLE[(sum ^ (data[at] ?? 0)) & 0xff] ?? 0) ^ (sum >>> 8);
  return ~sum >>> 0;
}
