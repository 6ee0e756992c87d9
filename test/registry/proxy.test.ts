import { once } from 'node:events';
import { createServer, request } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Secret } from '../../source/engine/secret';
import { localRequest } from '../../source/hosts/local-request';
import { imagesMissing } from '../../source/registry/presence';
import { proxiesIn, proxyFor } from '../../source/registry/proxy';
import { runningDocker } from '../../source/registry/puller';
import { FakeHost } from '../support/fake-host';
import { ADDRESS, answer, DOCKER, IMAGE, MANIFEST, registry, SITE, there } from './asking';
import { make } from '../support/certificates';
import { MAKES } from './makes';
import { standIn } from './standins';

const environment = (given: Record<string, string>) => proxiesIn(new Map(Object.entries(given)));
const PROXY = 'http://proxy.example:3128';

describe('the proxy that docker goes by', () => {
  it.each([
    ['https://reg.example/', '', 19, true],
    ['https://reg.example:5000/', 'reg.example', 19, false],
    ['https://a.reg.example/', 'reg.example', 19, false],
    ['https://reg.example/', '.example', 19, false],
    ['https://reg.example/', '*.example', 19, false],
    ['https://example/', '.example', 19, true],
    ['https://myreg.example/', 'reg.example', 19, true],
    ['https://reg.example:5000/', 'a, reg.example:5000', 19, false],
    ['https://reg.example:5001/', 'reg.example:5000', 19, true],
    ['https://reg.example/', 'reg.example:443', 19, false],
    ['https://10.0.0.5:5000/', '10.0.0.0/24', 19, false],
    ['https://10.0.1.5:5000/', '10.0.0.0/24,10.0.1.6', 19, true],
    ['https://10.0.0.5/', '10.0.0.5', 19, false],
    ['https://reg.example/', '*', 19, false],
    ['https://localhost:5000/', '', 19, false],
    ['https://127.0.0.1:5000/', '', 19, false],
  ])('leads to %s with NO_PROXY=%s (Go 1.%i): %s', (url, none, go, by) => {
    const proxies = environment({ HTTPS_PROXY: PROXY, NO_PROXY: none });
    expect(proxyFor(new URL(url), proxies, go)?.reveal()).toBe(by ? PROXY : undefined);
  });

  it('is HTTP_PROXY for HTTPS, too, up to Go 1.15', () => {
    const proxies = environment({ http_proxy: 'proxy.example:3128' });
    expect(proxyFor(new URL('https://reg.example/'), proxies, 10)?.reveal()).toBe(PROXY);
    expect(proxyFor(new URL('https://reg.example/'), proxies, 16)).toBeUndefined();
    expect(proxyFor(new URL('http://reg.example/'), proxies, 16)?.reveal()).toBe(PROXY);
  });

  it('is asked for everything, and named where it does not answer', async () => {
    const host = registry({ [`https://${ADDRESS}/v2/`]: answer(200), [MANIFEST]: there });
    const docker = { ...DOCKER, proxies: environment({ HTTPS_PROXY: PROXY }) };
    expect(await imagesMissing(host, SITE, [IMAGE], docker)).toEqual([]);
    expect(host.requests.map(({ proxy }) => proxy?.reveal())).toEqual([PROXY, PROXY]);
    host.respond(/./, { error: 'connect ECONNREFUSED 10.0.0.9:3128' });
    const [missing] = await imagesMissing(host, SITE, [IMAGE], docker);
    expect(missing?.reason).toMatch(/^by docker's proxy: nothing listens there/);
  });

  it.each([
    [
      'a drop-in',
      {
        '/etc/systemd/system/docker.service.d/proxy.conf': `[Service]\nEnvironment="HTTPS_PROXY=${PROXY}" "NO_PROXY=a,b"\n`,
      },
    ],
    [
      'one without quotes',
      {
        '/etc/systemd/system/docker.service.d/proxy.conf': `Environment=HTTPS_PROXY=${PROXY} NO_PROXY=a,b\n`,
      },
    ],
    [
      "EL7's file",
      { '/etc/sysconfig/docker': `OPTIONS='--log-driver=journald'\nHTTPS_PROXY="${PROXY}"\nNO_PROXY=a,b\n` },
    ],
  ])('is read from %s where docker does not run', async (_, files) => {
    const host = new FakeHost(files).answer(/^(docker|rpm|systemctl) /, { code: 1 });
    const { proxies } = await runningDocker(host);
    expect([proxies?.https?.reveal(), proxies?.none]).toEqual([PROXY, 'a,b']);
  });

  it('is read with its login where docker hides that', async () => {
    const file = { '/etc/sysconfig/docker': 'HTTPS_PROXY=http://me:canary@proxy.example:3128\n' };
    const host = new FakeHost(file)
      .answer(/^docker version/, 'go1.19.8\n')
      .answer(
        /^docker info/,
        '{"ServerVersion":"20.10.24","HttpsProxy":"http://xxxxx:xxxxx@proxy.example:3128"}',
      )
      .answer(/^systemctl /, { code: 1 });
    const found = await runningDocker(host);
    expect(found.proxies?.https?.reveal()).toContain('canary');
    expect(JSON.stringify(found)).not.toContain('canary');
  });
});

describe('requests by a proxy', () => {
  const seen: string[] = [];
  const server = createServer((asked, response) => {
    seen.push(`${asked.method ?? ''} ${asked.url ?? ''} ${asked.headers['proxy-authorization'] ?? '-'}`);
    const { headers } = asked;
    request(asked.url ?? '', { headers }, got =>
      got.pipe(response.writeHead(got.statusCode ?? 0, got.headers)),
    ).end();
  });
  server.on('connect', (asked, socket) => {
    seen.push(`CONNECT ${asked.url ?? ''}`);
    if (asked.url === '127.0.0.1:1') {
      socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
      return;
    }
    const there = connect(Number(asked.url?.split(':')[1]), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      there.pipe(socket).pipe(there);
    });
  });
  let proxy: Secret;

  beforeAll(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    proxy = new Secret(`http://me:p%40ss@127.0.0.1:${(server.address() as AddressInfo).port}`);
  });
  afterAll(() => server.close());

  it('are tunnelled for HTTPS, and the server is verified behind it', async () => {
    const own = make({ name: 'proxied', for: ['127.0.0.1'] });
    const there = await standIn({
      make: MAKES.distribution,
      images: {},
      tls: { cert: own.pem, key: own.key.pem },
    });
    const url = `https://${there.address}/v2/`;
    expect(await localRequest({ url, proxy, trust: 'anyone' })).toMatchObject({ status: 200 });
    const trust = { files: [], commonName: false, sha1: false, tls12: true };
    expect(await localRequest({ url, proxy, trust })).toMatchObject({
      error: 'certificate signed by unknown authority "proxied"',
    });
    there.close();
    expect(seen).toContain(`CONNECT ${there.address}`);
  });

  it('are asked of it whole for plain HTTP, with its login', async () => {
    const there = await standIn({ make: MAKES.distribution, images: {} });
    const url = `http://${there.address}/v2/`;
    expect(await localRequest({ url, proxy })).toMatchObject({ status: 200 });
    there.close();
    expect(seen).toContain(`GET ${url} Basic ${Buffer.from('me:p@ss').toString('base64')}`);
  });

  it('say what it answers, and not its login', async () => {
    const outcome = await localRequest({ url: 'https://127.0.0.1:1/', proxy, trust: 'anyone' });
    expect(outcome).toEqual({ error: 'the proxy answers 403 to CONNECT 127.0.0.1:1' });
  });
});
