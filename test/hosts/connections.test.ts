import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TLSSocket } from 'node:tls';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { CertificateSpec } from '../../source/engine/change';
import { LocalHost } from '../../source/hosts/local';
import { makeCertificate } from '../../source/pki/make';

const host = new LocalHost();
let directory: string;
let server: Server;
let port: number;
let connections: number;
/** The path /once is answered on a connection's first request only; on a later one the connection is cut. */
let answered: WeakMap<object, number>;
const pairs = new Map<string, Awaited<ReturnType<typeof makeCertificate>>>();

function path(name: string): string {
  return join(directory, name);
}

async function writePair(name: string, spec: Partial<CertificateSpec>, issuer?: string) {
  const whole: CertificateSpec = {
    certPath: path(`${name}.crt`),
    keyPath: path(`${name}.key`),
    commonName: name,
    dnsNames: [],
    addresses: [],
    usage: 'ca',
    days: 10,
    ...(issuer && { issuer: { certPath: path(`${issuer}.crt`), keyPath: path(`${issuer}.key`) } }),
    ...spec,
  };
  const signer = issuer === undefined ? undefined : pairs.get(issuer);
  const made = await makeCertificate(whole, signer ? { issuer: signer } : {});
  pairs.set(name, made);
  writeFileSync(whole.certPath, made.cert);
  writeFileSync(whole.keyPath, made.key.reveal());
  return made;
}

/** Whom the other side says to be; an absent certificate is an empty object. */
function shownName(socket: Socket): string {
  const { subject }: { subject?: { CN: string } } =
    socket instanceof TLSSocket ? socket.getPeerCertificate() : {};
  return subject?.CN ?? 'nobody';
}

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'connections-'));
  connections = 0;
  answered = new WeakMap();
  const ca = await writePair('ca', {});
  const leaf = { usage: 'peer', addresses: ['127.0.0.1'] } as const;
  const { cert, key } = await writePair('server', leaf, 'ca');
  server = createServer(
    { cert, key: key.reveal(), ca: ca.cert, requestCert: true, rejectUnauthorized: false },
    (request, response) => {
      const { socket } = request;
      const times = (answered.get(socket) ?? 0) + 1;
      answered.set(socket, times);
      if (request.url === '/news') response.write('the first\nand more');
      else if (request.url === '/silence') response.flushHeaders();
      else if (request.url === '/never' || (request.url === '/once' && times > 1)) socket.destroy();
      else response.end(`${shownName(socket)} ${times}`);
    },
  );
  server.on('secureConnection', () => (connections += 1));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  port = (server.address() as AddressInfo).port;
});

afterEach(() => {
  server.close();
  rmSync(directory, { recursive: true });
});

async function ask(url = '/', files: Record<string, string> = {}): Promise<string> {
  const answer = await host.request({
    url: `https://127.0.0.1:${port}${url}`,
    caFile: path('ca.crt'),
    ...files,
  });
  return 'error' in answer ? answer.error : answer.body;
}

describe('connections', () => {
  it('are used again', async () => {
    expect([await ask(), await ask(), await ask()]).toEqual(['nobody 1', 'nobody 2', 'nobody 3']);
    expect(connections).toBe(1);
  });

  it('are not shared by those who show another certificate, or one that has changed', async () => {
    const client = { certFile: path('client.crt'), keyFile: path('client.key') };
    await writePair('client', { usage: 'client', commonName: 'one' }, 'ca');
    expect(await ask()).toBe('nobody 1');
    expect(await ask('/', client)).toBe('one 1');
    expect(await ask('/', client)).toBe('one 2');
    await writePair('client', { usage: 'client', commonName: 'two' }, 'ca');
    expect(await ask('/', client)).toBe('two 1');
  });

  it('are not used for who trusts another CA', async () => {
    expect(await ask()).toBe('nobody 1');
    await writePair('ca', {});
    expect(await ask()).toMatch(/signature|self[- ]signed|unable to verify/);
  });

  it('that the other side has closed are opened anew', async () => {
    expect(await ask('/once')).toBe('nobody 1');
    expect(await ask('/once')).toBe('nobody 1');
    expect(connections).toBe(2);
  });

  it('on which a server goes on telling end with its first line, and leave the kept one alone', async () => {
    expect(await ask()).toBe('nobody 1');
    const told = { url: `https://127.0.0.1:${port}/news`, caFile: path('ca.crt'), firstLine: true } as const;
    expect(await host.request(told)).toMatchObject({ status: 200, body: 'the first' });
    expect(await ask()).toBe('nobody 2');
    expect(connections).toBe(2);
    await vi.waitFor(async () => {
      expect(await promisify(server.getConnections.bind(server))()).toBe(1);
    });
  });

  it('that are cut at their first use are an answer', async () => {
    expect(await ask('/never')).toMatch(/hang up|ECONNRESET/);
    expect(connections).toBe(1);
  });

  it.each([
    ['that are kept', '/', 'nobody 1'],
    ['on which news are awaited', '/silence', 'undefined'],
  ])('%s keep no process from ending', async (_, at, said) => {
    const module = JSON.stringify(new URL('../../source/hosts/local.ts', import.meta.url).pathname);
    const request = JSON.stringify({
      ...{ url: `https://127.0.0.1:${port}${at}`, caFile: path('ca.crt') },
      ...(at === '/' ? {} : { firstLine: true, timeoutMs: 60_000 }),
    });
    const program = `
      import { LocalHost } from ${module};
      const waited = new Promise(resolve => setTimeout(resolve, 500));
      console.log((await Promise.race([new LocalHost().request(${request}), waited]))?.body);
      setImmediate(() => console.log(process.getActiveResourcesInfo().filter(name => /TCP|TLS/.test(name))));`;
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program]);
    let seen = '';
    child.stdout.on('data', (chunk: Buffer) => (seen += String(chunk)));
    await once(child, 'close');
    expect(seen).toBe(`${said}\n[]\n`);
  });
});
