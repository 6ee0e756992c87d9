import { until } from '../lab';
import type { LabHost } from '../lab';
import { complaint, install } from '../scenarios/support';
import type { InstallRun } from '../scenarios/support';
import { killsOn } from './burdened';

/** How often in a row a start may fail by itself before the run counts as one that does not come through. */
const patience = 3;

/** What became of starting the installer again and again until it was through. */
export interface Chain {
  readonly starts: number;
  /** Starts that ended with a failure of their own, and what they said. */
  readonly failures: readonly string[];
  readonly through: boolean;
}

/** Whatever of the installer still runs on a host, by its ids outside. */
export function installersOn(host: LabHost): readonly number[] {
  return host
    .processes()
    .filter(({ arguments: words }) => words.some(word => word.endsWith('/dist/start.cjs')))
    .map(({ pid }) => pid);
}

async function startOnce(host: LabHost, flags: string): Promise<InstallRun> {
  try {
    return await install(host, flags);
  } catch (problem) {
    // The last line of one that was killed may be half a line, and ssh may have ended with it.
    return {
      code: 255,
      stdout: '',
      stderr: problem instanceof Error ? problem.message : String(problem),
      events: [],
    };
  } finally {
    // What shows a run ends by itself when the process that does it was killed.
    await until(`the installer on ${host.name} to have ended`, 60_000, () => {
      if (installersOn(host).length > 0) throw new Error(`processes ${installersOn(host).join(', ')}`);
    });
  }
}

/** Starts the installer until it is through: after each time that it was killed, and some times after a failure of its own. */
export async function startUntilThrough(
  host: LabHost,
  flags: string,
  progress: (kills: number, starts: number) => void,
): Promise<Chain> {
  const failures: string[] = [];
  let [starts, inRow] = [0, 0];
  for (;;) {
    const before = killsOn(host).length;
    const run = await startOnce(host, flags);
    starts += 1;
    const kills = killsOn(host).length;
    progress(kills, starts);
    if (kills > before) {
      inRow = 0;
    } else if (run.code === 0) {
      return { starts, failures, through: true };
    } else {
      failures.push(complaint(run));
      inRow += 1;
      if (inRow >= patience) return { starts, failures, through: false };
    }
  }
}
