import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { RUN_VARIABLE } from './program';

const POLITE_MS = 10_000;
const PAUSE_MS = 100;

/** Programs that a run before this one had started and that go on although it was killed: two kubeadm at once would spoil each other's work. */
export async function leftovers(): Promise<readonly number[]> {
  const found: number[] = [];
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) continue;
    if (await isOurs(name)) found.push(Number(name));
  }
  return found;
}

/** Ends them, politely first, and returns their numbers once they are gone. To be called with the lock held, before anything is started. */
export async function endLeftovers(): Promise<readonly number[]> {
  const all = await leftovers();
  let left = all;
  for (let waited = 0; left.length > 0; waited += PAUSE_MS) {
    for (const pid of left) end(pid, waited < POLITE_MS ? 'SIGTERM' : 'SIGKILL');
    await delay(PAUSE_MS);
    left = await leftovers();
  }
  return all;
}

async function isOurs(pid: string): Promise<boolean> {
  try {
    const environment = await readFile(`/proc/${pid}/environ`, 'latin1');
    if (!environment.split('\0').some(entry => entry.startsWith(`${RUN_VARIABLE}=`))) return false;
    const stat = await readFile(`/proc/${pid}/stat`, 'latin1');
    return !/^\d+ \(.*\) [ZX]/s.test(stat);
  } catch {
    return false;
  }
}

function end(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // Gone already.
  }
}
