import { once } from 'node:events';
import { createServer } from 'node:https';
import type { Server } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { CertificateSpec } from '../../../source/engine/change';
import { makeCertificate } from '../../../source/pki/make';
import { until } from '../hosts/until';
import { hardwareAddress, hasAddress } from './address';
import { ApiClient } from './api';
import type { ApiAccess } from './api';
import { longestAbsence } from './looks';
import type { Look } from './looks';
import { Writer } from './writer';
import { judge, longestPause, tally } from './writes';
import type { Attempt } from './writes';

type Behaviour = 'well' | 'stores and says nothing' | 'fails' | 'hangs up';

/** An API that stores ConfigMaps, and fails in the ways that one does when its master is lost. */
class FakeApi {
  readonly stored = new Map<string, number>();
  behaviour: Behaviour = 'well';

  answer(request: IncomingMessage, response: ServerResponse, body: string): void {
    if (request.method === 'GET') {
      const asked = this.stored.get(request.url?.split('/').pop() ?? '');
      const items = [...this.stored.keys()].map(name => ({ metadata: { name } }));
      const one = { metadata: { resourceVersion: String(asked) } };
      response.end(JSON.stringify(asked === undefined ? { items } : one));
      return;
    }
    if (this.behaviour === 'hangs up') {
      request.socket.destroy();
      return;
    }
    if (this.behaviour === 'fails') {
      response.writeHead(500).end('etcdserver: request timed out');
      return;
    }
    const { name } = (JSON.parse(body) as { metadata: { name: string } }).metadata;
    const there = this.stored.has(name);
    const revision = this.stored.get(name) ?? 1000 + this.stored.size;
    this.stored.set(name, revision);
    const said = there ? {} : { metadata: { resourceVersion: String(revision) } };
    if (this.behaviour === 'well') response.writeHead(there ? 409 : 201).end(JSON.stringify(said));
  }
}

describe('a writer', () => {
  let server: Server;
  let access: ApiAccess;
  let api: FakeApi;

  beforeAll(async () => {
    const caSpec: CertificateSpec = {
      certPath: '',
      keyPath: '',
      commonName: 'ca',
      dnsNames: [],
      addresses: [],
      usage: 'ca',
      days: 10,
    };
    const leaf: CertificateSpec = {
      ...caSpec,
      commonName: 'leaf',
      usage: 'peer',
      issuer: caSpec,
      dnsNames: ['vip.lab'],
    };
    const issuer = await makeCertificate(caSpec);
    const pair = await makeCertificate(leaf, { issuer });
    const key = pair.key.reveal();
    const secured = { cert: pair.cert, key, ca: issuer.cert, requestCert: true };
    server = createServer(secured, (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        api.answer(request, response, Buffer.concat(chunks).toString());
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    access = { address: '127.0.0.1', name: 'vip.lab', port, ca: issuer.cert, cert: pair.cert, key };
  });

  beforeEach(() => {
    api = new FakeApi();
  });

  afterAll(() => {
    server.close();
  });

  it('writes one object after the other, and finds each that is lost', async () => {
    const writer = await Writer.start(access, { everyMs: 1 });
    await until('ten writes', 20_000, () => {
      expect(writer.counts.acknowledged).toBeGreaterThan(10);
    });
    await writer.stop();
    expect(api.stored.size).toBe(writer.counts.acknowledged);
    expect(await writer.lost()).toEqual([]);
    const [first = ''] = api.stored.keys();
    api.stored.delete(first);
    expect(await writer.lost()).toEqual([first]);
  });

  it('knows nothing of a write that nobody answered, and learns that it is there', async () => {
    const writer = await Writer.start(access, { everyMs: 1, timeoutMs: 50 });
    api.behaviour = 'stores and says nothing';
    await until('an unclear write', 20_000, () => {
      expect(writer.counts.unclear).toBeGreaterThan(0);
    });
    api.behaviour = 'well';
    await writer.writesAfter(Date.now());
    await writer.stop();
    const numbers = writer.attempts.filter(one => one.outcome === 'acknowledged').map(one => one.number);
    expect(numbers).toEqual(numbers.map((_, index) => index + 1));
    expect(writer.attempts.filter(one => one.detail === '409')).toHaveLength(1);
    expect(await writer.lost()).toEqual([]);
    expect(writer.newerThan(0)).toEqual([...api.stored.keys()]);
  });

  it('remembers the revision of each write, and so which are lost when a cluster goes back to one', async () => {
    const writer = await Writer.start(access, { everyMs: 1 });
    await until('ten writes', 20_000, () => {
      expect(writer.counts.acknowledged).toBeGreaterThan(10);
    });
    await writer.stop();
    const backTo = 1004;
    for (const [name, revision] of api.stored) if (revision > backTo) api.stored.delete(name);
    const lost = await writer.lost();
    expect(lost).toHaveLength(writer.counts.acknowledged - 5);
    expect(writer.newerThan(backTo)).toEqual(lost);
  });

  it.each<Behaviour>(['fails', 'hangs up'])('goes on after an API that %s', async behaviour => {
    const writer = await Writer.start(access, { everyMs: 1 });
    api.behaviour = behaviour;
    await until('an unclear write', 20_000, () => {
      expect(writer.counts.unclear).toBeGreaterThan(0);
    });
    api.behaviour = 'well';
    await writer.writesAfter(Date.now());
    await writer.stop();
    expect(await writer.lost()).toEqual([]);
  });

  it('sends nothing to one that cannot prove to be the API', async () => {
    const client = new ApiClient({ ...access, name: 'another.lab' }, 20_000);
    const answer = await client.ask('POST', '/', {});
    client.close();
    expect(answer).toMatchObject({ sent: false, error: expect.stringContaining('another.lab') as string });
  });
});

describe('what is told of writes', () => {
  const attempt = (at: number, outcome: Attempt['outcome']): Attempt => ({
    number: 1,
    at,
    ms: 10,
    outcome,
    detail: '',
  });

  it('is the longest time between two that were acknowledged', () => {
    const attempts = [
      attempt(0, 'acknowledged'),
      attempt(500, 'acknowledged'),
      attempt(600, 'refused'),
      attempt(700, 'unclear'),
      attempt(800, 'acknowledged'),
    ];
    expect(longestPause(attempts)).toEqual({ from: 10, to: 510, ms: 500 });
    expect(longestPause(attempts, 510)).toEqual({ from: 510, to: 810, ms: 300 });
    expect(tally(attempts)).toEqual({ acknowledged: 3, refused: 1, unclear: 1 });
  });

  it('is not an acknowledgement where nobody said so', () => {
    expect(judge({ status: 201, body: '' }, false).outcome).toBe('acknowledged');
    expect(judge({ status: 409, body: '' }, true).outcome).toBe('acknowledged');
    expect(() => judge({ status: 409, body: '' }, false)).toThrow('never written');
    expect(judge({ status: 504, body: '' }, false).outcome).toBe('unclear');
    expect(judge({ status: 429, body: '' }, false).outcome).toBe('refused');
    expect(judge({ error: 'ECONNREFUSED', sent: false }, false).outcome).toBe('refused');
    expect(judge({ error: 'ECONNRESET', sent: true }, false).outcome).toBe('unclear');
  });
});

describe('how long an API was away', () => {
  const look = (at: number, answered: boolean): Look => ({
    at,
    ms: 10,
    answered,
    detail: answered ? '200' : 'ECONNREFUSED',
  });

  it('is from the last answer to the next, with what was met between', () => {
    const looks = [look(0, true), look(100, true), look(200, false), look(900, false), look(1000, true)];
    expect(longestAbsence(looks, 0, 1010)).toEqual({ from: 110, to: 1010, ms: 900, met: ['ECONNREFUSED'] });
    expect(longestAbsence(looks, 1010, 1050)).toMatchObject({ from: 1010, ms: 40 });
  });

  it('is until now where it has not come back', () => {
    expect(longestAbsence([look(0, true), look(100, false)], 0, 5000)).toMatchObject({ from: 10, ms: 4990 });
  });
});

describe('who has an address', () => {
  it('is whose kernel takes it for its own', () => {
    const table = [
      'Local:',
      '           |-- 10.160.1.100',
      '              /32 host LOCAL',
      '           |-- 10.160.1.200',
      '              /32 link UNICAST',
    ].join('\n');
    expect(hasAddress(table, '10.160.1.100')).toBe(true);
    expect(hasAddress(table, '10.160.1.10')).toBe(false);
    expect(hasAddress(table, '10.160.1.200')).toBe(false);
  });

  it('is reached at the card that answered last', () => {
    const table = [
      'IP address       HW type     Flags       HW address            Mask     Device',
      '10.160.1.11      0x1         0x2         1a:2b:3c:4d:5e:6f     *        kel7-1',
      '10.160.1.12      0x1         0x0         00:00:00:00:00:00     *        kel7-1',
    ].join('\n');
    expect(hardwareAddress(table, '10.160.1.11')).toBe('1a:2b:3c:4d:5e:6f');
    expect(hardwareAddress(table, '10.160.1.12')).toBeUndefined();
    expect(hardwareAddress(table, '10.160.1.1')).toBeUndefined();
  });
});
