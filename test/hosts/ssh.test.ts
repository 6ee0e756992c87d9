import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, lstatSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Command } from '../../source/engine/host';
import { Secret } from '../../source/engine/secret';
import { SshHost } from '../../source/hosts/ssh';
import { SETTLE } from '../../source/hosts/ssh-files';
import { SshConnection } from '../../source/hosts/ssh-connection';
import { outliving, remoteLine, script, shellWord } from '../../source/hosts/ssh-words';
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
  host = new SshHost(connection);
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
    const marked = new SshHost(connection, { run: 'run-1' });
    const { stdout } = await marked.query({ file: 'printenv', args: ['LC_ALL', 'KUBE_EL7_INSTALL_RUN'] });
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

  it('without the program says so, and not where a program is missing over there', async () => {
    const target = { name: 'm2', address: '10.0.0.2', user: 'admin' };
    const programless = new SshConnection(target, join(ssh.directory, 'none'));
    const ask = (one: SshConnection) => one.run({ file: 'true', args: [] }, { timeoutMs: 1000 });
    await expect(ask(programless)).rejects.toMatchObject({ report: { code: 'ssh-program' } });
    ssh.provide('sudo', 'echo "bash: sudo: command not found" >&2; exit 127');
    const sudoless = new SshConnection(target, ssh.program);
    await expect(ask(sudoless)).rejects.toMatchObject({ report: { code: 'ssh-sudo' } });
    await Promise.all([programless.close(), sudoless.close()]);
  });

  it('without sudo says so', async () => {
    const admin = new SshConnection({ name: 'm2', address: '10.0.0.2', user: 'admin' }, ssh.program);
    ssh.provide('sudo', 'echo "sudo: a password is required" >&2; exit 1');
    await expect(admin.run({ file: 'true', args: [] }, { timeoutMs: 1000 })).rejects.toMatchObject({
      report: { code: 'ssh-sudo', seen: ['sudo: a password is required'] },
    });
    await admin.close();
  });

  it('that breaks in the middle is told apart from a program that ends with 255', async () => {
    expect((await host.query({ file: 'sh', args: ['-c', 'exit 255'] })).code).toBe(255);
    const said = 'echo "client_loop: send disconnect: Broken pipe" >&2; exit 255';
    expect((await host.query({ file: 'sh', args: ['-c', said] })).code).toBe(255);
    writeFileSync(ssh.program, `#!/bin/sh\n${said}\n`);
    await expect(host.query({ file: 'true', args: [] })).rejects.toMatchObject({
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

describe('what an interrupted run had begun on another host', () => {
  const variable = `KUBE_EL7_TEST_${process.pid}`;
  const settle = (run: string, seconds: string) => host.query(script(SETTLE, variable, run, seconds));

  it('is waited for, but not what this run has begun', async () => {
    expect((await settle('new', '0')).code).toBe(0);
    const child = spawn('sh', ['-c', 'echo up; read line', 'begun'], {
      env: { PATH: '/bin', [variable]: 'old' },
    });
    await once(child.stdout, 'data');
    expect((await settle('old', '0')).code).toBe(0);
    const { code, stdout } = await settle('new', '0');
    expect([code, stdout]).toEqual([1, 'sh -c echo up; read line begun \n']);
    const waiting = settle('new', '600');
    child.stdin.end('\n');
    expect((await waiting).code).toBe(0);
    expect(child.exitCode).toBe(0);
  });

  it('that does not end is a failure, and is looked for again', async () => {
    let busy = true;
    const connectionOf = {
      target: connection.target,
      run: (command: Command) => {
        const isSettling = command.args.some(word => word.includes('left()'));
        return Promise.resolve({ code: isSettling && busy ? 1 : 0, stdout: 'yum install\n', stderr: '' });
      },
    };
    const marked = new SshHost(connectionOf, { run: 'new' });
    await expect(marked.remove('/x')).rejects.toMatchObject({
      report: { code: 'ssh-busy', seen: ['yum install'] },
    });
    busy = false;
    await marked.remove('/x');
  });
});
