import { createServer, connect, type TLSSocket } from 'node:tls';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { X509Certificate } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import type { CertificateSpec } from '../../source/engine/change';
import { Secret } from '../../source/engine/secret';
import { shortcomings } from '../../source/pki/holds';
import { makeCertificate, type MadeCertificate } from '../../source/pki/make';
import { certificateFacts, isSignedBy, parseCertificate } from '../../source/pki/read';

const caSpec: CertificateSpec = {
  certPath: '/pki/ca.crt',
  keyPath: '/pki/ca.key',
  commonName: 'etcd-ca',
  dnsNames: [],
  addresses: [],
  usage: 'ca',
  days: 3650,
};
const serverSpec: CertificateSpec = {
  certPath: '/pki/server.crt',
  keyPath: '/pki/server.key',
  commonName: 'master1',
  dnsNames: ['localhost', 'master1'],
  addresses: ['127.0.0.1', '::1'],
  usage: 'server',
  issuer: { certPath: '/pki/ca.crt', keyPath: '/pki/ca.key' },
  days: 365,
};
const clientSpec: CertificateSpec = {
  ...serverSpec,
  commonName: 'kubernetes-admin',
  organization: 'system:masters',
  dnsNames: [],
  addresses: [],
  usage: 'client',
};

let ca: MadeCertificate;
let server: MadeCertificate;
let client: MadeCertificate;

function files(made: MadeCertificate, issuer = ca) {
  return {
    cert: Buffer.from(made.cert),
    key: Buffer.from(made.key.reveal()),
    issuer: Buffer.from(issuer.cert),
  };
}

const now = new Date();

beforeAll(async () => {
  ca = await makeCertificate(caSpec);
  server = await makeCertificate(serverSpec, { issuer: ca });
  client = await makeCertificate(clientSpec, { issuer: ca });
});

describe('made certificates', () => {
  it('satisfy their own specifications', () => {
    expect(shortcomings(caSpec, files(ca), now)).toEqual([]);
    expect(shortcomings(serverSpec, files(server), now)).toEqual([]);
    expect(shortcomings(clientSpec, files(client), now)).toEqual([]);
  });

  it('say what they are for', () => {
    const facts = certificateFacts(new X509Certificate(client.cert));
    expect(facts).toMatchObject({
      commonName: 'kubernetes-admin',
      organization: 'system:masters',
      isCa: false,
      serverAuth: false,
      clientAuth: true,
    });
    expect(certificateFacts(new X509Certificate(server.cert))).toMatchObject({
      dnsNames: ['localhost', 'master1'],
      addresses: ['127.0.0.1', '::1'],
      serverAuth: true,
      clientAuth: true,
    });
    expect(certificateFacts(new X509Certificate(ca.cert)).isCa).toBe(true);
  });

  it('are valid already for hosts whose clock is a little behind, and no longer than their CA', async () => {
    const facts = certificateFacts(new X509Certificate(server.cert));
    expect(facts.notBefore.getTime()).toBeLessThan(now.getTime() - 60_000);
    const long = await makeCertificate({ ...serverSpec, days: 99_999 }, { issuer: ca });
    expect(certificateFacts(new X509Certificate(long.cert)).expires).toEqual(
      certificateFacts(new X509Certificate(ca.cert)).expires,
    );
  });

  it('have serial numbers of their own', () => {
    const serials = [ca, server, client].map(made => new X509Certificate(made.cert).serialNumber);
    expect(new Set(serials).size).toBe(3);
    for (const serial of serials) expect(serial).toMatch(/^[4-7][0-9A-F]{31}$/);
  });

  it('take names that no PrintableString can hold', async () => {
    const made = await makeCertificate({ ...clientSpec, commonName: 'ädmin@site_1*' }, { issuer: ca });
    expect(certificateFacts(new X509Certificate(made.cert)).commonName).toBe('ädmin@site_1*');
  });

  it('refuse to be signed by what is no RSA key', async () => {
    const broken = { cert: ca.cert, key: new Secret('no key') };
    await expect(makeCertificate(serverSpec, { issuer: broken })).rejects.toMatchObject({
      report: { code: 'key-unreadable' },
    });
  });

  it('serve a mutual TLS connection that verifies both ends', async () => {
    const seen: string[] = [];
    const listener = createServer(
      {
        cert: server.cert,
        key: server.key.reveal(),
        ca: ca.cert,
        requestCert: true,
        rejectUnauthorized: true,
      },
      socket => {
        seen.push(socket.getPeerCertificate().subject.CN);
        socket.end('hello');
      },
    );
    listener.listen(0, '127.0.0.1');
    await once(listener, 'listening');
    const socket: TLSSocket = connect({
      port: (listener.address() as AddressInfo).port,
      host: '127.0.0.1',
      ca: ca.cert,
      cert: client.cert,
      key: client.key.reveal(),
    });
    let text = '';
    for await (const chunk of socket) text += chunk as string;
    listener.close();
    expect(text).toBe('hello');
    expect(seen).toEqual(['kubernetes-admin']);
  });
});

describe('shortcomings', () => {
  it('tell absence, a foreign key and rubbish apart', () => {
    expect(shortcomings(serverSpec, {}, now)).toEqual(['absent']);
    expect(shortcomings(serverSpec, { ...files(server), key: undefined }, now)).toEqual([
      'the key is absent',
    ]);
    expect(shortcomings(serverSpec, { ...files(server), key: files(client).key }, now)).toEqual([
      'the key does not belong to the certificate',
    ]);
    expect(shortcomings(serverSpec, { ...files(server), cert: Buffer.from('x') }, now)).toEqual([
      'the certificate cannot be read',
    ]);
  });

  it('name each missing name, and accept more names than asked for', () => {
    const wider = { ...serverSpec, dnsNames: ['master1', 'master2'], addresses: ['10.0.0.1'] };
    expect(shortcomings(wider, files(server), now)).toEqual([
      'it does not name master2',
      'it does not name 10.0.0.1',
    ]);
    expect(shortcomings({ ...serverSpec, dnsNames: [], addresses: [] }, files(server), now)).toEqual([]);
  });

  it('notice another subject, usage and issuer', async () => {
    const reasons = shortcomings(clientSpec, files(server), now);
    expect(reasons).toEqual(['its name is master1', 'its organization is none']);
    expect(shortcomings({ ...clientSpec, usage: 'peer' }, files(client), now)).toEqual([
      'it is not for servers',
    ]);
    const otherCa = await makeCertificate(caSpec);
    expect(shortcomings(serverSpec, files(server, otherCa), now)).toEqual([
      'it is not signed by /pki/ca.crt',
    ]);
  });

  it('ask for renewal in the last thirty days, and not before', () => {
    const day = 24 * 60 * 60 * 1000;
    const expires = certificateFacts(new X509Certificate(server.cert)).expires.getTime();
    expect(shortcomings(serverSpec, files(server), new Date(expires - 31 * day))).toEqual([]);
    expect(shortcomings(serverSpec, files(server), new Date(expires - 29 * day))).toHaveLength(1);
  });

  it('renew a short certificate late, and one that ends with its CA not at all', async () => {
    const day = 24 * 60 * 60 * 1000;
    const later = (days: number) => new Date(now.getTime() + days * day);
    const short = await makeCertificate({ ...serverSpec, days: 9 }, { issuer: ca });
    expect(shortcomings({ ...serverSpec, days: 9 }, files(short), later(5))).toEqual([]);
    expect(shortcomings({ ...serverSpec, days: 9 }, files(short), later(7))).toHaveLength(1);
    const oldCa = await makeCertificate({ ...caSpec, days: 20 });
    const leaf = await makeCertificate(serverSpec, { issuer: oldCa });
    expect(shortcomings(serverSpec, files(leaf, oldCa), now)).toEqual([]);
    expect(shortcomings(serverSpec, files(leaf, oldCa), later(21))).toHaveLength(1);
    expect(shortcomings(caSpec, files(oldCa), later(21))).toEqual([expect.stringContaining('it expired')]);
  });

  it('do not take a self-signed leaf for one of the CA', () => {
    const parsed = parseCertificate(ca.cert);
    const leaf = parseCertificate(server.cert);
    expect(parsed && leaf && isSignedBy(leaf, parsed)).toBe(true);
    expect(parsed && leaf && isSignedBy(parsed, leaf)).toBe(false);
  });
});
