import { setTimeout as delay } from 'node:timers/promises';
import { start } from '../hosts/command';
import type { Running } from '../hosts/command';
import { installerDirectory } from '../installer';
import type { Lab } from '../lab';
import { order } from './burdened';
import { installersOn } from './chain';
import { freshGround, Joining } from './cluster';
import type { Ground, Shape } from './cluster';
import { comesToTheSame } from './kills';
import { undisturbed } from './reference';
import { journalOn, stagesIn, stageUnderWay } from './stages';
import type { Strike } from './strikes';
import type { Verdict } from './verdict';

/** Starts in a row that may fail by themselves. */
const patience = 3;

/** What an operator does who sits at a terminal over ssh: starts the installer, or looks on where a run is under way. */
function watch({ master, flags }: Ground): Running {
  const words = installersOn(master).length > 0 ? 'attach --output json' : flags;
  const command = `cd ${installerDirectory} && exec ./kube-el7-install ${words}`;
  return start('ssh', ['-tt', ...master.terminal(command, false)], { timeoutMs: 30 * 60_000 });
}

interface Course {
  readonly struck: readonly string[];
  readonly starts: number;
  readonly failures: readonly string[];
  readonly through: boolean;
}

/** Lets the installer run, struck once in each stage, and starts it again whenever it has ended before it was through. */
async function course(
  ground: Ground,
  stages: ReadonlyMap<string, boolean>,
  strike: Strike,
  report: (line: string) => void,
): Promise<Course> {
  const left = new Map(stages);
  const failures: string[] = [];
  let [starts, inRow] = [0, 0];
  for (;;) {
    await ground.master.boot();
    const watching = watch(ground);
    starts += 1;
    const ended = watching.result.then(
      ({ code, stdout }) => ({ code, said: stdout.slice(-1500) }),
      () => ({ code: 255, said: 'no end' }),
    );
    let over: Awaited<typeof ended> | undefined;
    void ended.then(result => (over = result));
    let wasStruck = false;
    while (over === undefined) {
      const stage = stageUnderWay(journalOn(ground.master), left);
      if (stage === undefined) {
        await delay(50);
        continue;
      }
      left.delete(stage);
      wasStruck = true;
      report(`struck in ${stage}; ${String(left.size)} stages to go`);
      await strike({ ...ground, watching });
    }
    if (over.code === 0) break;
    inRow = wasStruck ? 0 : inRow + 1;
    // A run that goes on by itself is looked at again; that is no failure.
    if (installersOn(ground.master).length === 0 && over.code !== 255) failures.push(over.said);
    if (inRow >= patience) return { struck: struckIn(stages, left), starts, failures, through: false };
  }
  return { struck: struckIn(stages, left), starts, failures, through: true };
}

function struckIn(
  stages: ReadonlyMap<string, boolean>,
  left: ReadonlyMap<string, boolean>,
): readonly string[] {
  return [...stages.keys()].filter(stage => !left.has(stage));
}

/** One fault from outside in each stage of a run, one after the other, and what comes of it. */
export async function strikeStages(
  lab: Lab,
  {
    shape,
    strike,
    only,
  }: { readonly shape: Shape; readonly strike: Strike; readonly only?: readonly string[] },
  report: (line: string) => void,
): Promise<Verdict> {
  const reference = await undisturbed(lab, shape, report);
  const all = stagesIn(reference.journal);
  const stages = new Map([...all].filter(([stage]) => only?.includes(stage) !== false));
  const ground = await freshGround(lab, shape);
  order(ground.master, {});
  const joining = new Joining(ground);
  const { struck, starts, failures, through } = await course(ground, stages, strike, report);
  await joining.stop();
  const differs = through ? await comesToTheSame(ground, reference) : ['it did not come through'];
  return {
    survived: through && differs.length === 0,
    ...{ times: struck.length, starts, failures: failures.length },
    missed: [...stages.keys()].filter(stage => !struck.includes(stage)),
    detail: [...failures.map(text => `a start ended: ${text}`), ...differs],
    note: `in ${String(struck.length)} of ${String(stages.size)} stages: ${struck.join(', ')}`,
  };
}
