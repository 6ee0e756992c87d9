import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync, existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseArguments } from '../../source/arguments';
import { supportBundle } from '../../source/commands/support-bundle';
import { tarball } from '../../source/support/archive';
import { secretsIn } from '../../source/support/secrets';
import { FakeHost } from '../support/fake-host';
import { leakingHost, makeCanaries, pieces } from './canaries';

let directory = '';

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'bundle-'));
});

afterAll(() => {
  rmSync(directory, { recursive: true });
});

/** Makes a bundle of a host, without settings. */
async function bundle(host: FakeHost, file: string, signal = new AbortController().signal) {
  const parsed = parseArguments(['support-bundle', file], { terminal: false });
  if (parsed.kind !== 'arguments') throw new Error(JSON.stringify(parsed));
  const said = { code: 0, printed: '', complained: '' };
  said.code = await supportBundle(parsed.arguments, {
    host,
    workingDirectory: directory,
    environment: { HOME: '/root' },
    product: 'kube-el7-install 0.1.0',
    root: true,
    signal,
    print: text => (said.printed += text),
    complain: text => (said.complained += text),
    openInstaller: () => Promise.reject(new Error('no settings here')),
  });
  return said;
}

/** What the system's own tar finds in a bundle. */
function unpacked(file: string): {
  readonly names: readonly string[];
  readonly text: (name: string) => string;
} {
  const path = join(directory, file);
  const names = execFileSync('tar', ['tzf', path], { encoding: 'utf8' }).trim().split('\n');
  return {
    names,
    text: name =>
      execFileSync('tar', ['xOzf', path, '--wildcards', `*/${name}`], {
        encoding: 'utf8',
        maxBuffer: 1 << 28,
      }),
  };
}

describe('a bundle of a host on which everything leaks', () => {
  const canaries = makeCanaries();

  it('holds no secret, in no spelling, and is for its owner alone', async () => {
    const host = leakingHost(canaries);
    expect(await bundle(host, 'leak.tar.gz')).toMatchObject({ code: 0, complained: '' });
    const path = join(directory, 'leak.tar.gz');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const everything = gunzipSync(readFileSync(path)).toString('latin1');
    expect(everything.length).toBeGreaterThan(100_000);
    const bare = everything.replace(/%[0-9a-fA-F]{2}|\\+[nrt]|[^A-Za-z0-9]/g, '');
    for (const piece of pieces(canaries)) {
      const letters = piece.replace(/[^A-Za-z0-9]/g, '');
      if (letters.length < 8) continue;
      expect(everything.includes(piece), piece).toBe(false);
      expect(bare.includes(letters), piece).toBe(false);
    }
    expect(host.changes).toEqual([]);
  });

  it('has manifests, journals, logs, containers and etcd, and no file that is a secret', async () => {
    await bundle(leakingHost(canaries), 'names.tar.gz');
    const { names, text } = unpacked('names.tar.gz');
    const short = names.map(name => name.slice(name.indexOf('/') + 1));
    for (const name of [
      'manifests/kube-apiserver.yaml',
      'manifests/.etcd-init.yaml',
      'journals/journal.jsonl',
      'journals/journal-20261123T052400Z-1a2b.jsonl',
      'logs/20261123T052400Z-1a2b.log',
      'containers/etcd-master1_etcd_0.log',
      'etcd/10.0.0.1-members',
      'etcd/10.0.0.1-alarms',
      'keepalived/keepalived.conf',
      'snapshots/a.json',
      'certificates/ca.crt.txt',
      'cluster/events',
      'units/kubelet.journal',
    ]) {
      expect(short).toContain(name);
    }
    expect(short.filter(name => /\.key|token|join-worker|password|admin\.conf|POD|\.db$/.test(name))).toEqual(
      [],
    );
    const index = text('README.txt');
    expect(index).toContain('plan: no settings here');
    expect(index).toMatch(/place of the \d\d+ secrets/);
    expect(text('manifests/.etcd-init.yaml')).toContain("hidden: 'yes'\nodd: '[hidden]'");
  });
});

describe('a bundle of a host with nothing on it', () => {
  it('is made all the same, and says of everything why it is not there', async () => {
    const host = new FakeHost({}, 'bare host/1').answer(() => true, { code: 127 });
    expect((await bundle(host, 'bare.tar.gz')).code).toBe(0);
    const { names, text } = unpacked('bare.tar.gz');
    expect(names).toEqual([
      'kube-el7-install-support-bare-host-1/README.txt',
      'kube-el7-install-support-bare-host-1/versions/product',
    ]);
    const index = text('README.txt');
    expect(index).toContain('units/kubelet.journal: there is no journalctl');
    expect(index).toContain('etcd: there is no etcd on this host');
  });

  it('is made where everything throws', async () => {
    const host = new FakeHost();
    for (const way of ['read', 'stat', 'list', 'query', 'request'] as const) {
      Object.assign(host, { [way]: () => Promise.reject(new Error('EACCES: permission denied')) });
    }
    expect((await bundle(host, 'denied.tar.gz')).code).toBe(0);
    const index = unpacked('denied.tar.gz').text('README.txt');
    expect(index).toContain('host/disks: EACCES: permission denied');
    expect(index).toContain('These could not be read for secrets');
  });
});

describe('its file', () => {
  it('is never written over, and not left behind half made', async () => {
    writeFileSync(join(directory, 'there'), 'mine');
    const { code, complained } = await bundle(new FakeHost(), 'there');
    expect(code).toBe(3);
    expect(complained).toContain('is there already');
    expect(readFileSync(join(directory, 'there'), 'utf8')).toBe('mine');
    expect((await bundle(new FakeHost(), 'no/folder')).complained).toContain(
      'is in a folder that is not there',
    );
    expect(existsSync(join(directory, 'no'))).toBe(false);
  });

  it('says where it was interrupted', async () => {
    const host = new FakeHost().answer(() => true, 'x');
    const { code } = await bundle(host, 'interrupted.tar.gz', AbortSignal.abort());
    expect(code).toBe(130);
    expect(unpacked('interrupted.tar.gz').text('README.txt')).toContain('host/disks: interrupted');
  });
});

it('an archive is what tar makes of it, long names too', async () => {
  const long = `folder/${'a'.repeat(120)}/${'b'.repeat(90)}`;
  const entries = [
    { name: 'one', content: Buffer.from('1\n') },
    { name: long, content: Buffer.alloc(1500, 'x') },
    { name: 'empty', content: Buffer.alloc(0) },
  ];
  writeFileSync(join(directory, 'made.tar.gz'), await tarball(entries, 1_700_000_000));
  const listed = execFileSync('tar', ['tvzf', join(directory, 'made.tar.gz')], { encoding: 'utf8' });
  expect(listed.split('\n').map(line => line.split(/\s+/).slice(0, 3).join(' '))).toEqual([
    '-rw------- 0/0 2',
    '-rw------- 0/0 1500',
    '-rw------- 0/0 0',
    '',
  ]);
  expect(listed).toContain(long);
});

it('secrets are found in files by their names and by what they are', () => {
  const values = (path: string, text: string) => secretsIn(path, text).map(secret => secret.reveal());
  expect(values('/x/a.conf', 'token: "s3cret-one"\npassword=two-2\n')).toEqual(['s3cret-one', 'two-2']);
  expect(values('/x/bootstrap-token', 'whatever\n')).toEqual(['whatever']);
  expect(values('/x/pod.yaml', 'kind: Secret\nmetadata:\n  secret:\n    secretName: certs\n')).toEqual([]);
  expect(values('/x/api.yaml', '- --client-cert-auth=true\n- --authorization-mode=Node,RBAC\n')).toEqual([]);
});
