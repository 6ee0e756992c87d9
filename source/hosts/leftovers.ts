import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { RUN_VARIABLE } from './program';

const POLITE_MS = 10_000;
const PAUSE_MS = 100;

/** A program of a killed run that goes on by itself. */
export interface Leftover {
  readonly pid: number;
  /** Its arguments, as `ps` shows them: nothing secret stands there. */
  readonly command: string;
}

/** How long they may take before they are ended, in milliseconds: longer than kubeadm waits for the control plane (4 minutes). */
export const PATIENCE_MS = 6 * 60_000;

/** Programs that a run before this one had started and that go on although it was killed: two kubeadm at once would spoil each other's work. */
export async function leftovers(): Promise<readonly Leftover[]> {
  const found: Leftover[] = [];
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) continue;
    const command = await commandOfOurs(name);
    if (command !== undefined) found.push({ pid: Number(name), command });
  }
  return found;
}

export interface SettleOptions {
  /** Called once where there is something to wait for. */
  readonly onWait?: (programs: readonly Leftover[]) => void;
  /** Ends the waiting, and leaves them as they are. */
  readonly signal?: AbortSignal;
  readonly patienceMs?: number;
}

/**
 * Waits until they have ended by themselves, since a package transaction or a kubeadm cut short leaves more to mend
 * than one that ended; those that take longer than `patienceMs` are ended, politely first. Returns the numbers of all,
 * once they are gone. To be called with the lock held, before anything is started.
 */
export async function settleLeftovers({
  onWait,
  signal,
  patienceMs = PATIENCE_MS,
}: SettleOptions = {}): Promise<readonly Leftover[]> {
  const all = await leftovers();
  if (all.length > 0) onWait?.(all);
  let left = all;
  for (let waited = 0; left.length > 0 && signal?.aborted !== true; waited += PAUSE_MS) {
    if (waited >= patienceMs) {
      for (const { pid } of left) end(pid, waited < patienceMs + POLITE_MS ? 'SIGTERM' : 'SIGKILL');
    }
    await delay(PAUSE_MS);
    left = await leftovers();
  }
  return all;
}

async function commandOfOurs(pid: string): Promise<string | undefined> {
  try {
    const environment = await readFile(`/proc/${pid}/environ`, 'latin1');
    if (!environment.split('\0').some(entry => entry.startsWith(`${RUN_VARIABLE}=`))) return undefined;
    const stat = await readFile(`/proc/${pid}/stat`, 'latin1');
    if (/^\d+ \(.*\) [ZX]/s.test(stat)) return undefined;
    return (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0').join(' ').trim();
  } catch {
    return undefined;
  }
}

function end(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // Gone already.
  }
}
