import { spawn } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** A program that goes on after the command that started it, known by a file in a directory. */
export interface Server {
  readonly name: string;
  readonly program: string;
  readonly parameters: readonly string[];
  /** What its files say beyond the parameters: another content restarts it. */
  readonly content: string;
  /** Asked until it no longer throws. */
  readonly answers: () => Promise<void>;
}

interface Kept {
  readonly pid: number;
  /** When the kernel started it: a process id alone may belong to another one by now. */
  readonly since: string;
  readonly identity: string;
}

const answersWithinMs = 20_000;
const endsWithinMs = 10_000;

/** The start time in clock ticks since boot, or undefined when no such process runs. */
export function startTimeOf(pid: number): string | undefined {
  let status: string;
  try {
    status = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined;
  }
  // The name in parentheses may hold spaces: fields are counted from its end.
  const fields = status.slice(status.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' ? undefined : fields[19];
}

const fileOf = (directory: string, name: string): string => join(directory, `${name}.server.json`);

function readKept(file: string): Kept | undefined {
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Kept) : undefined;
}

const runs = (kept: Kept): boolean => startTimeOf(kept.pid) === kept.since;

async function until(condition: () => Promise<boolean> | boolean, limitMs: number): Promise<boolean> {
  const end = Date.now() + limitMs;
  while (!(await condition())) {
    if (Date.now() > end) return false;
    await delay(50);
  }
  return true;
}

/** Starts a server, or keeps the one that already runs with the same content. Returns its process id. */
export async function startServer(directory: string, server: Server): Promise<number> {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const file = fileOf(directory, server.name);
  const identity = JSON.stringify([server.program, server.parameters, server.content]);
  const before = readKept(file);
  if (before !== undefined && runs(before) && before.identity === identity) return before.pid;
  if (before !== undefined) await stopServer(file);

  const log = join(directory, `${server.name}.log`);
  const descriptor = openSync(log, 'w');
  const child = spawn(server.program, server.parameters, {
    detached: true,
    cwd: '/',
    stdio: ['ignore', descriptor, descriptor],
  });
  closeSync(descriptor);
  let failure: Error | undefined;
  child.on('error', error => (failure = error));
  child.on(
    'exit',
    code => (failure = new Error(`${server.name} ended with code ${code ?? 'unknown'}; see ${log}`)),
  );
  const since = child.pid === undefined ? undefined : startTimeOf(child.pid);
  if (child.pid !== undefined && since !== undefined) {
    writeFileSync(file, JSON.stringify({ pid: child.pid, since, identity } satisfies Kept), { mode: 0o600 });
  }
  let last: unknown;
  const answered = await until(async () => {
    if (failure !== undefined) throw failure;
    try {
      await server.answers();
      return true;
    } catch (error) {
      last = error;
      return false;
    }
  }, answersWithinMs);
  if (!answered || child.pid === undefined) {
    await stopServer(file);
    throw new Error(
      `${server.name} does not answer: ${last instanceof Error ? last.message : String(last)}; see ${log}`,
    );
  }
  child.removeAllListeners();
  child.unref();
  return child.pid;
}

async function stopServer(file: string): Promise<void> {
  const kept = readKept(file);
  if (kept !== undefined && runs(kept)) {
    process.kill(kept.pid, 'SIGTERM');
    if (!(await until(() => !runs(kept), endsWithinMs))) {
      process.kill(kept.pid, 'SIGKILL');
      if (!(await until(() => !runs(kept), endsWithinMs)))
        throw new Error(`process ${kept.pid} does not end`);
    }
  }
  rmSync(file, { force: true });
}

/** Stops every server that was started in a directory, or those of some names; one that is gone already is no error. */
export async function stopServers(
  directory: string,
  which: (name: string) => boolean = () => true,
): Promise<void> {
  if (!existsSync(directory)) return;
  const files = readdirSync(directory).filter(name => name.endsWith('.server.json') && which(name));
  await Promise.all(files.map(name => stopServer(join(directory, name))));
}
