import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Lab, LabHost } from '../lab/lab';
import { installerDirectory } from '../lab/installer';
import type { Figure } from './figures';
import { installersOf, Peaks, pristine } from './install-times';
import { cpuUsed } from './process';
import { Terminal, nextKey, runScreen } from './terminal';

/** One look at the run, about once a second. */
export interface Sample {
  readonly seconds: number;
  /** Written to the terminal since it was opened. */
  readonly bytes: number;
  /** Milliseconds of CPU that both of the installer's processes used since their start. */
  readonly cpu: number;
  readonly waiting: boolean;
}

const PERIOD_MS = 1000;
const LIMIT_MS = 20 * 60_000;

/** Bytes and CPU per second of waiting: between two looks that both found the screen waiting. */
export function whileWaiting(samples: readonly Sample[]): {
  readonly seconds: number;
  readonly bytesPerSecond: number;
  readonly cpuPercent: number;
} {
  let [seconds, bytes, cpu] = [0, 0, 0];
  samples.forEach((sample, index) => {
    const before = samples[index - 1];
    if (before?.waiting !== true || !sample.waiting) return;
    seconds += sample.seconds - before.seconds;
    bytes += sample.bytes - before.bytes;
    cpu += sample.cpu - before.cpu;
  });
  return { seconds, bytesPerSecond: bytes / seconds, cpuPercent: cpu / 10 / seconds };
}

function pause(milliseconds: number): Promise<void> {
  return new Promise(resolve => {
    setTimeout(resolve, milliseconds);
  });
}

/** Goes through the screens by keyboard with the answers that are offered, and looks at the run until its summary. */
async function watch(host: LabHost): Promise<{ readonly samples: readonly Sample[]; readonly peak: number }> {
  const folder = await mkdtemp(join(tmpdir(), 'kube-el7-install-bench-'));
  const terminal = await Terminal.open(folder, [
    'ssh',
    ...host.terminal(`cd ${installerDirectory} && ./kube-el7-install`),
  ]);
  const samples: Sample[] = [];
  const peaks = new Peaks();
  let pressedOn = '';
  const deadline = Date.now() + LIMIT_MS;
  try {
    for (;;) {
      const screen = await terminal.screen();
      const at = runScreen(screen);
      const pids = installersOf(host);
      peaks.look(pids);
      if (at === 'summary') return { samples, peak: peaks.sum ?? 0 };
      if (at === 'failed' || Date.now() > deadline) throw new Error(`the run did not end well:\n${screen}`);
      const cpu = pids.reduce((sum, pid) => sum + (cpuUsed(pid) ?? 0), 0);
      if (at !== undefined && pids.length > 1) {
        const bytes = await terminal.bytes();
        samples.push({ seconds: performance.now() / 1000, bytes, cpu, waiting: at === 'waiting' });
      }
      const key = nextKey(screen);
      const place = `${key ?? ''} ${screen.split('\n')[0] ?? ''}`;
      if (key !== undefined && place !== pressedOn) {
        await terminal.press(key);
        pressedOn = place;
      }
      await pause(PERIOD_MS);
    }
  } finally {
    await terminal.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** What the screens cost while something is waited for, during installations by keyboard. */
export async function waiting(lab: Lab, rounds: number): Promise<Figure[]> {
  const runs: {
    readonly bytes: number;
    readonly cpu: number;
    readonly seconds: number;
    readonly peak: number;
  }[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const { samples, peak } = await watch(await pristine(lab));
    const { seconds, bytesPerSecond, cpuPercent } = whileWaiting(samples);
    runs.push({ bytes: bytesPerSecond, cpu: cpuPercent, seconds, peak });
    console.log(`by keyboard ${round + 1} of ${rounds}: ${seconds.toFixed(0)} s of waiting were looked at`);
  }
  const figure = (title: string, unit: string, most: number, ours: readonly number[]): Figure => ({
    title,
    unit,
    ours,
    goal: { kind: 'value', most },
  });
  return [
    figure(
      'written to the terminal while waiting',
      'B/s',
      500,
      runs.map(({ bytes }) => bytes),
    ),
    figure(
      'CPU of a core while waiting',
      '%',
      1,
      runs.map(({ cpu }) => cpu),
    ),
    figure(
      'peak memory with screens',
      'MiB',
      110,
      runs.map(({ peak }) => peak),
    ),
  ];
}
