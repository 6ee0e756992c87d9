import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleFolder } from '../../scripts/layout';

const LIMIT_MS = 30_000;

/**
 * Loaded before the program: ends it in the moment in which its first screen has been written whole, foot and all.
 * A look from outside would come late, and the more so the busier the machine is.
 */
const ENDER = `
const write = process.stdout.write.bind(process.stdout);
process.stdout.write = (text, ...rest) => {
  const written = write(text, ...rest);
  if (String(text).includes('Ctrl-C')) process.kill(process.pid, 'SIGKILL');
  return written;
};
`;

function quoted(words: readonly string[]): string {
  return words.map(word => `'${word.replaceAll("'", String.raw`'\''`)}'`).join(' ');
}

/** Runs a shell command in a terminal of 80×24 and resolves to all that was written to it. */
function inTerminal(command: string, env: Readonly<Record<string, string>>): Promise<string> {
  return new Promise((resolve, reject) => {
    const sized = `stty cols 80 rows 24; ${command}`;
    const child = spawn('script', ['--quiet', '--flush', '--command', sized, '/dev/null'], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, TERM: 'xterm-256color', LANG: 'C.UTF-8', SHELL: '/bin/bash', ...env },
    });
    let output = '';
    const limit = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`${command} was not done after ${LIMIT_MS} ms; it had written:\n${output}`));
    }, LIMIT_MS);
    child.stdout.setEncoding('utf8');
    child.stdout.on('data', (chunk: string) => {
      output += chunk;
    });
    child.on('error', reject);
    child.on('close', () => {
      clearTimeout(limit);
      resolve(output);
    });
  });
}

/**
 * Runs a command in a terminal and returns the CPU time (user and system, milliseconds) of it and of all its children,
 * as the kernel accounts it to the shell that waits for it, and what it wrote.
 */
async function timed(
  folder: string,
  words: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<{ readonly cpu: number; readonly output: string }> {
  const times = join(folder, 'times');
  const shell = `TIMEFORMAT='%3U %3S'; { time ${quoted(words)} 2>/dev/null ; } 2>'${times}'`;
  const output = await inTerminal(shell, env);
  const measured = /^([\d.]+) ([\d.]+)$/m.exec(await readFile(times, 'utf8'));
  if (measured === null) throw new Error(`no times of ${words.join(' ')}; it wrote:\n${output}`);
  return { cpu: 1000 * (Number(measured[1]) + Number(measured[2])), output };
}

async function inFolder<Result>(use: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'kube-el7-install-bench-'));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** CPU milliseconds of a program of Node until its first screen is complete, when it is ended. */
export function cpuToFirstFrame(words: readonly string[]): Promise<number> {
  return inFolder(async folder => {
    const ender = join(folder, 'ender.cjs');
    await writeFile(ender, ENDER);
    const { cpu, output } = await timed(folder, words, { NODE_OPTIONS: `--require ${ender}` });
    if (!output.includes('Ctrl-C'))
      throw new Error(`${words.join(' ')} ended without a first screen:\n${output}`);
    return cpu;
  });
}

/** The same of the archive's program, its launcher included (whose line that keeps NODE_OPTIONS away is left out). */
export function bundleCpuToFirstFrame(): Promise<number> {
  return inFolder(async folder => {
    for (const name of ['dist', 'runtime', 'variables', 'templates']) {
      await symlink(join(bundleFolder, name), join(folder, name));
    }
    const launcher = await readFile(join(bundleFolder, 'kube-el7-install'), 'utf8');
    const open = launcher.replace(/^unset NODE_OPTIONS.*\n/m, '');
    if (open === launcher) throw new Error('the launcher no longer has the line that is left out here');
    await writeFile(join(folder, 'kube-el7-install'), open, { mode: 0o755 });
    return cpuToFirstFrame([join(folder, 'kube-el7-install')]);
  });
}

/** CPU milliseconds of a command from its start to its end, measured in the same way. */
export function cpuToEnd(words: readonly string[]): Promise<number> {
  return inFolder(async folder => (await timed(folder, words, {})).cpu);
}
