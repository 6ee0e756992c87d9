import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SshHost } from '../../source/hosts/ssh';
import { SshConnection } from '../../source/hosts/ssh-connection';
import { Frame } from '../../source/hosts/ssh-frame';
import { script } from '../../source/hosts/ssh-words';
import { FakeSsh } from './fake-ssh';

let directory: string;
let ssh: FakeSsh | undefined;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'ssh-shell-'));
});

afterEach(() => {
  ssh?.remove();
  ssh = undefined;
  rmSync(directory, { recursive: true });
});

function hostWith(login: string): { readonly host: SshHost; readonly close: () => Promise<void> } {
  ssh = new FakeSsh(login);
  const target = { name: 'master2', address: '10.0.0.2', user: 'root' };
  const connection = new SshConnection(target, ssh.program);
  return { host: new SshHost(connection), close: () => connection.close() };
}

/** What shells of users do before and after a command, and the shells of this machine. */
const SHELLS: readonly (readonly [string, string])[] = [
  ['a quiet one', 'exec /bin/sh -c "$1"'],
  ['one that greets', 'echo Welcome; /bin/sh -c "$1"'],
  [
    'one that greets without a line break',
    'printf "Welcome "; printf "begin-x end-x" >&2; exec /bin/sh -c "$1"',
  ],
  [
    'one that complains',
    'echo "stty: standard input: Inappropriate ioctl for device" >&2; exec /bin/sh -c "$1"',
  ],
  ['one that says goodbye', '/bin/sh -c "$1"; c=$?; echo Bye; echo bye >&2; exit $c'],
  ['one with a umask and a poor PATH', 'umask 077; PATH=/usr/bin:/bin; export PATH; exec /bin/sh -c "$1"'],
  ...['bash', 'dash', 'tcsh', 'csh', 'fish', 'zsh', 'mksh']
    .flatMap(name => [`/bin/${name}`, `/usr/bin/${name}`].filter(existsSync).slice(0, 1))
    .map(path => [path, `exec ${path} -c "$1"`] as const),
];

describe.each(SHELLS)('a login shell: %s', (_, login) => {
  it('changes nothing in what is read, written, printed and told', async () => {
    const { host, close } = hostWith(login);
    const path = join(directory, "it's a file");
    const bytes = Buffer.from(Array.from({ length: 70_000 }, (_one, at) => (at * 7) % 256));
    await host.write(path, bytes, 0o640);
    expect(await host.read(path)).toEqual(bytes);
    expect(await host.stat(path)).toEqual({ kind: 'file', mode: 0o640, size: 70_000 });
    expect(await host.read(join(directory, 'none'))).toBeUndefined();
    expect(await host.list(directory)).toEqual(["it's a file"]);
    const words = ['!x', "it's", '$HOME', '`id`', '\\', 'a\nb', '', 'x'.repeat(3000)];
    const printed = await host.query({ file: 'printf', args: ['%s\\0', ...words] });
    expect(printed).toEqual({ code: 0, stdout: `${words.join('\0')}\0`, stderr: '' });
    expect(await host.query({ ...script('cat; echo no >&2; exit 7'), input: 'given' })).toEqual({
      code: 7,
      stdout: 'given',
      stderr: 'no\n',
    });
    const seen: string[] = [];
    await host.execute(script('echo a; echo; printf b'), {
      timeoutMs: 60_000,
      onLine: (stream, line) => seen.push(`${stream} ${line}`),
    });
    expect(seen).toEqual(['stdout a', 'stdout b']);
    expect((await host.query(script('umask'))).stdout).toBe('0022\n');
    await close();
  });
});

describe('a login shell that runs nothing', () => {
  it.each([
    ['nologin', 'echo "This account is currently not available."; exit 1'],
    ['a forced command', 'echo "backup server"; exit 0'],
    ['a restricted one without programs', 'echo "rbash: sh: command not found" >&2; exit 127'],
  ])('is named: %s', async (_, login) => {
    const { host, close } = hostWith(login);
    await expect(host.read('/etc/hosts')).rejects.toMatchObject({
      report: {
        code: 'ssh-shell',
        message: expect.stringContaining(
          'root can log in on master2, but commands are not run there',
        ) as string,
        hint: expect.stringContaining('usermod -s /bin/bash root') as string,
        seen: [expect.stringMatching(/account|backup|rbash/) as string],
      },
    });
    await close();
  });
});

describe('the line that a login shell gets', () => {
  it('means the same to every shell', () => {
    const line = new Frame().line(`echo '!$HOME\`\\' "a" ${'é\n'.repeat(900)}`);
    expect(line).toMatch(/^sh -c '[^'!\\\n]*' sh( [A-Za-z0-9+/]{2,400}={0,2})+$/);
    for (const word of line.split(' ').slice(-6)) expect(word.length).toBeLessThanOrEqual(400);
  });

  it('is never mistaken, because its marks are others each time', () => {
    writeFileSync(join(directory, 'x'), '');
    expect(new Frame().line('true')).not.toBe(new Frame().line('true'));
  });
});
