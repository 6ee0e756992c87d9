import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createPlain, type RequestListener, type Server } from 'node:http';
import { createServer as createTls } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CertificateSpec } from '../../source/engine/change';
import type { HttpRequest } from '../../source/engine/host';
import { Secret } from '../../source/engine/secret';
import { LocalHost } from '../../source/hosts/local';
import { makeCertificate } from '../../source/pki/make';

const host = new LocalHost();
const servers: Server[] = [];
let directory: string;
let plain: number;
let right: number;
let wrongName: number;
let mutual: number;

let asked = 0;

const echo: RequestListener = (request, response) => {
  asked += 1;
  if (request.url === '/never') return;
  if (request.method === 'POST') {
    request.pipe(response);
    return;
  }
  response.writeHead(request.url === '/missing' ? 404 : 200, {
    'X-Method': request.method,
    'WWW-Authenticate': ['Basic', 'Bearer'],
    'X-Accepted': request.rawHeaders.filter(one => one.toLowerCase() === 'accept').length,
  });
  response.end(
    `${request.headers.authorization ?? 'nobody'} at ${request.headers.host?.split(':')[0] ?? ''}`,
  );
};

async function listening(server: Server): Promise<number> {
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

function path(name: string): string {
  return join(directory, name);
}

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'request-'));
  const caSpec: CertificateSpec = {
    certPath: path('ca.crt'),
    keyPath: path('ca.key'),
    commonName: 'ca',
    dnsNames: [],
    addresses: [],
    usage: 'ca',
    days: 10,
  };
  const leaf: CertificateSpec = { ...caSpec, commonName: 'leaf', usage: 'peer', issuer: caSpec };
  const issuer = await makeCertificate(caSpec);
  const named = await makeCertificate(
    { ...leaf, addresses: ['127.0.0.1'], dnsNames: ['localhost'] },
    { issuer },
  );
  const other = await makeCertificate({ ...leaf, addresses: ['127.0.0.2'] }, { issuer });
  writeFileSync(path('ca.crt'), issuer.cert);
  writeFileSync(path('client.crt'), named.cert);
  writeFileSync(path('client.key'), named.key.reveal());
  plain = await listening(createPlain(echo));
  right = await listening(createTls({ cert: named.cert, key: named.key.reveal() }, echo));
  wrongName = await listening(createTls({ cert: other.cert, key: other.key.reveal() }, echo));
  mutual = await listening(
    createTls({ cert: named.cert, key: named.key.reveal(), ca: issuer.cert, requestCert: true }, echo),
  );
});

afterAll(() => {
  for (const server of servers) server.close();
  rmSync(directory, { recursive: true });
});

describe('requests', () => {
  it('bring status, headers and body', async () => {
    const outcome = await host.request({
      url: `http://127.0.0.1:${plain}/missing`,
      headers: { Authorization: new Secret('Basic Y2FuYXJ5') },
    });
    expect(outcome).toMatchObject({
      status: 404,
      body: 'Basic Y2FuYXJ5 at 127.0.0.1',
      headers: { 'x-method': 'GET' },
    });
    const head = await host.request({ url: `http://127.0.0.1:${plain}/`, method: 'HEAD' });
    expect(head).toMatchObject({ status: 200, body: '', headers: { 'x-method': 'HEAD' } });
  });

  it('post a body', async () => {
    const url = `http://127.0.0.1:${plain}/`;
    expect(await host.request({ url, method: 'POST', body: '{"a":1}' })).toMatchObject({ body: '{"a":1}' });
  });

  it('do not go through proxies of the environment', async () => {
    process.env['http_proxy'] = 'http://127.0.0.1:1';
    const outcome = await host.request({ url: `http://127.0.0.1:${plain}/` });
    delete process.env['http_proxy'];
    expect(outcome).toMatchObject({ status: 200 });
  });

  it('trust the given CA, by address and by name', async () => {
    for (const name of ['127.0.0.1', 'localhost']) {
      const outcome = await host.request({ url: `https://${name}:${right}/`, caFile: path('ca.crt') });
      expect(outcome).toMatchObject({ status: 200 });
    }
  });

  it('refuse an unknown CA even where the environment says not to verify', async () => {
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
    const outcome = await host.request({ url: `https://127.0.0.1:${right}/` });
    delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
    expect(outcome).toMatchObject({ error: expect.stringContaining('unable to verify') as string });
  });

  it('refuse a certificate for another address', async () => {
    const outcome = await host.request({ url: `https://127.0.0.1:${wrongName}/`, caFile: path('ca.crt') });
    expect(outcome).toMatchObject({ error: expect.stringContaining('127.0.0.1') as string });
  });

  it('show a client certificate, and are refused without one', async () => {
    const url = `https://127.0.0.1:${mutual}/`;
    const files = { caFile: path('ca.crt'), certFile: path('client.crt'), keyFile: path('client.key') };
    expect(await host.request({ url, ...files })).toMatchObject({ status: 200 });
    expect(await host.request({ url, caFile: path('ca.crt') })).toHaveProperty('error');
  });

  describe('verified as docker does it', () => {
    const rules = { commonName: false, sha1: false, tls12: true };
    const ask = (port: number, trust: HttpRequest['trust'], more: Partial<HttpRequest> = {}) =>
      host.request({
        url: `https://127.0.0.1:${port}/`,
        headers: { authorization: new Secret('x') },
        ...(trust && { trust }),
        ...more,
      });

    it('take a CA, an issuing CA, and the certificate itself', async () => {
      for (const file of ['ca.crt', 'client.crt']) {
        expect(await ask(right, { files: [path(file)], ...rules })).toMatchObject({ body: 'x at 127.0.0.1' });
      }
      expect(await ask(wrongName, { files: [path('ca.crt')], ...rules })).toMatchObject({
        error: expect.stringContaining('it is for 127.0.0.2, not for 127.0.0.1') as string,
      });
    });

    it('send nothing to a server that is not trusted', async () => {
      const before = asked;
      expect(await ask(right, { files: [], ...rules })).toMatchObject({
        error: 'certificate signed by unknown authority "ca"',
      });
      expect(asked).toBe(before);
    });

    it('take any server where docker takes any', async () => {
      expect(await ask(wrongName, 'anyone')).toMatchObject({ status: 200 });
    });

    it('show a client certificate', async () => {
      const trust = { files: [path('ca.crt')], ...rules };
      const pair = { certFile: path('client.crt'), keyFile: path('client.key') };
      expect(await ask(mutual, trust, pair)).toMatchObject({ status: 200 });
      expect(await ask(mutual, trust)).toHaveProperty('error');
    });

    it('say why there is no answer', async () => {
      const trust = { files: [], ...rules };
      expect(await ask(1, trust)).toEqual({ error: 'connect ECONNREFUSED 127.0.0.1:1' });
      const odd = await ask(plain, trust);
      expect(odd).toMatchObject({
        error: expect.stringMatching(/wrong version number|packet length/) as string,
      });
      expect(await ask(right, { ...trust, files: [path('none')] })).toMatchObject({
        error: expect.stringContaining('ENOENT') as string,
      });
    });
  });

  it('bring each line of a header that comes several times', async () => {
    const outcome = await host.request({
      url: `http://127.0.0.1:${plain}/`,
      headers: { accept: ['a/b', 'c/d'] },
    });
    expect(outcome).toMatchObject({ headers: { 'www-authenticate': 'Basic\nBearer', 'x-accepted': '2' } });
  });

  it('say in one line why there is no answer', async () => {
    const closed = await host.request({ url: 'http://127.0.0.1:1/' });
    expect(closed).toEqual({ error: 'connect ECONNREFUSED 127.0.0.1:1' });
    const silent = await host.request({ url: `http://127.0.0.1:${plain}/never`, timeoutMs: 100 });
    expect(silent).toEqual({ error: 'no answer within 0.1 s' });
    const file = await host.request({ url: `https://127.0.0.1:${right}/`, caFile: path('none') });
    expect(file).toMatchObject({ error: expect.stringContaining('ENOENT') as string });
    expect(await host.request({ url: 'no url' })).toHaveProperty('error');
  });
});
