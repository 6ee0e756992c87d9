import { constants } from 'node:os';
import { StringDecoder } from 'node:string_decoder';
import { execa, type ExecaChildProcess } from 'execa';
import type { Command, CommandResult, ExecuteOptions } from '../engine/host';
import { Secret } from '../engine/secret';
import { homeOf } from '../surroundings';
import { Spool } from './spool';

/** The environment variable by which programs of a run can be found after the run was killed. */
export const RUN_VARIABLE = 'KUBE_EL7_INSTALL_RUN';

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const NOT_FOUND = 127;
const NOT_EXECUTABLE = 126;
const TIMED_OUT = 124;
const STOPPED = 130;
/** From the polite signal to the other. */
const GRACE_MS = 5000;
/** A program's child may keep the pipes open after it has ended; it is not waited for longer than this. */
const DRAIN_MS = 2000;
const LONGEST_LINE = 64 * 1024;
const LONGEST_OUTPUT = 32 * 1024 * 1024;

/**
 * Runs a program without a shell, in a process group of its own: a Ctrl-C in the terminal does not reach it, and a
 * time-out ends it together with what it started. The environment is minimal, and messages are in English.
 */
export async function runProgram(
  command: Command,
  options: ExecuteOptions & {
    readonly run?: string | undefined;
    /** It goes on to its end when the installer is killed: for what changes something. */
    readonly outlive?: boolean;
  },
): Promise<CommandResult> {
  if (options.signal?.aborted) return { code: STOPPED, stdout: '', stderr: '' };
  const stdout = collect(line => options.onLine?.('stdout', line));
  const stderr = collect(line => options.onLine?.('stderr', line));
  const spools = options.outlive ? [await Spool.open(stdout.take), await Spool.open(stderr.take)] : undefined;
  const [out, err] = spools?.map(spool => spool.descriptor) ?? [];
  const child = execa(command.file, command.args, {
    env: {
      PATH,
      HOME: homeOf(process.env),
      LC_ALL: 'C',
      ...(options.run === undefined ? {} : { [RUN_VARIABLE]: options.run }),
      ...command.env,
    },
    extendEnv: false,
    shell: false,
    // That of the installer may be gone by now.
    cwd: '/',
    detached: true,
    cleanup: false,
    buffer: false,
    reject: false,
    stdio: [command.input === undefined ? 'ignore' : 'pipe', out ?? 'pipe', err ?? 'pipe'],
  });
  const ended = exitCodeOf(child);
  child.stdout?.on('data', stdout.take);
  child.stderr?.on('data', stderr.take);
  // A program that ends without reading its input is no error here.
  child.stdin?.on('error', () => undefined);
  if (command.input !== undefined) child.stdin?.end(textOf(command.input));

  let stopped: number | undefined;
  const stop = (code: number) => {
    stopped ??= code;
    endGroup(child);
  };
  const timer = setTimeout(stop, options.timeoutMs, TIMED_OUT);
  const abort = () => {
    stop(STOPPED);
  };
  options.signal?.addEventListener('abort', abort);
  try {
    const code = await ended;
    await (spools ? Promise.all(spools.map(spool => spool.close())) : drained(child));
    return { code: stopped ?? code, stdout: stdout.end(), stderr: stderr.end() };
  } finally {
    clearTimeout(timer);
    options.signal?.removeEventListener('abort', abort);
  }
}

/** The exit code as a shell would tell it: 128 and the signal's number where a signal ended the program. */
async function exitCodeOf(child: ExecaChildProcess): Promise<number> {
  if (child.pid === undefined) {
    const { code } = (await child) as { readonly code?: string };
    return code === 'ENOENT' ? NOT_FOUND : NOT_EXECUTABLE;
  }
  child.then(nothing, nothing);
  return new Promise(resolve => {
    void child.once('exit', (code, signal) => {
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
    });
  });
}

/** How the promise of execa ends does not matter here: what it takes for an error is often only an exit code. */
function nothing(): void {
  // As said.
}

function textOf(input: string | Secret): string {
  return input instanceof Secret ? input.reveal() : input;
}

/** Resolves once both pipes are closed, or have been given time enough. */
async function drained(child: ExecaChildProcess): Promise<void> {
  // A program that could not be started has no streams, whatever the types say.
  const open = [child.stdout, child.stderr].filter(stream => stream?.destroyed === false);
  if (open.length === 0) return;
  await new Promise<void>(resolve => {
    const timer = setTimeout(resolve, DRAIN_MS);
    let left = open.length;
    for (const stream of open) {
      stream?.once('close', () => {
        left -= 1;
        if (left > 0) return;
        clearTimeout(timer);
        resolve();
      });
    }
  });
  for (const stream of open) stream?.destroy();
}

/** Gathers text and calls for each of its lines; a carriage return, as progress bars have, ends a line too. */
function collect(onLine: (line: string) => void): {
  readonly take: (chunk: Buffer) => void;
  readonly end: () => string;
} {
  const decoder = new StringDecoder('utf8');
  const chunks: string[] = [];
  let length = 0;
  let rest = '';
  const take = (text: string) => {
    if (length < LONGEST_OUTPUT) chunks.push(text);
    length += text.length;
    const lines = (rest + text).split(/\r?\n|\r(?!$)/);
    rest = lines.pop() ?? '';
    if (rest.length > LONGEST_LINE) {
      lines.push(rest);
      rest = '';
    }
    for (const line of lines) if (line !== '') onLine(line);
  };
  return {
    take: chunk => {
      take(decoder.write(chunk));
    },
    end: () => {
      take(decoder.end());
      if (rest.trim() !== '') onLine(rest.replace(/\r$/, ''));
      return chunks.join('');
    },
  };
}

function endGroup(child: ExecaChildProcess): void {
  signalGroup(child.pid, 'SIGTERM');
  setTimeout(() => {
    signalGroup(child.pid, 'SIGKILL');
  }, GRACE_MS).unref();
}

function signalGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // The group is gone already.
  }
}
