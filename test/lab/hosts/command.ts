import { spawn } from 'node:child_process';
import { patiently } from '../patience';

/** What a program said and how it ended; a program ended by a signal has the shell's code, 128 + signal. */
export interface Result {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  /** Milliseconds, more on a slow machine; when they are over the program is killed and the promise rejects. */
  readonly timeoutMs?: number;
  readonly input?: string | Buffer;
  readonly env?: Readonly<Record<string, string>>;
  /** The directory to run in; for programs of this machine only. */
  readonly cwd?: string;
}

/** A program under way, for scenarios that act while it runs. */
export interface Running {
  readonly pid: number;
  readonly result: Promise<Result>;
  /** What it has written to stdout and stderr until now. */
  output(): string;
  kill(signal?: NodeJS.Signals): void;
}

const signalNumbers: Readonly<Record<string, number>> = { SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGTERM: 15 };

/** Starts a program on this machine, with a terminal-free standard input. */
export function start(program: string, parameters: readonly string[], options: RunOptions = {}): Running {
  const child = spawn(program, parameters, {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, LC_ALL: 'C', ...options.env },
    cwd: options.cwd,
  });
  const out: Buffer[] = [];
  const error: Buffer[] = [];
  const all: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => {
    out.push(chunk);
    all.push(chunk);
  });
  child.stderr.on('data', (chunk: Buffer) => {
    error.push(chunk);
    all.push(chunk);
  });
  child.stdin.on('error', () => {
    // A program that ends without reading its input is judged by its exit code.
  });
  child.stdin.end(options.input ?? '');
  const text = (chunks: readonly Buffer[]): string => Buffer.concat(chunks).toString('utf8');
  const result = new Promise<Result>((resolve, reject) => {
    let late = false;
    const timer =
      options.timeoutMs === undefined
        ? undefined
        : setTimeout(() => {
            late = true;
            child.kill('SIGKILL');
          }, patiently(options.timeoutMs));
    child.on('error', problem => {
      clearTimeout(timer);
      reject(problem);
    });
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      if (late) {
        reject(
          new Error(
            `${program} was not done after ${options.timeoutMs ?? 0} ms; it had written:\n${text(all)}`,
          ),
        );
        return;
      }
      const ended = code ?? 128 + (signalNumbers[signal ?? ''] ?? 0);
      resolve({ code: ended, stdout: text(out), stderr: text(error) });
    });
  });
  return {
    pid: child.pid ?? 0,
    result,
    output: () => text(all),
    kill: signal => {
      child.kill(signal ?? 'SIGTERM');
    },
  };
}

/** Runs a program on this machine and returns its stdout; another exit code than 0 is an error with what it said. */
export async function perform(
  program: string,
  parameters: readonly string[],
  options: RunOptions = {},
): Promise<string> {
  const { code, stdout, stderr } = await start(program, parameters, options).result;
  if (code !== 0) {
    throw new Error(`${program} ${parameters.join(' ')}: exit code ${code}: ${(stderr || stdout).trim()}`);
  }
  return stdout;
}
