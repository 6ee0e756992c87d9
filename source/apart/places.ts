import { join } from 'node:path';

/** Where engines at work are met: gone with the next boot, as they are. */
export const RUN_DIRECTORY = '/run/kube-el7-install';

/** The socket of the engine that holds the lock: a link to that of its run. */
export function engineSocket(directory: string): string {
  return join(directory, 'engine.sock');
}

/** The socket of one run's engine, which is there before it holds the lock. */
export function runSocket(directory: string, run: string): string {
  return join(directory, `${run}.sock`);
}

/** What an engine is told; it may hold a token, and the engine removes it. */
export function requestFile(directory: string, run: string): string {
  return join(directory, `${run}.request`);
}

/** What an engine's process says beside its events: only ever a fault. */
export function engineLog(logDirectory: string, run: string): string {
  return join(logDirectory, run, 'engine.log');
}
