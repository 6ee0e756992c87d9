import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Holds an flock on `path` while `work` runs, so that two commands do not do the same thing at once.
 * The lock goes with this process, however it ends. `waiting` is told once when another one holds it.
 */
export async function withLock<T>(path: string, waiting: () => void, work: () => Promise<T>): Promise<T> {
  mkdirSync(dirname(path), { recursive: true });
  const child = spawn('flock', ['--exclusive', path, 'sh', '-c', 'echo held; exec cat >/dev/null'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const released = new Promise<void>(resolve => {
    child.once('close', () => {
      resolve();
    });
  });
  const notice = setTimeout(waiting, 1000);
  try {
    await new Promise<void>((resolve, reject) => {
      child.on('error', reject);
      child.stdout.once('data', () => {
        resolve();
      });
      child.on('close', code => {
        reject(new Error(`flock ${path}: exit code ${code ?? 'unknown'}`));
      });
    });
  } finally {
    clearTimeout(notice);
  }
  try {
    return await work();
  } finally {
    // Released is when it has ended: a caller that blocks this process next would keep it from hearing that it may.
    child.stdin.end();
    await released;
  }
}
