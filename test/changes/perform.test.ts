import { describe, expect, it } from 'vitest';
import { changesOn } from '../../source/changes';
import { difference, observe, type Desired } from '../../source/changes/desired';
import type { PerformableChange } from '../../source/engine/apply';
import type { CertificateSpec, Change } from '../../source/engine/change';
import { Secret } from '../../source/engine/secret';
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
const server: CertificateSpec = {
  ...ca,
  certPath: '/pki/server.crt',
  keyPath: '/pki/server.key',
  commonName: 'master1',
  organization: 'site',
  dnsNames: ['master1'],
  addresses: ['10.0.0.1'],
  usage: 'server',
  issuer: { certPath: ca.certPath, keyPath: ca.keyPath },
};

async function perform(host: FakeHost, ...changes: PerformableChange[]) {
  const lines: string[] = [];
  const notes: string[] = [];
  const secrets: Secret[] = [];
  for (const change of changes) {
    await changesOn(host).perform(change, {
      output: (stream, line) => lines.push(`${stream}: ${line}`),
      note: line => notes.push(line),
      secret: secret => secrets.push(secret),
    });
  }
  return { lines, notes, secrets };
}

function describeChange(change: Change) {
  return changesOn(new FakeHost()).describe(change);
}

describe('performing', () => {
  it('what is desired makes it hold, and again changes nothing', async () => {
    const desired: Desired[] = [
      { kind: 'certificate', certificate: ca },
      { kind: 'certificate', certificate: server },
      {
        kind: 'file',
        path: '/kubeconfig',
        content: {
          template: 'ca: {{ca}}\nkey: {{key}}\n',
          files: {
            ca: { path: ca.certPath, encoding: 'base64', secret: false },
            key: { path: server.keyPath, encoding: 'base64', secret: true },
          },
        },
        mode: 0o600,
      },
      { kind: 'directory', path: '/d', mode: 0o700 },
      { kind: 'link', path: '/l', target: '/d' },
      { kind: 'absent', path: '/old' },
    ];
    const host = new FakeHost({ '/old': '' });
    const changes = difference(desired, await observe(host, desired));
    expect(changes).toHaveLength(6);
    const { secrets } = await perform(host, ...(changes as PerformableChange[]));
    expect(difference(desired, await observe(host, desired))).toEqual([]);
    expect((await host.stat(server.keyPath))?.mode).toBe(0o600);
    expect(secrets.map(secret => secret.reveal())).toContain(host.text(server.keyPath));
    // The key is written before the certificate.
    const order = host.changes.map(call => call.what);
    expect(order.indexOf(server.keyPath)).toBeLessThan(order.indexOf(server.certPath));
  });

  it('takes up a CA key whose certificate was not yet written', async () => {
    const host = new FakeHost();
    await perform(host, { kind: 'certificate', certificate: ca });
    const key = host.text(ca.keyPath);
    host.drop(ca.certPath);
    await perform(host, { kind: 'certificate', certificate: ca });
    expect(host.text(ca.keyPath)).toBe(key);
    const desired: Desired[] = [{ kind: 'certificate', certificate: ca }];
    expect(difference(desired, await observe(host, desired))).toEqual([]);
  });

  it('says which file is missing to make another', async () => {
    await expect(perform(new FakeHost(), { kind: 'certificate', certificate: server })).rejects.toThrow(
      ca.certPath,
    );
    const content = {
      template: '{{a}}',
      files: { a: { path: '/a', encoding: 'text', secret: false } },
    } as const;
    await expect(
      perform(new FakeHost(), { kind: 'write', path: '/b', content, mode: 0o644 }),
    ).rejects.toMatchObject({
      report: { code: 'file-missing', message: '/b is made from /a, which does not exist.' },
    });
  });

  it('runs commands with their output told and the command line noted', async () => {
    const host = new FakeHost().answer('modprobe br_netfilter', { stdout: 'a\n', stderr: 'b\n' });
    const { lines, notes } = await perform(host, {
      kind: 'run',
      title: 'Load br_netfilter',
      command: { file: 'modprobe', args: ['br_netfilter'] },
      timeoutMs: 1000,
    });
    expect(lines).toEqual(['stdout: a', 'stderr: b']);
    expect(notes).toEqual(['$ modprobe br_netfilter', 'exit code 0']);
  });

  it('takes a command for done that fails since what it is for has come about', async () => {
    const change = {
      kind: 'run',
      title: 'Give the lead away',
      command: { file: 'etcdctl', args: [] },
      timeoutMs: 1000,
      already: 'no leader',
    } as const;
    const host = new FakeHost().answer('etcdctl', { code: 1, stderr: 'Error: no leader endpoint given\n' });
    const { notes } = await perform(host, change);
    expect(notes).toContain('exit code 1');
    expect(describeChange(change).detail).toEqual(['etcdctl', 'done already where it says no leader']);
    host.answer('etcdctl', { code: 1, stderr: 'Error: connection refused\n' });
    await expect(perform(host, change)).rejects.toThrow('exit code 1');
  });

  it('keeps what a command printed in a file, once it has ended well', async () => {
    const change = {
      kind: 'run',
      title: 'Look at the snapshot',
      command: { file: 'etcdctl', args: [] },
      timeoutMs: 1000,
      keepOutput: { path: '/snapshots/a.json', mode: 0o600 },
    } as const;
    const host = new FakeHost().answer('etcdctl', { code: 1, stdout: 'half' });
    await expect(perform(host, change)).rejects.toThrow('exit code 1');
    expect(host.text('/snapshots/a.json')).toBeUndefined();
    host.answer('etcdctl', { stdout: '{"hash":1}\n', stderr: 'a warning\n' });
    await perform(host, change);
    expect(host.text('/snapshots/a.json')).toBe('{"hash":1}\n');
    expect((await host.stat('/snapshots/a.json'))?.mode).toBe(0o600);
    expect(describeChange(change).detail).toEqual(['etcdctl', 'output to /snapshots/a.json, mode 0600']);
  });

  it.each([
    [3, 'Load it: modprobe ended with exit code 3: line 39.'],
    [124, 'Load it: modprobe did not end within 60 s and was stopped.'],
    [127, 'Load it: the program modprobe does not exist on this host.'],
  ])('tells exit code %i in words, with the last lines', async (code, message) => {
    const stdout = Array.from({ length: 40 }, (_, index) => `line ${index}\n`).join('');
    const host = new FakeHost().answer(/modprobe/, { code, stdout });
    const command = { file: 'modprobe', args: [] };
    const failed = perform(host, { kind: 'run', title: 'Load it', command, timeoutMs: 60_000 });
    await expect(failed).rejects.toMatchObject({ report: { code: 'command-failed', message } });
    await failed.catch((error: unknown) => {
      const { report } = error as { report: { seen: string[] } };
      expect(report.seen).toHaveLength(15);
      expect(report.seen.at(-1)).toBe('line 39');
    });
  });

  it('believes rpm rather than yum', async () => {
    const host = new FakeHost()
      .answer('yum -y --disableexcludes=all install kubelet-1.20.2 iptables', 'Nothing to do\n')
      .answer(/^rpm -q/, { code: 1 })
      .answer('rpm -q kubelet-1.20.2', {});
    await expect(
      perform(host, { kind: 'install', packages: ['kubelet-1.20.2', 'iptables'] }),
    ).rejects.toMatchObject({
      report: {
        code: 'package-not-installed',
        message: expect.stringContaining('iptables is not') as string,
      },
    });
    host.answer('rpm -q --whatprovides iptables', {});
    await perform(host, { kind: 'install', packages: ['kubelet-1.20.2', 'iptables'] });
  });

  it('speaks to systemd', async () => {
    const host = new FakeHost().answer(/^systemctl /);
    const service = (action: 'enable' | 'restart' | 'reload-units') =>
      ({ kind: 'service', unit: 'kubelet.service', action }) as const;
    await perform(host, service('enable'), service('restart'), service('reload-units'));
    expect(host.executed).toEqual([
      'systemctl enable kubelet.service',
      'systemctl restart kubelet.service',
      'systemctl daemon-reload',
    ]);
  });

  it('explains what a file system refuses, and lets faults through', async () => {
    const full = new FakeHost();
    full.write = () =>
      Promise.reject(
        Object.assign(new Error('ENOSPC: no space'), { code: 'ENOSPC', syscall: 'write', path: '/a' }),
      );
    const write = { kind: 'write', path: '/a', content: '', mode: 0o644 } as const;
    await expect(perform(full, write)).rejects.toMatchObject({
      report: { code: 'file-not-written', message: '/a cannot be changed: the file system is full.' },
    });
    full.write = () =>
      Promise.reject(
        Object.assign(new Error('ENOSPC: no space left on device, write'), {
          code: 'ENOSPC',
          syscall: 'write',
        }),
      );
    await expect(perform(full, write)).rejects.toMatchObject({
      report: { code: 'file-not-written', message: '/a cannot be changed: the file system is full.' },
    });
    full.write = () => Promise.reject(new TypeError('fault'));
    await expect(perform(full, write)).rejects.toBeInstanceOf(TypeError);
  });
});

describe('describing', () => {
  it('shows contents, and masks what is secret', () => {
    expect(describeChange({ kind: 'write', path: '/a', content: new Secret('canary'), mode: 0o600 })).toEqual(
      {
        kind: 'write',
        title: '/a',
        detail: ['mode 0600', '[secret]'],
      },
    );
    const content = {
      template: 'a: {{a}}\nb: {{b}}\n',
      files: {
        a: { path: '/pki/ca.crt', encoding: 'base64', secret: false },
        b: { path: '/pki/ca.key', encoding: 'base64', secret: true },
      },
    } as const;
    expect(describeChange({ kind: 'write', path: '/a', content, mode: 0o600 }).detail).toEqual([
      'mode 0600',
      'a: (from /pki/ca.crt, base64)',
      'b: [secret]',
    ]);
    const command = { file: 'kubectl', args: ['apply', '-f', '-', "it's"], input: new Secret('canary') };
    expect(describeChange({ kind: 'run', title: 'Apply', command, timeoutMs: 1 }).detail).toEqual([
      "kubectl apply -f - 'it'\\''s'",
      '< [secret]',
    ]);
  });

  it('names certificates by what they are for and when they end', () => {
    const summary = describeChange({ kind: 'certificate', certificate: server });
    expect(summary.title).toMatch(/^\/pki\/server\.crt, server\.key: server, expires 20\d\d$/);
    expect(summary.detail).toEqual([
      'subject O=site, CN=master1',
      'names master1, 10.0.0.1',
      'signed by /pki/ca.crt',
      'key /pki/server.key, mode 0600',
    ]);
  });

  it('says for how long a command is tried again', () => {
    const command = { file: 'promote', args: [] };
    const again = { while: 'in sync', withinMs: 60_000 };
    expect(describeChange({ kind: 'run', title: 'Promote', command, timeoutMs: 1, again }).detail).toEqual([
      'promote',
      'again every second while it says in sync, at most 60 s',
    ]);
  });

  it('says what is waited for', () => {
    const condition = {
      kind: 'request',
      title: 'etcd answers',
      request: { url: 'http://e/health' },
      status: 200,
    } as const;
    expect(describeChange({ kind: 'await', condition, timeoutMs: 60_000 })).toEqual({
      kind: 'await',
      title: 'wait until etcd answers',
      detail: ['at most 60 s', 'GET http://e/health'],
    });
  });
});
