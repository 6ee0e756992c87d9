import { beforeAll, describe, expect, it } from 'vitest';
import { difference, observe, type Desired } from '../../source/changes/desired';
import type { CertificateSpec } from '../../source/engine/change';
import { Secret } from '../../source/engine/secret';
import { makeCertificate, type MadeCertificate } from '../../source/pki/make';
import { FakeHost } from '../support/fake-host';

const ca: CertificateSpec = {
  certPath: '/pki/ca.crt',
  keyPath: '/pki/ca.key',
  commonName: 'etcd-ca',
  dnsNames: [],
  addresses: [],
  usage: 'ca',
  days: 3650,
};
const client: CertificateSpec = {
  ...ca,
  certPath: '/pki/client.crt',
  keyPath: '/pki/client.key',
  commonName: 'client',
  usage: 'client',
  issuer: { certPath: ca.certPath, keyPath: ca.keyPath },
  days: 365,
};

let madeCa: MadeCertificate;
let madeClient: MadeCertificate;

beforeAll(async () => {
  madeCa = await makeCertificate(ca);
  madeClient = await makeCertificate(client, { issuer: madeCa });
});

function pkiHost(): FakeHost {
  return new FakeHost({
    '/pki/ca.crt': madeCa.cert,
    '/pki/ca.key': { content: madeCa.key.reveal(), mode: 0o600 },
    '/pki/client.crt': madeClient.cert,
    '/pki/client.key': { content: madeClient.key.reveal(), mode: 0o600 },
  });
}

async function changes(host: FakeHost, desired: readonly Desired[]) {
  return difference(desired, await observe(host, desired));
}

describe('files', () => {
  const file: Desired = { kind: 'file', path: '/etc/a', content: 'text\n', mode: 0o644 };

  it('are written where absent, different or of another mode, and left alone where they hold', async () => {
    const write = [{ kind: 'write', path: '/etc/a', content: 'text\n', mode: 0o644 }];
    expect(await changes(new FakeHost(), [file])).toEqual(write);
    expect(await changes(new FakeHost({ '/etc/a': 'other\n' }), [file])).toEqual(write);
    expect(await changes(new FakeHost({ '/etc/a': { content: 'text\n', mode: 0o600 } }), [file])).toEqual(
      write,
    );
    expect(await changes(new FakeHost({ '/etc/a': 'text\n' }), [file])).toEqual([]);
  });

  it('with a secret are compared without showing it', async () => {
    const desired: Desired[] = [{ kind: 'file', path: '/s', content: new Secret('canary-1'), mode: 0o600 }];
    const host = new FakeHost({ '/s': { content: 'canary-1', mode: 0o600 } });
    expect(await changes(host, desired)).toEqual([]);
    const observed = await observe(new FakeHost({ '/s': 'canary-1' }), desired);
    expect(JSON.stringify([...observed.paths])).not.toContain('canary');
    expect(JSON.stringify(difference(desired, observed))).not.toContain('canary');
  });

  it('composed of others are written anew where one of those is', async () => {
    const composed: Desired = {
      kind: 'file',
      path: '/kubeconfig',
      content: {
        template: 'cert: {{cert}}\n',
        files: { cert: { path: client.certPath, encoding: 'base64', secret: false } },
      },
      mode: 0o600,
    };
    const desired: Desired[] = [{ kind: 'certificate', certificate: client }, composed];
    const host = pkiHost().put(
      '/kubeconfig',
      `cert: ${Buffer.from(madeClient.cert).toString('base64')}\n`,
      0o600,
    );
    expect(await changes(host, desired)).toEqual([]);
    host.drop(client.keyPath);
    expect((await changes(host, desired)).map(change => change.kind)).toEqual(['certificate', 'write']);
    expect((await changes(new FakeHost(), [composed])).map(change => change.kind)).toEqual(['write']);
  });

  it('composed with a place that no file fills are a fault', async () => {
    const content = {
      template: '{{a}}{{b}}',
      files: { a: { path: '/a', encoding: 'text', secret: false } },
    } as const;
    const host = new FakeHost({ '/a': 'x', '/c': 'x' });
    await expect(changes(host, [{ kind: 'file', path: '/c', content, mode: 0o644 }])).rejects.toThrow(
      '{{b}}',
    );
  });
});

describe('directories, links and absence', () => {
  it('are brought about once', async () => {
    const desired: Desired[] = [
      { kind: 'directory', path: '/d', mode: 0o700 },
      { kind: 'link', path: '/l', target: '/d' },
      { kind: 'absent', path: '/gone' },
    ];
    const host = new FakeHost({ '/gone': '' });
    expect((await changes(host, desired)).map(change => change.kind)).toEqual([
      'directory',
      'link',
      'remove',
    ]);
    await host.makeDirectory('/d', 0o700);
    await host.link('/l', '/d');
    await host.remove('/gone');
    expect(await changes(host, desired)).toEqual([]);
    await host.link('/l', '/elsewhere');
    expect((await changes(host, desired)).map(change => change.kind)).toEqual(['link']);
  });
});

describe('certificates', () => {
  const desired: Desired[] = [
    { kind: 'certificate', certificate: ca },
    { kind: 'certificate', certificate: client },
  ];

  it('are made in order where absent, and hold once made', async () => {
    expect(await changes(new FakeHost(), desired)).toEqual([
      { kind: 'certificate', certificate: ca },
      { kind: 'certificate', certificate: client },
    ]);
    expect(await changes(pkiHost(), desired)).toEqual([]);
  });

  it('get their key closed to others', async () => {
    const host = pkiHost().put(client.keyPath, madeClient.key.reveal(), 0o644);
    expect(await changes(host, desired)).toMatchObject([
      { kind: 'run', command: { file: 'chmod', args: ['600', client.keyPath] } },
    ]);
  });

  it('of a new CA are made anew', async () => {
    const host = pkiHost().drop(ca.certPath).drop(ca.keyPath);
    expect((await changes(host, desired)).map(change => change.kind)).toEqual(['certificate', 'certificate']);
  });

  it('never replace a CA whose key is lost or foreign', async () => {
    await expect(changes(pkiHost().drop(ca.keyPath), desired)).rejects.toMatchObject({
      report: { code: 'ca-unusable' },
    });
    const foreign = pkiHost().put(ca.keyPath, madeClient.key.reveal(), 0o600);
    await expect(changes(foreign, desired)).rejects.toThrow('not replaced');
  });
});
