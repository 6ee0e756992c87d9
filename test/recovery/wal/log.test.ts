import { describe, expect, it } from 'vitest';
import {
  commitAll,
  LogReader,
  type LogContext,
  type LogDamage,
  type LogState,
} from '../../../source/recovery/wal/log';
import { LOG, WrittenLog } from './written';

function read(files: readonly Buffer[], context: LogContext = {}): LogState | LogDamage {
  const reader = new LogReader(context);
  for (const [at, file] of files.entries()) reader.add(file, at === files.length - 1);
  return reader.result();
}

function readLog(files: readonly Buffer[], context?: LogContext): LogState | undefined {
  const result = read(files, context);
  return 'damage' in result ? undefined : result;
}

describe("etcd's log", () => {
  it('is read as etcd 3.4 wrote it', () => {
    expect(readLog([LOG])).toEqual({
      term: 2n,
      vote: 0n,
      committed: 0n,
      last: 4n,
      end: 512,
      sum: 3133342860,
    });
  });

  it('ends where the space begins that was set aside', () => {
    expect(readLog([Buffer.concat([LOG, Buffer.alloc(4096)])])).toEqual(readLog([LOG]));
  });

  it('is no log where it is empty, or where a record in the middle is not what was written', () => {
    expect(readLog([])).toBeUndefined();
    expect(readLog([Buffer.alloc(64)])).toBeUndefined();
    const damaged = Buffer.from(LOG);
    damaged[300] = (damaged[300] ?? 0) ^ 1;
    expect(readLog([damaged])).toBeUndefined();
  });

  it('ends before a record that was cut short, in its length or in its content', () => {
    const cut = readLog([LOG.subarray(0, 500)]);
    expect(cut).toMatchObject({ last: 3n, end: 424 });
    expect(readLog([LOG.subarray(0, 428)])).toEqual(cut);
  });

  it('counts as agreed on to its last entry, once that is written to its end', () => {
    const state = readLog([LOG]);
    if (state === undefined) throw new Error('no log');
    const record = commitAll(state);
    expect(record.length % 8).toBe(0);
    const whole = readLog([Buffer.concat([LOG, record, Buffer.alloc(4096)])]);
    expect(whole).toMatchObject({ term: 2n, vote: 0n, committed: 4n, last: 4n, end: 512 + record.length });
  });

  it('goes on in the next file, whose first record holds the sum of the one before', () => {
    const state = readLog([LOG]);
    if (state === undefined) throw new Error('no log');
    const next = Buffer.alloc(16);
    next.writeUInt32LE(8, 0);
    // type 4, and the sum as a number of five bytes
    next.set([0x08, 4, 0x10], 8);
    for (let at = 0, left = state.sum; at < 5; at += 1, left = Math.floor(left / 128))
      next[11 + at] = (left % 128) + (at < 4 ? 128 : 0);
    const files = [LOG, Buffer.concat([next, commitAll(state)])];
    expect(readLog(files)).toMatchObject({ committed: 4n, last: 4n });
    // Its first file was removed when a snapshot had made it needless.
    expect(readLog(files.slice(1))).toBeUndefined();
    const begun = [new WrittenLog().add(5, Buffer.from([0x08, 4, 0x10, 2])).bytes, Buffer.alloc(0)];
    expect(readLog([...begun.slice(1), Buffer.concat([LOG, commitAll(state)])])).toMatchObject({ last: 4n });
    const wrong = Buffer.from(next);
    wrong[11] = (wrong[11] ?? 0) ^ 1;
    expect(readLog([LOG, Buffer.concat([wrong, commitAll(state)])])).toBeUndefined();
  });

  it('never throws, wherever it is cut or altered', () => {
    for (let at = 0; at < LOG.length; at += 1) {
      readLog([LOG.subarray(0, at)]);
      for (const bit of [1, 0x80]) {
        const altered = Buffer.from(LOG);
        altered[at] = (altered[at] ?? 0) ^ bit;
        expect(readLog([altered])?.committed ?? 0n).toBeLessThanOrEqual(2n ** 64n);
      }
    }
  });

  it('tells when a lease in it was renewed', () => {
    // A put of a lease: its LeaseSpec holds holder, duration, and when it was renewed.
    const renewed = Buffer.from([0x22, 0x0c, 0x08, ...[0x86, 0xc7, 0x97, 0xd8, 0x06], 0x10, 1, 2, 3, 4, 5]);
    const put = Buffer.concat([Buffer.from('/registry/leases/kube-system/kube-scheduler'), renewed]);
    const state = readLog([LOG]);
    if (state === undefined) throw new Error('no log');
    const seconds = [0x86, 0xc7, 0x97, 0xd8, 0x06].reduce(
      (sum, byte, at) => sum + (byte & 127) * 128 ** at,
      0,
    );
    expect(readLog([Buffer.concat([LOG, entry(state.sum, put)])])).toMatchObject({ time: seconds });
    expect(readLog([Buffer.concat([LOG, entry(state.sum, Buffer.from('/registry/pods/a'))])])).toEqual(
      expect.not.objectContaining({ time: expect.anything() as unknown }),
    );
  });
});

/**
 * By etcd's own rule (wal/decoder.go, isTornEntry; etcdserver/storage.go, readWAL; 3.3.25, 3.4.23 and 3.5.16): a record of the last file is torn
 * where a sector's part of it is all zeros, where its message ends too early, or where the file does. Anything else is damage, and etcd does not start.
 */
describe('a log that is not as it was written', () => {
  const SECTOR = 512;
  const long = (): WrittenLog =>
    new WrittenLog().entry(1).state(1).entry(2).state(1).entry(3, 1500).state(2).entry(4).state(3);
  const zeroed = (bytes: Buffer, from: number, to: number): Buffer => Buffer.from(bytes).fill(0, from, to);
  const flipped = (bytes: Buffer, at: number): Buffer => {
    const copy = Buffer.from(bytes);
    copy[at] = (copy[at] ?? 0) ^ 0x10;
    return copy;
  };
  const before = (): number => new WrittenLog().entry(1).state(1).entry(2).state(1).length;

  it.each([
    ['in the middle', 30],
    ['of the last record', -3],
    ['of the record before the last one', -40],
  ])('is damaged where a byte %s is another one', (_, at) => {
    const whole = new WrittenLog().entry(1).state(1).entry(2).state(1).entry(3).entry(4).state(3);
    const file = Buffer.concat([whole.bytes, Buffer.alloc(4096)]);
    const place = at > 0 ? before() + 20 + at : whole.length + at;
    expect(read([flipped(file, place)])).toMatchObject({
      damage: expect.stringContaining('checksum is wrong') as string,
    });
  });

  it('is torn where a whole sector of a record was not written, whatever stands behind it', () => {
    const file = Buffer.concat([long().bytes, Buffer.alloc(4096)]);
    const sector = Math.ceil((before() + 100) / SECTOR) * SECTOR;
    expect(read([zeroed(file, sector, sector + SECTOR)])).toMatchObject({
      committed: 1n,
      last: 2n,
      end: before(),
      // What etcd passes over says itself that more was agreed on.
      behind: { last: 4n, committed: 3n },
    });
  });

  it('is torn at its end alone: the rest of one batch behind it tells of nothing that was agreed on', () => {
    const whole = new WrittenLog().entry(1).state(1).entry(2, 1500).state(1);
    const start = new WrittenLog().entry(1).state(1).length;
    const sector = Math.ceil((start + 100) / SECTOR) * SECTOR;
    const state = readLog([zeroed(Buffer.concat([whole.bytes, Buffer.alloc(64)]), sector, sector + SECTOR)]);
    expect(state).toMatchObject({ committed: 1n, last: 1n, end: start });
    expect(state?.behind?.committed ?? 0n).toBeLessThanOrEqual(1n);
  });

  it('is damaged where zeros are no whole sector', () => {
    const file = Buffer.concat([long().bytes, Buffer.alloc(4096)]);
    const sector = Math.ceil((before() + 100) / SECTOR) * SECTOR;
    expect(readLog([zeroed(file, sector, sector + SECTOR - 1)])).toBeUndefined();
  });

  it('may be torn in its last file only', () => {
    const first = long();
    const second = new WrittenLog(first.sum).entry(5).state(4).bytes;
    const sector = Math.ceil((before() + 100) / SECTOR) * SECTOR;
    expect(readLog([first.bytes, second])).toMatchObject({ committed: 4n });
    expect(readLog([zeroed(first.bytes, sector, sector + SECTOR), second])).toBeUndefined();
    expect(readLog([first.bytes.subarray(0, -20), second])).toBeUndefined();
    expect(readLog([Buffer.concat([first.bytes, Buffer.from([1, 2, 3, 4])]), second])).toBeUndefined();
    expect(readLog([zeroed(first.bytes, before(), first.length), second])).toBeUndefined();
  });

  it('ends at a length of zero, although records follow', () => {
    const file = zeroed(long().bytes, before(), before() + 8);
    expect(read([file])).toMatchObject({ committed: 1n, last: 2n, behind: { committed: 3n } });
  });

  it('is torn where the file ends within a record, at any byte of it', () => {
    const { bytes } = new WrittenLog().entry(1).state(1).entry(2).state(1).entry(3);
    for (let end = before() + 1; end < bytes.length; end += 1) {
      expect([end, readLog([bytes.subarray(0, end)])]).toEqual([
        end,
        expect.objectContaining({ committed: 1n, last: 2n, end: before() }),
      ]);
    }
  });

  it('is torn where a message says that it is longer than its record, as etcd takes it', () => {
    const file = Buffer.concat([
      new WrittenLog().entry(1).state(1).entry(2).state(1).entry(3).bytes,
      Buffer.alloc(64),
    ]);
    const length = file.indexOf(0x1a, before() + 8) + 1;
    file[length] = 0x7f;
    expect(readLog([file])).toMatchObject({ last: 2n, end: before() });
  });

  it('is damaged where a length is too large for etcd before 3.5, and torn for 3.5', () => {
    const file = Buffer.concat([long().bytes, Buffer.alloc(4096)]);
    file[before() + 3] = 0x01;
    expect(read([file])).toMatchObject({ damage: expect.stringContaining('length of a record') as string });
    expect(readLog([file], { limited: false })).toMatchObject({ last: 2n });
  });

  it('is damaged where a file is missing in its middle, or where entries are', () => {
    const first = long();
    const second = new WrittenLog(first.sum).entry(5).state(4);
    const third = new WrittenLog(second.sum).entry(6).state(5);
    expect(readLog([first, second, third].map(({ bytes }) => bytes))).toMatchObject({ committed: 5n });
    expect(readLog([first.bytes, third.bytes])).toBeUndefined();
    expect(read([new WrittenLog().entry(1).entry(4).state(4).bytes])).toMatchObject({
      damage: 'the entries from 1 to 3 are missing',
    });
  });

  it('may begin behind a snapshot of raft that is there, and not behind one that is not', () => {
    const file = new WrittenLog(7)
      .add(5, Buffer.from([0x08, 90, 0x10, 2]))
      .state(90)
      .entry(91)
      .state(91).bytes;
    expect(readLog([file], { snapshots: [90n] })).toMatchObject({ committed: 91n, last: 91n });
    expect(read([file], { snapshots: [] })).toEqual({ damage: 'the entries from 1 to 90 are missing' });
  });

  it('is damaged where it ends before what was agreed on, or names two members', () => {
    expect(read([new WrittenLog().entry(1).state(3).bytes])).toEqual({
      damage: 'it ends at entry 1, and the cluster had agreed up to 3',
    });
    expect(
      read([
        new WrittenLog()
          .entry(1)
          .state(1)
          .add(1, Buffer.from([0x08, 9])).bytes,
      ]),
    ).toMatchObject({
      damage: expect.stringContaining('another member') as string,
    });
    expect(
      readLog([
        new WrittenLog()
          .entry(1)
          .state(1)
          .add(6, Buffer.from([0x08, 9])).bytes,
      ]),
    ).toBeUndefined();
  });
});

/** An entry with that content, made from what commitAll makes: its record has the same frame and sum, and another type and data. */
function entry(sum: number, content: Buffer): Buffer {
  const data = Buffer.concat([Buffer.from([0x08, 0, 0x10, 2, 0x18, 5, 0x22, content.length]), content]);
  const body = Buffer.concat([
    Buffer.from([0x08, 2, 0x10, ...varint(castagnoli(data, sum)), 0x1a, data.length]),
    data,
  ]);
  const frame = Buffer.alloc(8 + Math.ceil(body.length / 8) * 8);
  frame.writeUInt32LE(body.length, 0);
  if (body.length % 8 !== 0) frame[7] = 0x80 | (8 - (body.length % 8));
  body.copy(frame, 8);
  return frame;
}

function varint(value: number): readonly number[] {
  return value < 128 ? [value] : [(value % 128) + 128, ...varint(Math.floor(value / 128))];
}

/** Bit by bit, as it is defined. */
function castagnoli(data: Buffer, before: number): number {
  let sum = ~before >>> 0;
  for (const byte of data) {
    sum = (sum ^ byte) >>> 0;
    for (let bit = 0; bit < 8; bit += 1) sum = sum & 1 ? ((sum >>> 1) ^ 0x82f63b78) >>> 0 : sum >>> 1;
  }
  return ~sum >>> 0;
}
