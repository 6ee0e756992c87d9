import { readFileSync } from 'node:fs';

/** A process of a host, by its id outside the host. */
export interface HostProcess {
  readonly pid: number;
  readonly arguments: readonly string[];
}

/** The arguments of a running process; undefined when it is gone (or is a zombie). */
export function argumentsOf(pid: number): readonly string[] | undefined {
  try {
    const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    return line === '' ? undefined : line.replace(/\0$/, '').split('\0');
  } catch {
    return undefined;
  }
}

/** The children of a process's main thread. */
export function childrenOf(pid: number): readonly number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

/** Sends a signal; a process that is gone already is no error. */
export function signal(pid: number, which: NodeJS.Signals | number): void {
  try {
    process.kill(pid, which);
  } catch (problem) {
    if ((problem as NodeJS.ErrnoException).code !== 'ESRCH') throw problem;
  }
}
