import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A frame is complete when the foot of the first screen is there, its last line. */
const FOOT = 'Ctrl-C';
const LIMIT_MS = 30_000;

function quoted(words: readonly string[]): string {
  return words.map(word => `'${word.replaceAll("'", String.raw`'\''`)}'`).join(' ');
}

/** Runs a shell command in a terminal until it ends, with a look at all that it has written whenever it writes. */
function inTerminal(command: string, look: (output: string) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('script', ['--quiet', '--flush', '--command', command, '/dev/null'], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, TERM: 'xterm-256color', LANG: 'C.UTF-8' },
    });
    let output = '';
    const limit = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`${command} was not done after ${LIMIT_MS} ms; it had written:\n${output}`));
    }, LIMIT_MS);
    child.stdout.setEncoding('utf8');
    child.stdout.on('data', (chunk: string) => {
      output += chunk;
      look(output);
    });
    child.on('error', reject);
    child.on('close', () => {
      clearTimeout(limit);
      resolve();
    });
  });
}

/**
 * Runs a command in a terminal of 80×24 and returns the CPU time (user and system, milliseconds) of it and of all its
 * children, as the kernel accounts it to the shell that waits for it. `look` gets the output and the command's id.
 */
async function cpuOf(words: readonly string[], look: (output: string, pid: number) => void): Promise<number> {
  const work = await mkdtemp(join(tmpdir(), 'kube-el7-install-bench-'));
  try {
    const times = join(work, 'times');
    // The first line tells the id; the command takes it over.
    const timed = `sh -c 'echo "pid $$"; exec "$@" 2>/dev/null' sh ${quoted(words)}`;
    const shell = `stty cols 80 rows 24; TIMEFORMAT='%3U %3S'; { time ${timed} ; } 2>"${times}"`;
    await inTerminal(`bash -c ${quoted([shell])}`, output => {
      const pid = /^pid (\d+)\r?\n/.exec(output)?.[1];
      if (pid !== undefined) look(output, Number(pid));
    });
    const measured = /^([\d.]+) ([\d.]+)$/m.exec(await readFile(times, 'utf8'));
    if (measured === null) throw new Error(`no times of ${words.join(' ')}`);
    return 1000 * (Number(measured[1]) + Number(measured[2]));
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** CPU milliseconds of the program until its first screen is complete, when it is killed. */
export async function cpuToFirstFrame(words: readonly string[]): Promise<number> {
  const frame = { complete: false };
  const cpu = await cpuOf(words, (output, pid) => {
    if (frame.complete || !output.includes(FOOT)) return;
    frame.complete = true;
    process.kill(pid, 'SIGKILL');
  });
  if (!frame.complete) throw new Error(`${words.join(' ')} ended without a first screen`);
  return cpu;
}

/** CPU milliseconds of a command from its start to its end, measured in the same way. */
export function cpuToEnd(words: readonly string[]): Promise<number> {
  return cpuOf(words, () => undefined);
}
