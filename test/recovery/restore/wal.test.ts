import { describe, expect, it } from 'vitest';
import { commitAll, readLog } from '../../../source/recovery/restore/wal';
import { LOG } from './log';

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
    const torn = Buffer.concat([LOG.subarray(0, 480), Buffer.alloc(4096)]);
    expect(readLog([torn])).toEqual(cut);
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
    expect(readLog(files.slice(1))).toMatchObject({ committed: 4n });
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
