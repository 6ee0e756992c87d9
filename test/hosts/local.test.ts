import { spawn } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Secret } from '../../source/engine/secret';
import { leftovers, settleLeftovers } from '../../source/hosts/leftovers';
import { LocalHost } from '../../source/hosts/local';

const host = new LocalHost({ name: 'here' });
let directory: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'local-host-'));
});

afterAll(() => {
  rmSync(directory, { recursive: true });
});

/** A shell is only what these tests run; the host itself uses none. */
function shell(script: string) {
  return { file: 'sh', args: ['-c', script] };
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise(resolve => setImmediate(resolve));
}

function running(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('files', () => {
  it('are written with their mode whatever the umask, parents included, and nothing is left beside them', async () => {
    const path = join(directory, 'a/b/config');
    const before = process.umask(0o077);
    await host.write(path, Buffer.from('one'), 0o644);
    process.umask(before);
    expect(lstatSync(path).mode & 0o777).toBe(0o644);
    await host.write(path, Buffer.from('two'), 0o600);
    expect(await host.read(path)).toEqual(Buffer.from('two'));
    expect(await host.stat(path)).toEqual({ kind: 'file', mode: 0o600, size: 3 });
    expect(readdirSync(join(directory, 'a/b'))).toEqual(['config']);
  });

  it('sweep away what a killed run left of the same file, and nothing else', async () => {
    writeFileSync(join(directory, '.swept.0123456789ab.new'), 'half');
    writeFileSync(join(directory, '.swept.notours.new'), 'other');
    await host.write(join(directory, 'swept'), Buffer.from('x'), 0o600);
    expect(existsSync(join(directory, '.swept.0123456789ab.new'))).toBe(false);
    expect(existsSync(join(directory, '.swept.notours.new'))).toBe(true);
  });

  it('replace a link rather than what it points at', async () => {
    const target = join(directory, 'target');
    writeFileSync(target, 'kept');
    symlinkSync(target, join(directory, 'link'));
    await host.write(join(directory, 'link'), Buffer.from('new'), 0o644);
    expect(await host.read(target)).toEqual(Buffer.from('kept'));
    expect((await host.stat(join(directory, 'link')))?.kind).toBe('file');
  });

  it('that are absent are undefined, also below a file', async () => {
    const file = join(directory, 'plain');
    writeFileSync(file, '');
    for (const path of [join(directory, 'none'), join(file, 'below')]) {
      expect(await host.read(path)).toBeUndefined();
      expect(await host.stat(path)).toBeUndefined();
      expect(await host.list(path)).toBeUndefined();
      await host.remove(path);
    }
  });

  it('fail to be written over a directory without harm to it', async () => {
    const path = join(directory, 'full');
    await host.makeDirectory(path, 0o700);
    await host.write(join(path, 'inside'), Buffer.from('x'), 0o644);
    await expect(host.write(path, Buffer.from('y'), 0o644)).rejects.toMatchObject({ code: 'EISDIR' });
    expect(await host.list(path)).toEqual(['inside']);
    expect(readdirSync(directory).filter(name => name.startsWith('.full'))).toEqual([]);
  });

  it('links and directories are made, replaced and removed', async () => {
    const link = join(directory, 'l');
    await host.link(link, '/one');
    await host.link(link, '/two');
    expect(readlinkSync(link)).toBe('/two');
    await host.remove(link);
    expect(await host.stat(link)).toBeUndefined();
    await host.makeDirectory(join(directory, 'p/q'), 0o700);
    expect((await host.stat(join(directory, 'p/q')))?.mode).toBe(0o700);
    expect((await host.stat(join(directory, 'p')))?.mode).toBe(0o755);
  });
});

describe('programs', () => {
  it('give their output and exit code, and get their arguments as they are', async () => {
    expect(await host.query({ file: 'printf', args: ['%s', '$(id) ; `id` "'] })).toEqual({
      code: 0,
      stdout: '$(id) ; `id` "',
      stderr: '',
    });
    expect(await host.query(shell('echo out; echo err >&2; exit 3'))).toEqual({
      code: 3,
      stdout: 'out\n',
      stderr: 'err\n',
    });
  });

  it('that do not exist are 127, that cannot be run 126, that a signal ends 128 and more', async () => {
    expect((await host.query({ file: 'no-such-program-here', args: [] })).code).toBe(127);
    writeFileSync(join(directory, 'text'), 'x', { mode: 0o600 });
    expect((await host.query({ file: join(directory, 'text'), args: [] })).code).toBe(126);
    expect((await host.query(shell('kill -KILL $$'))).code).toBe(137);
  });

  it('see a minimal environment in the C locale, and no proxies', async () => {
    process.env['https_proxy'] = 'http://proxy.invalid:1';
    process.env['CANARY'] = 'canary';
    const { stdout } = await host.query({ file: 'env', args: [], env: { EXTRA: '1' } });
    delete process.env['https_proxy'];
    delete process.env['CANARY'];
    expect(stdout).toContain('LC_ALL=C\n');
    expect(stdout).toContain('EXTRA=1\n');
    expect(stdout).not.toMatch(/proxy|CANARY/);
  });

  it('read a secret on their input, which their arguments do not show', async () => {
    const input = new Secret('canary-input');
    const { stdout } = await host.query({
      ...shell('tr a-z A-Z; tr "\\0" " " < /proc/$$/cmdline'),
      input,
    });
    expect(stdout).toMatch(/^CANARY-INPUT/);
    expect(stdout).not.toContain('canary-input');
  });

  it('that ignore a long input do not fail by it', async () => {
    expect((await host.query({ file: 'true', args: [], input: 'x'.repeat(1 << 20) })).code).toBe(0);
  });

  it('tell their lines as they come, carriage returns and torn characters included', async () => {
    const lines: string[] = [];
    const result = await host.execute(
      shell("printf 'one\\ntw'; printf 'o\\r\\n50%%\\r100%%\\n'; printf '\\303'; printf '\\244\\nlast'"),
      { timeoutMs: 60_000, onLine: (_, line) => lines.push(line) },
    );
    expect(lines).toEqual(['one', 'two', '50%', '100%', 'ä', 'last']);
    expect(result.code).toBe(0);
  });

  it('are ended with all that they started where the time runs out', async () => {
    const pids: number[] = [];
    const { code } = await host.execute(shell('sleep 1000 & echo $!; echo $$; wait'), {
      timeoutMs: 300,
      onLine: (_, line) => pids.push(Number(line)),
    });
    expect(code).toBe(124);
    expect(pids).toHaveLength(2);
    await until(() => pids.every(pid => !running(pid)));
  });

  it('are ended where the signal comes, and not begun where it came before', async () => {
    const stop = new AbortController();
    const result = host.execute(shell('echo up; exec sleep 1000'), {
      timeoutMs: 600_000,
      signal: stop.signal,
      onLine: () => {
        stop.abort();
      },
    });
    expect((await result).code).toBe(130);
    const path = join(directory, 'never');
    await host.execute({ file: 'touch', args: [path] }, { timeoutMs: 60_000, signal: stop.signal });
    expect(existsSync(path)).toBe(false);
  });

  it('of a killed run are found again, waited for, and ended only when they take too long', async () => {
    const marked = new LocalHost({ run: '20260101T000000Z-test' });
    let pid = 0;
    const result = marked.execute(shell('echo $$; exec sleep 1000'), {
      timeoutMs: 600_000,
      onLine: (_, line) => {
        pid = Number(line);
      },
    });
    await until(() => pid > 0);
    const one = { pid, command: 'sleep 1000' };
    await until(async () => (await leftovers()).some(found => found.command === one.command));
    const told: unknown[] = [];
    const onWait = (found: readonly unknown[]) => told.push(...found);
    await settleLeftovers({ signal: AbortSignal.abort() });
    expect(running(pid)).toBe(true);
    expect(await settleLeftovers({ onWait, patienceMs: 300 })).toContainEqual(one);
    expect(told).toContainEqual(one);
    expect(running(pid)).toBe(false);
    expect((await result).code).toBe(143);
  });

  it('go on to their end when whoever started them is killed', async () => {
    const path = join(directory, 'done');
    const program = `
      import { LocalHost } from ${JSON.stringify(new URL('../../source/hosts/local.ts', import.meta.url).pathname)};
      const script = 'until [ -e ${path}.go ]; do sleep 0.1; done; for i in 1 2 3; do echo $i || exit 9; done; touch ${path}';
      const started = { file: 'sh', args: ['-c', 'echo started; ' + script] };
      void new LocalHost().execute(started, { timeoutMs: 600000, onLine: (_, line) => console.log(line) });`;
    const parent = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program]);
    let seen = '';
    parent.stdout.on('data', (chunk: Buffer) => (seen += String(chunk)));
    parent.stderr.on('data', (chunk: Buffer) => (seen += String(chunk)));
    const ended = new Promise(resolve => parent.once('exit', resolve));
    await until(() => seen.includes('started'));
    parent.kill('SIGKILL');
    await ended;
    writeFileSync(`${path}.go`, '');
    await until(() => existsSync(path));
  });
});
