import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished, vi } from 'vitest';

const PROGRAM = fileURLToPath(new URL('support/hang-up.ts', import.meta.url));

/** The program on a terminal of its own, which hangs up as when a connection drops; what it noted and how it ended. */
function onTerminal() {
  const directory = mkdtempSync(join(tmpdir(), 'hang-up-'));
  const notes = join(directory, 'notes');
  const status = join(directory, 'status');
  // The shell outlives the terminal, to tell how the program ended; an abort by Node would be 134.
  const shell = [
    "trap '' HUP",
    'ulimit -c 0',
    'stty cols 80 rows 24',
    `'${process.execPath}' --import tsx '${PROGRAM}' '${notes}'`,
    `echo $? > '${status}'`,
  ].join('; ');
  const script = spawn('script', ['-qec', shell, '/dev/null'], {
    stdio: ['pipe', 'pipe', 'ignore'],
    env: { ...process.env, LANG: 'C.UTF-8', TERM: 'xterm', SHELL: '/bin/sh' },
  });
  let shown = '';
  script.stdout.on('data', (chunk: Buffer) => {
    shown += chunk.toString();
  });
  const read = (path: string) => (existsSync(path) ? readFileSync(path, 'utf8') : '');
  onTestFinished(() => {
    script.kill('SIGKILL');
    rmSync(directory, { recursive: true, force: true });
  });
  return {
    notes: () => read(notes),
    press: (keys: string) => script.stdin.write(keys),
    sees: (text: string) => vi.waitUntil(() => shown.includes(text), { timeout: 30_000 }),
    /** Ends the terminal's other side, and waits for the program's exit code. */
    hangUp: async () => {
      script.kill('SIGKILL');
      await vi.waitUntil(() => read(status) !== '', { timeout: 30_000 });
      return read(status).trim();
    },
  };
}

it('a terminal that hangs up during a run leaves it alone: nothing is stopped, and the program ends quietly', async () => {
  const terminal = onTerminal();
  await terminal.sees('1.19.16');
  terminal.press('\r\r\r\r');
  await terminal.sees('shows the plan');
  terminal.press('\r');
  await terminal.sees('8 stages');
  terminal.press('y');
  await vi.waitUntil(() => terminal.notes() === 'waiting\n', { timeout: 30_000 });
  expect(await terminal.hangUp()).toBe('129');
  expect(terminal.notes()).toBe('waiting\nleft\n');
});

it('a terminal that hangs up before anything is begun ends the program', async () => {
  const terminal = onTerminal();
  await terminal.sees('1.19.16');
  expect(await terminal.hangUp()).toBe('130');
  expect(terminal.notes()).toBe('left\n');
});
