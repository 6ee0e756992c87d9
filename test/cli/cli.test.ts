import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const TSX = resolve('node_modules/.bin/tsx');
const CLI = resolve('source/cli.tsx');
let directory = '';

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'cli-'));
});

afterAll(() => {
  rmSync(directory, { recursive: true });
});

/** Runs the program as an operator does, without a terminal, in a folder of its own. */
function run(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(TSX, [CLI, ...args], {
    cwd: directory,
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], HOME: directory },
  });
  return { status, stdout, stderr };
}

describe('the program', { timeout: 60_000 }, () => {
  it('tells its version and how to use it', () => {
    const version = run('--version');
    expect(version).toMatchObject({ status: 0, stderr: '' });
    expect(version.stdout).toMatch(/^kube-el7-install \d+\.\d+\.\d+\n$/);
    const { status, stdout } = run('--help');
    expect(status).toBe(0);
    for (const part of [
      '--variables FILE',
      'join-command',
      'Exit codes',
      '130',
      '/var/log/kube-el7-install',
    ]) {
      expect(stdout).toContain(part);
    }
  });

  it('refuses to ask where there is no terminal, with 3', () => {
    const { status, stdout, stderr } = run();
    expect(status).toBe(3);
    expect(stdout).toBe('');
    expect(stderr).toContain('this is no terminal');
  });

  it('reports every problem of a file on stderr, with 3, and nothing on stdout', () => {
    writeFileSync(join(directory, 'mine'), 'KUBE_VERSION=9.9.9\nreboot\nTILLER=$(touch ran)\n');
    const { status, stdout, stderr } = run(
      '--yes',
      '--output',
      'json',
      '--variables',
      'mine',
      '--token',
      'hunter2',
    );
    expect(status).toBe(3);
    expect(stdout).toBe('');
    for (const part of [
      'mine:1: KUBE_VERSION "9.9.9"',
      'mine:2:',
      'mine:3: TILLER',
      '--token "[secret]"',
      'DOCKER_REGISTRY is not set',
    ]) {
      expect(stderr).toContain(part);
    }
    expect(stderr).not.toContain('hunter2');
    expect(stderr).not.toMatch(/\n\s+at /);
  });
});
