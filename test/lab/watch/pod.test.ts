import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { movesIn } from './address';
import { complaintOf, longestWithout, query, reach } from './pod-looks';
import type { PodTask } from './pod-looks';

const look = (at: number, answered: boolean, ms = 0) => ({ at, ms, answered, detail: '' });

describe('what a pod sees of its cluster', () => {
  it('is asked of DNS in one question for an address', () => {
    const asked = query(0x1234, 'a.svc.cluster.local');
    expect(asked.toString('hex')).toBe(
      '12340100' +
        '0001000000000000' +
        '0161' +
        '03737663' +
        '07636c7573746572' +
        '056c6f63616c' +
        '00' +
        '00010001',
    );
  });

  it('is an answer only where it is the answer to that question and has an address', () => {
    const reply = (id: number, code: number, answers: number): Buffer => {
      const packet = Buffer.alloc(12);
      packet.writeUInt16BE(id, 0);
      packet.writeUInt16BE(0x8000 | code, 2);
      packet.writeUInt16BE(answers, 6);
      return packet;
    };
    expect(complaintOf(reply(7, 0, 1), 7)).toBe('');
    expect(complaintOf(reply(8, 0, 1), 7)).toBeUndefined();
    expect(complaintOf(reply(7, 2, 0), 7)).toBe('DNS says 2');
    expect(complaintOf(reply(7, 0, 0), 7)).toBe('DNS knows no address');
    expect(complaintOf(Buffer.alloc(3), 7)).toBeUndefined();
  });

  it('is a service that takes a connection, or why it does not', async () => {
    const server = createServer(socket => socket.end()).listen(0, '127.0.0.1');
    await new Promise(resolve => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    const task: PodTask = {
      nameserver: '127.0.0.1',
      name: 'a',
      service: { address: '127.0.0.1', port },
      everyMs: 100,
      timeoutMs: 5000,
    };
    expect(await reach(task)).toMatchObject({ what: 'service', answered: true });
    await new Promise(resolve => server.close(resolve));
    const refused = await reach(task);
    expect(refused.answered).toBe(false);
    expect(refused.detail).toContain('ECONNREFUSED');
  });

  it('is away from one answer to the next, within the times that are looked at', () => {
    const looks = [
      look(50, true),
      look(100, true, 100),
      look(300, false),
      look(150, true, 750),
      look(1500, true),
    ];
    expect(longestWithout(looks, 0, 1000)).toBe(700);
    expect(longestWithout(looks, 300, 1000)).toBe(600);
    expect(longestWithout(looks, 900, 1500)).toBe(600);
    expect(longestWithout([], 100, 400)).toBe(300);
  });
});

describe('how often an address moved', () => {
  const owned = (at: number, ...owners: string[]) => ({ at, owners, reached: undefined });

  it('is counted from one host that had it alone to another one', () => {
    const seen = [
      owned(0, 'a'),
      owned(10, 'a', 'b'),
      owned(20, 'b'),
      owned(30),
      owned(40, 'b'),
      owned(50, 'a'),
    ];
    expect(movesIn(seen, 0)).toBe(2);
    expect(movesIn(seen, 30)).toBe(1);
    expect(movesIn([owned(0), owned(10, 'a')], 0)).toBe(0);
  });
});
