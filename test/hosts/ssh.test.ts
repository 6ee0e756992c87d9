import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Secret } from '../../source/engine/secret';
import { SshHost } from '../../source/hosts/ssh';
import { SshConnection } from '../../source/hosts/ssh-connection';
import { outliving, remoteLine, script, shellWord } from '../../source/hosts/ssh-words';
import { FakeHost } from '../support/fake-host';
import { FakeSsh } from './fake-ssh';

const HOSTILE = [
  '',
  ' ',
  "it's",
  `'; touch /tmp/x; '`,
  '$(id)',
  '`id`',
  '$HOME',
  '"',
  '\\',
  "\\'",
  'a\nb',
  '*',
  '~',
  '!!',
  '-n',
  '&& false',
  '#',
  'é',
];

let ssh: FakeSsh;
let connection: SshConnection;
let host: SshHost;
let directory: string;

beforeEach(() => {
  ssh = new FakeSsh();
  directory = mkdtempSync(join(tmpdir(), 'ssh-host-'));
  connection = new SshConnection({ name: 'master2', address: '10.0.0.2', user: 'root' }, ssh.program);
  host = new SshHost(connection, { run: 'run-1' });
});

afterEach(async () => {
  await connection.close();
  ssh.remove();
  rmSync(directory, { recursive: true });
});

function path(name: string): string {
  return join(directory, name);
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise(resolve => setImmediate(resolve));
}

describe('words', () => {
  it('reach the program as they are', async () => {
    const { stdout } = await host.query({ file: 'printf', args: ['%s\\0', ...HOSTILE] });
    expect(stdout.split('\0').slice(0, -1)).toEqual(HOSTILE);
  });

  it('of the environment do, too, and there is nothing beside them', async () => {
    const env = Object.fromEntries(HOSTILE.map((value, at) => [`HOSTILE_${at}`, value]));
    for (const [name, value] of Object.entries(env)) {
      const { stdout } = await host.query({ file: 'printenv', args: [name], env });
      expect(stdout).toBe(`${value}\n`);
    }
    const { stdout } = await host.query({ file: 'printenv', args: ['LC_ALL', 'KUBE_EL7_INSTALL_RUN'] });
    expect(stdout).toBe('C\nrun-1\n');
  });

  it('go through sudo where the user is not root', () => {
    expect(remoteLine({ file: 'id', args: ['-u'] }, { user: 'admin' })).toMatch(
      /^'sudo' '-n' '--' 'env' 'PATH=[^']+' 'LC_ALL=C' 'id' '-u'$/,
    );
    expect(shellWord("a'b")).toBe(`'a'\\''b'`);
  });
});

describe('the connection', () => {
  it('is opened once, checks host keys, asks for nothing and goes by the given key', async () => {
    const keyed = new SshConnection(
      { name: 'm2', address: '10.0.0.2', user: 'admin', keyFile: '/root/key' },
      ssh.program,
    );
    ssh.refuse('sudo is not there');
    await keyed.run({ file: 'true', args: [] }, { timeoutMs: 1000 }).catch(() => undefined);
    const [login = []] = ssh.calls;
    for (const word of ['BatchMode=yes', 'StrictHostKeyChecking=yes', 'IdentitiesOnly=yes', '/root/key']) {
      expect(login).toContain(word);
    }
    expect(login.slice(-3, -1)).toEqual(['admin@10.0.0.2', '--']);
    await keyed.close();

    ssh.accept();
    await Promise.all(Array.from({ length: 20 }, () => host.query({ file: 'true', args: [] })));
    const masters = ssh.calls.slice(1).filter(call => call.includes('ControlMaster=auto'));
    expect(masters).toHaveLength(1);
    const [socket] = masters[0]?.filter(word => word.startsWith('ControlPath=')) ?? [];
    const parent = join((socket ?? '').slice('ControlPath='.length), '..');
    expect(lstatSync(parent).mode & 0o777).toBe(0o700);
    await connection.close();
    expect(existsSync(parent)).toBe(false);
  });

  it.each([
    [
      'ssh-host-key',
      'No ED25519 host key is known for 10.0.0.2 and you have requested strict checking.\nHost key verification failed.\n',
      /is not known here/,
    ],
    [
      'ssh-host-key',
      '@@@@@@@\n@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\n@@@@@@@\nHost key verification failed.\n',
      /another host key than before/,
    ],
    ['ssh-login', 'root@10.0.0.2: Permission denied (publickey,password).\n', /does not let root log in/],
    ['ssh-unreachable', 'ssh: connect to host 10.0.0.2 port 22: No route to host\n', /cannot be reached/],
    ['ssh-unreachable', 'ssh: connect to host 10.0.0.2 port 22: Connection refused\n', /cannot be reached/],
  ])('that cannot be made is the failure %s', async (code, said, message) => {
    ssh.refuse(said);
    await expect(host.read('/etc/hosts')).rejects.toMatchObject({
      report: {
        code,
        message: expect.stringMatching(message) as string,
        hint: expect.stringContaining('ssh root@10.0.0.2') as string,
      },
    });
    ssh.accept();
    expect(await host.read(path('none'))).toBeUndefined();
  });

  it('without sudo says so', async () => {
    const admin = new SshConnection({ name: 'm2', address: '10.0.0.2', user: 'admin' }, ssh.program);
    // There is no such password-less user here, or no sudo at all: either way it is refused.
    writeFileSync(ssh.program, '#!/bin/sh\necho "sudo: a password is required" >&2\nexit 1\n');
    await expect(admin.run({ file: 'true', args: [] }, { timeoutMs: 1000 })).rejects.toMatchObject({
      report: { code: 'ssh-sudo', seen: ['sudo: a password is required'] },
    });
    await admin.close();
  });

  it('that breaks in the middle is told apart from a program that ends with 255', async () => {
    expect((await host.query({ file: 'sh', args: ['-c', 'exit 255'] })).code).toBe(255);
    const said = 'echo "client_loop: send disconnect: Broken pipe" >&2; exit 255';
    await expect(host.query({ file: 'sh', args: ['-c', said] })).rejects.toMatchObject({
      report: { code: 'ssh-unreachable', message: 'The connection to master2 (10.0.0.2) broke.' },
    });
  });
});

describe('programs on another host', () => {
  it('tell exit code, output and input, and that they do not exist or took too long', async () => {
    const command = { ...script('cat; echo b >&2; exit 7'), input: new Secret("in'put\n") };
    expect(await host.query(command)).toEqual({ code: 7, stdout: "in'put\n", stderr: 'b\n' });
    expect(ssh.calls.flat().join('\n')).not.toContain("in'put");
    expect((await host.query({ file: 'no-such-program', args: [] })).code).toBe(127);
    expect((await host.query({ file: 'sleep', args: ['1000'] }, { timeoutMs: 1000 })).code).toBe(124);
  });

  it('are told line by line while they are executed', async () => {
    const seen: string[] = [];
    const command = { ...script('cat; echo b >&2; exit 3'), input: 'a\n', env: { X: "it's" } };
    const result = await host.execute(command, {
      timeoutMs: 60_000,
      onLine: (stream, line) => seen.push(`${stream} ${line}`),
    });
    expect(result).toEqual({ code: 3, stdout: 'a\n', stderr: 'b\n' });
    expect(seen.sort()).toEqual(['stderr b', 'stdout a']);
    expect((await host.execute({ file: 'sleep', args: ['1000'] }, { timeoutMs: 1000 })).code).toBe(124);
    expect((await host.execute({ file: 'no-such-program', args: [] }, { timeoutMs: 1000 })).code).toBe(127);
  });

  it.each(['sh', 'dash', 'bash'])('go on to their end when the connection breaks (%s)', async shell => {
    const go = path('go');
    const done = path('done');
    const text = `echo begun; until [ -e "$1" ]; do sleep 0.05; done; for i in 1 2 3; do echo $i || exit 9; echo $i >&2 || exit 9; done; touch "$2"`;
    const { args } = outliving(script(text, go, done));
    const child = spawn(shell, args);
    let seen = '';
    child.stdout.on('data', (chunk: Buffer) => (seen += String(chunk)));
    await until(() => seen === 'begun\n');
    // As sshd does when the other side is gone: the pipes close, and nobody is told.
    child.stdout.destroy();
    child.stderr.destroy();
    child.stdin.destroy();
    writeFileSync(go, '');
    await until(() => existsSync(done));
    if (child.exitCode === null) await once(child, 'exit');
    expect(child.exitCode).toBe(0);
  });
});

describe('files on another host', () => {
  it('are read as they are, whatever is in them', async () => {
    const bytes = Buffer.from(Array.from({ length: 70_000 }, (_, at) => (at * 7) % 256));
    writeFileSync(path("it's"), bytes);
    expect(await host.read(path("it's"))).toEqual(bytes);
    writeFileSync(path('empty'), '');
    expect(await host.read(path('empty'))).toEqual(Buffer.alloc(0));
    expect((await host.read('/proc/filesystems'))?.toString()).toContain('proc');
  });

  it('that are absent are undefined, also below a file', async () => {
    writeFileSync(path('plain'), '');
    for (const one of [path('none'), path('plain/below')]) {
      expect(await host.read(one)).toBeUndefined();
      expect(await host.stat(one)).toBeUndefined();
      expect(await host.list(one)).toBeUndefined();
      await host.remove(one);
    }
    expect(await host.list(path('plain'))).toBeUndefined();
  });

  it('have kind, mode and size, and are not followed', async () => {
    writeFileSync(path('file'), 'four');
    chmodSync(path('file'), 0o4750);
    mkdirSync(path('directory'));
    chmodSync(path('directory'), 0o1777);
    symlinkSync('file', path('link'));
    expect(await host.stat(path('file'))).toEqual({ kind: 'file', mode: 0o4750, size: 4 });
    expect(await host.stat(path('directory'))).toMatchObject({ kind: 'directory', mode: 0o1777 });
    expect(await host.stat(path('link'))).toMatchObject({ kind: 'link' });
    expect(await host.stat('/dev/null')).toMatchObject({ kind: 'other' });
    expect(await host.list(directory)).toEqual(['directory', 'file', 'link']);
    await host.makeDirectory(path('no/names'), 0o755);
    expect(await host.list(path('no/names'))).toEqual([]);
  });

  it('are written whole with their mode, parents included, and nothing is left beside them', async () => {
    const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, at) => (at * 11) % 256));
    await host.write(path('a/b/config'), bytes, 0o640);
    expect(readFileSync(path('a/b/config'))).toEqual(bytes);
    expect(lstatSync(path('a/b/config')).mode & 0o7777).toBe(0o640);
    expect(lstatSync(path('a/b')).mode & 0o7777).toBe(0o755);
    writeFileSync(path('a/b/.config.0123456789ab.new'), 'half');
    writeFileSync(path('a/b/.config.notours.new'), 'other');
    await host.write(path('a/b/config'), Buffer.alloc(0), 0o600);
    expect(readdirSync(path('a/b')).sort()).toEqual(['.config.notours.new', 'config']);
    expect(readFileSync(path('a/b/config'), 'utf8')).toBe('');
    expect(ssh.calls.flat().join('\n')).not.toContain(bytes.toString('base64').slice(0, 20));
  });

  it('replace a link rather than what it points at, and never a directory', async () => {
    writeFileSync(path('target'), 'kept');
    symlinkSync(path('target'), path('link'));
    await host.write(path('link'), Buffer.from('new'), 0o644);
    expect(readFileSync(path('target'), 'utf8')).toBe('kept');
    expect(readFileSync(path('link'), 'utf8')).toBe('new');
    await host.link(path('link'), '/d');
    await host.link(path('link'), "/it's");
    expect(readlinkSync(path('link'))).toBe("/it's");
    mkdirSync(path('directory'));
    const write = host.write(path('directory'), Buffer.from('x'), 0o600);
    await expect(write).rejects.toMatchObject({ code: 'EISDIR', path: path('directory') });
    expect(readdirSync(directory).sort()).toEqual(['directory', 'link', 'target']);
  });

  it('are removed, and directories get their mode', async () => {
    writeFileSync(path('file'), '');
    await host.remove(path('file'));
    expect(existsSync(path('file'))).toBe(false);
    await host.makeDirectory(path('x/y'), 0o700);
    expect(lstatSync(path('x/y')).mode & 0o7777).toBe(0o700);
    expect(lstatSync(path('x')).mode & 0o7777).toBe(0o755);
  });

  it('that are named as files of this host are read here', async () => {
    const here = new FakeHost({ '/ca.crt': 'the CA' });
    const other = new SshHost(connection, { here: { host: here, paths: ['/ca.crt'] } });
    expect((await other.read('/ca.crt'))?.toString()).toBe('the CA');
    expect(await other.stat('/ca.crt')).toMatchObject({ kind: 'file', size: 6 });
    expect(ssh.calls).toEqual([]);
  });

  it('are not asked for over HTTP', async () => {
    expect(await host.request({ url: 'https://a/' })).toMatchObject({
      error: expect.stringContaining('master2') as string,
    });
  });
});
