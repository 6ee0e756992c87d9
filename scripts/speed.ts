import { spawn } from 'node:child_process';

/** What one of the two processes below takes on a usual machine, in milliseconds: two cores of 2023, nothing else at work. */
const USUAL_MS = 3000;

/** Work of the kinds that a lab makes: computing, allocating, and starting programs. */
const WORK = `
const { pbkdf2Sync } = require('node:crypto');
const { spawnSync } = require('node:child_process');
pbkdf2Sync('a', 'b', 2700000, 64, 'sha512');
let kept = [];
for (let i = 0; i < 6000000; i += 1) kept[i % 50000] = { i, text: String(i) };
for (let i = 0; i < 450; i += 1) spawnSync('/bin/true');
`;

function once(): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['-e', WORK], { stdio: 'ignore' });
    child.once('error', reject);
    child.once('close', () => {
      resolve();
    });
  });
}

/** How many times slower this machine is now than a usual one: two processes at once, since two cores are what CI has. Not below 0.5. */
export async function measureSlowness(): Promise<number> {
  const began = process.hrtime.bigint();
  await Promise.all([once(), once()]);
  const ms = Number(process.hrtime.bigint() - began) / 1e6;
  return Math.max(0.5, Math.round((ms / USUAL_MS) * 100) / 100);
}
