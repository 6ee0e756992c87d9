/** One record of etcd's write-ahead log (walpb.Record), with where the next one begins. */
export interface LogRecord {
  readonly type: number;
  readonly sum: number;
  readonly data: Buffer;
  readonly next: number;
}

/** Why no record can be read there; `torn` is what etcd passes over at the end of the last file, `damaged` is where it refuses to start. */
export type Unread = 'end' | 'torn' | 'damaged' | 'too-large';

/** Disks write sectors of this size whole or not at all (wal/decoder.go, minSectorSize). */
const SECTOR = 512;
const FRAME = 8;

/** Where a record stands, what stands before it, and what to make of a large one. */
export interface Place {
  readonly file: Buffer;
  readonly offset: number;
  /** The running checksum up to there. */
  readonly sum: number;
  /** From this size on a record is refused: etcd before 3.5 has such a limit (wal/decoder.go, maxWALEntrySizeLimit). */
  readonly limit: number;
  /** Takes a record by its form, whatever its checksum. */
  readonly unchecked?: true;
}

export const SUM = 4;

/** Reads a record as etcd 3.3 to 3.5 do (wal/decoder.go, decodeRecord and isTornEntry). */
export function recordAt({ file, offset, sum, limit, unchecked }: Place): LogRecord | Unread {
  if (offset === file.length) return 'end';
  if (offset + FRAME > file.length) return 'torn';
  const high = file.readUInt32LE(offset + 4);
  const length = file.readUInt32LE(offset) + (high & 0xffffff) * 2 ** 32;
  if (length === 0 && high === 0) return 'end';
  const padding = high >= 0x80000000 ? (high >>> 24) & 7 : 0;
  if (length >= limit - padding) return 'too-large';
  const next = offset + FRAME + length + padding;
  if (next > file.length) return 'torn';
  const isTorn = (): boolean => hasEmptySector(file, offset + FRAME, next);
  const parsed = parseRecord(file.subarray(offset + FRAME, offset + FRAME + length));
  // A message that ends too early is told as a file that ends too early, and so counts as torn whatever it holds.
  if (parsed === 'short') return 'torn';
  if (parsed === 'wrong') return isTorn() ? 'torn' : 'damaged';
  const isSummed = unchecked === true || parsed.type === SUM || crc32c(parsed.data, sum) === parsed.sum;
  if (!isSummed) return isTorn() ? 'torn' : 'damaged';
  return { ...parsed, next };
}

/** Whether a sector's part of it was never written. */
function hasEmptySector(file: Buffer, from: number, to: number): boolean {
  for (let at = from; at < to;) {
    const end = Math.min(to, at - (at % SECTOR) + SECTOR);
    if (file.subarray(at, end).every(byte => byte === 0)) return true;
    at = end;
  }
  return false;
}

/** A protobuf message that cannot be read: it ends too early, or it is none. */
type Unparsed = 'short' | 'wrong';

/** How the fields of a record are written, by their number: type and checksum are numbers, data is bytes. */
const WIRES: readonly (number | undefined)[] = [undefined, 0, 0, 2];

function parseRecord(body: Buffer): Omit<LogRecord, 'next'> | Unparsed {
  let [type, sum] = [0, 0];
  let data: Buffer = Buffer.alloc(0);
  for (let at = 0; at < body.length;) {
    const field = fieldAt(body, at, WIRES);
    if (typeof field === 'string') return field;
    if (field.number === 1) type = Number(BigInt.asIntN(64, field.value));
    if (field.number === 2) sum = Number(BigInt.asUintN(32, field.value));
    if (field.number === 3) data = body.subarray(field.from, field.next);
    at = field.next;
  }
  return { type, sum, data };
}

interface Field {
  readonly number: number;
  readonly wire: number;
  readonly value: bigint;
  /** Where its content begins, and where the next field does. */
  readonly from: number;
  readonly next: number;
}

function fieldAt(body: Buffer, at: number, wires: readonly (number | undefined)[] = []): Field | Unparsed {
  const tag = varintAt(body, at);
  if (typeof tag === 'string') return tag;
  const number = Number(BigInt.asIntN(32, tag.value >> 3n));
  const wire = Number(tag.value & 7n);
  if (number < 1 || (wires[number] ?? wire) !== wire) return 'wrong';
  const field = (next: number, value = 0n, from = tag.next): Field | Unparsed =>
    next > body.length ? 'short' : { number, wire, value, from, next };
  if (wire === 1) return field(tag.next + 8);
  if (wire === 5) return field(tag.next + 4);
  // Groups are of no message here; one that is begun by damage goes on until nothing fits.
  if (wire !== 0 && wire !== 2) return 'wrong';
  const value = varintAt(body, tag.next);
  if (typeof value === 'string') return value;
  if (wire === 0) return field(value.next, value.value);
  if (BigInt.asIntN(64, value.value) < 0n) return 'wrong';
  return field(value.next + Number(value.value), value.value, value.next);
}

function varintAt(bytes: Buffer, from: number): { readonly value: bigint; readonly next: number } | Unparsed {
  let value = 0n;
  for (let at = from, shift = 0n; ; at += 1, shift += 7n) {
    if (shift >= 64n) return 'wrong';
    const byte = bytes[at];
    if (byte === undefined) return 'short';
    value |= BigInt(byte & 0x7f) << shift;
    if (byte < 0x80) return { value: BigInt.asUintN(64, value), next: at + 1 };
  }
}

/** The first three fields of a message that begins with numbers, by their number less one; raft's messages do. */
export function numbers(message: Buffer): readonly [bigint, bigint, bigint] {
  const found: bigint[] = [];
  for (let at = 0; at < message.length;) {
    const field = fieldAt(message, at);
    if (typeof field === 'string' || field.wire !== 0) break;
    found[field.number - 1] = field.value;
    at = field.next;
  }
  return [found[0] ?? 0n, found[1] ?? 0n, found[2] ?? 0n];
}

/** The number at a place, where there is one. */
export function numberAt(bytes: Buffer, at: number): bigint | undefined {
  const found = varintAt(bytes, at);
  return typeof found === 'string' ? undefined : found.value;
}

/** A record as etcd writes it, with its frame (wal/encoder.go). */
export function frameOf(type: number, sum: number, data: Buffer): Buffer {
  const record = Buffer.concat([
    Buffer.from([0x08, type, 0x10, ...varint(BigInt(sum)), 0x1a, ...varint(BigInt(data.length))]),
    data,
  ]);
  const padding = (8 - (record.length % 8)) % 8;
  const frame = Buffer.alloc(FRAME + record.length + padding);
  frame.writeUInt32LE(record.length, 0);
  // How much is padding stands in the length's highest byte.
  if (padding > 0) frame[7] = 0x80 | padding;
  record.copy(frame, FRAME);
  return frame;
}

export function varint(value: bigint): readonly number[] {
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
export function crc32c(data: Buffer, before: number): number {
  let sum = ~before;
  for (let at = 0; at < data.length; at += 1)
    sum = (TABLE[(sum ^ (data[at] ?? 0)) & 0xff] ?? 0) ^ (sum >>> 8);
  return ~sum >>> 0;
}
