import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { program } from '../../scripts/layout';
import { damaged, ODD } from '../bad-inputs/damage';
import { Random } from '../support/random';

const SEED = 20_261_128;
/** A start takes 60 ms of a processor. */
const STARTS = 120;
const NOBODY = 65_534;
let directory = '';

beforeAll(() => {
  directory = mkdtempSync('/tmp/bad-input-');
  chmodSync(directory, 0o777);
});

afterAll(() => {
  rmSync(directory, { recursive: true });
});

/** The built program as somebody starts it who is not root, so that nothing can happen to the machine. */
async function run(...words: readonly string[]) {
  const { exitCode, stderr, stdout } = await execa(process.execPath, [resolve(program), ...words], {
    cwd: directory,
    env: { PATH: process.env['PATH'], HOME: tmpdir() },
    extendEnv: false,
    reject: false,
    stdin: 'ignore',
    timeout: 120_000,
    ...(process.getuid() === 0 ? { uid: NOBODY, gid: NOBODY } : {}),
  });
  return { code: exitCode, stderr, stdout };
}

describe('the built program', () => {
  it('refuses what is wrong with code 3 and in words, and makes no file', { timeout: 600_000 }, async () => {
    const random = new Random(SEED);
    const files = ['variables', 'journal'];
    const journal = readFileSync('test/fixtures/runs/succeeded.jsonl');
    for (let round = 0; round < STARTS; round += 1) {
      // An argument of a process cannot hold a NUL.
      const odd = () => random.pick(ODD).replaceAll('\0', '');
      const bad = random.pick<() => readonly string[]>([
        () => {
          // Without a registry nothing is right, whatever else the file says.
          const lines = `KUBE_VERSION=1.20.2\nCLUSTER_DOMAIN=${odd()}\n`;
          writeFileSync(join(directory, 'variables'), damaged(Buffer.from(lines), random), { mode: 0o644 });
          return ['plan', '--variables', 'variables', '--vip', odd()];
        },
        () => ['plan', '--docker-registry', 'reg:1', '--masters', `${odd()},,`, '--token', odd()],
        () => ['plan', `--kube-version=${odd()}`, '--docker-registry', '//'],
        () => ['plan', `--token-file=/no/such/${odd()}`],
        () => [`--${odd()}`, odd(), '--no-such-flag'],
        () => ['replay', `/no/such/${odd()}`],
        () => ['support-bundle', `/no/such/folder/${odd()}`],
      ])();
      const { code, stderr, stdout } = await run(...bad);
      const where = `round ${round}, seed ${SEED}: ${JSON.stringify(bad).slice(0, 500)}\n${stderr.slice(0, 2000)}`;
      expect(code, where).toBe(3);
      expect(stdout, where).toBe('');
      expect(stderr, where).toContain('wrong with what was given; nothing was changed');
      expect(stderr, where).not.toMatch(/\n\s+at /);
      expect(readdirSync(directory).filter(name => !files.includes(name))).toEqual([]);
    }
    let played = 0;
    for (let round = 0; round < 30; round += 1) {
      writeFileSync(join(directory, 'journal'), damaged(journal, random), { mode: 0o644 });
      const { code, stderr } = await run('replay', 'journal', '--output', random.pick(['plain', 'json']));
      expect([0, 3], `round ${round}, seed ${SEED}: ${stderr.slice(0, 2000)}`).toContain(code);
      played += code === 0 ? 1 : 0;
      expect(stderr).not.toMatch(/\n\s+at /);
    }
    expect(played).toBeGreaterThan(10);
  });

  it.each([
    ['the working directory is gone', 'cd "$(mktemp -d)" && rmdir "$PWD" && exec "$@"'],
    ['standard input is closed', 'exec "$@" <&-'],
    [
      'TMPDIR is nowhere, HOME empty and the umask odd',
      'TMPDIR=/none HOME= LC_ALL=xx_XX; umask 777; exec "$@"',
    ],
  ])('says what is wrong where %s, and not that it is its own fault', async (_, around) => {
    const { exitCode, stderr } = await execa(
      'sh',
      ['-c', around, 'sh', process.execPath, resolve(program), 'plan', '--docker-registry', '//'],
      { reject: false, timeout: 120_000, ...(process.getuid() === 0 ? { uid: NOBODY, gid: NOBODY } : {}) },
    );
    expect(exitCode, stderr).toBe(3);
    expect(stderr).toContain('wrong with what was given; nothing was changed');
    expect(stderr).not.toMatch(/fault of|uv_cwd|\n\s+at /);
  });
});
