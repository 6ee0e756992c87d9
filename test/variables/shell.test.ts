import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseVariables } from '../../source/variables/parse';
import { Random } from '../support/random';
import type { ShellFile } from './shell-file';
import { shellFile } from './shell-file';

const FILES = 1500;

/** What a shell has in the names of each file after sourcing it, all files in one process. */
function sourced(shell: readonly string[], files: readonly ShellFile[]): string[][] {
  const directory = mkdtempSync(join(tmpdir(), 'variables-'));
  try {
    const script = files.map(({ text, names }, index) => {
      writeFileSync(join(directory, `${index}`), text);
      return `( . ./${index}; printf '%s\\0' ${names.map(name => `"$${name}"`).join(' ')} )`;
    });
    const [program = 'sh', ...args] = shell;
    const output = execFileSync(program, [...args], {
      cwd: directory,
      input: script.join('\n'),
      env: { LC_ALL: 'C.UTF-8', PATH: '/nonexistent' },
      maxBuffer: 1 << 26,
    });
    const values = output.toString('utf8').split('\0');
    let at = 0;
    return files.map(({ names }) => values.slice(at, (at += names.length)));
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function parsed({ text, names }: ShellFile): string[] {
  const { assignments, problems } = parseVariables(text, 'f');
  expect(problems, text).toEqual([]);
  const values = new Map(assignments.map(({ name, value }) => [name, value]));
  return names.map(name => values.get(name) ?? '');
}

describe('a variables file', { timeout: 120_000 }, () => {
  const random = new Random(20_200_102);
  const files = Array.from({ length: FILES }, () => shellFile(random));
  const shells = [
    ['/bin/sh', '-s'],
    ['/bin/bash', '--posix', '-s'],
    ['/bin/bash', '-s'],
  ];
  for (const shell of shells) {
    const there = spawnSync(shell[0] ?? '', ['-c', 'exit 0']).status === 0;
    it.skipIf(!there)(`means what ${shell.join(' ')} makes of it`, () => {
      const expected = sourced(shell, files);
      for (const [index, file] of files.entries()) {
        expect(parsed(file), file.text).toEqual(expected[index]);
      }
    });
  }
});
