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
import { journalOn, Outstanding, runIn, stagesIn, stageUnderWay } from './stages';
import type { Strike } from './strikes';
import type { Verdict } from './verdict';

/** Starts in a row that may fail by themselves. */
const patience = 3;
/** How often hosts are made anew for stages that were over before each fault had its turn. */
const passes = 10;

/** What an operator does who sits at a terminal over ssh: starts the installer, or looks on where a run is under way. */
function watch({ master, flags }: Ground): Running {
  const words = installersOn(master).length > 0 ? 'attach --output json' : flags;
  const command = `cd ${installerDirectory} && exec ./kube-el7-install ${words}`;
  return start('ssh', ['-tt', ...master.terminal(command, false)], { timeoutMs: 30 * 60_000 });
}

interface Struck {
  readonly shape: Shape;
  readonly strikes: Readonly<Record<string, Strike>>;
  /** The striking ends then (milliseconds since 1970), and the installer is let through. */
  readonly until: number;
  /** Only these are made: "clients: DNS away". */
  readonly matching: RegExp;
}

interface Course {
  readonly starts: number;
  readonly failures: readonly string[];
  readonly through: boolean;
}

/** Lets the installer run, struck by each fault once in each stage, and starts it again whenever it has ended before it was through. */
async function course(
  ground: Ground,
  { strikes, until }: Pick<Struck, 'strikes' | 'until'>,
  outstanding: Outstanding,
  report: (line: string) => void,
): Promise<Course> {
  const failures: string[] = [];
  let [starts, inRow] = [0, 0];
  for (;;) {
    await ground.master.boot();
    // Of a run that was cut off the journal still says that it is in the midst of something.
    const cutOff = installersOn(ground.master).length === 0 ? runIn(journalOn(ground.master)) : undefined;
    const watching = watch(ground);
    starts += 1;
    const ended = watching.result.then(
      ({ code, stdout }) => ({ code, said: `exit code ${String(code)}: ${stdout.slice(-1500)}` }),
      () => ({ code: 255, said: 'no end' }),
    );
    let over: Awaited<typeof ended> | undefined;
    void ended.then(result => (over = result));
    let wasStruck = false;
    while (over === undefined) {
      const journal = journalOn(ground.master);
      const stage =
        Date.now() > until || (cutOff !== undefined && runIn(journal) === cutOff)
          ? undefined
          : stageUnderWay(journal, outstanding.stages);
      if (stage === undefined) {
        await delay(50);
        continue;
      }
      const fault = outstanding.next(stage);
      wasStruck = true;
      report(`struck in ${stage}: ${fault}; ${String(outstanding.left.length)} to go`);
      await strikes[fault]?.({ ...ground, watching });
    }
    if (over.code === 0) return { starts, failures, through: true };
    inRow = wasStruck ? 0 : inRow + 1;
    // A run that goes on by itself is looked at again; that is no failure.
    if (installersOn(ground.master).length === 0 && over.code !== 255) failures.push(over.said);
    if (inRow >= patience) return { starts, failures, through: false };
  }
}

/** Faults from outside, each once in each stage of a run, one after the other, and what comes of them. */
export async function strikeStages(
  lab: Lab,
  { shape, strikes, until, matching }: Struck,
  report: (line: string) => void,
): Promise<Verdict> {
  const reference = await undisturbed(lab, shape, report);
  const outstanding = new Outstanding(stagesIn(reference.journal), Object.keys(strikes), matching);
  const total = outstanding.left.length;
  const detail: string[] = [];
  let [starts, failed, survived] = [0, 0, true];
  for (let pass = 1; pass <= passes && survived && outstanding.left.length > 0; pass += 1) {
    if (pass > 1 && Date.now() > until) break;
    const before = outstanding.left.length;
    const ground = await freshGround(lab, shape);
    order(ground.master, {});
    const joining = new Joining(ground);
    const went = await course(ground, { strikes, until }, outstanding, report);
    await joining.stop();
    const differs = went.through ? await comesToTheSame(ground, reference) : ['it did not come through'];
    starts += went.starts;
    failed += went.failures.length;
    survived = went.through && differs.length === 0;
    detail.push(...went.failures.map(text => `a start ended: ${text}`), ...differs);
    report(`pass ${String(pass)}: ${String(differs.length)} differences`);
    for (const line of differs) report(`  ${line}`);
    if (outstanding.left.length === before) break;
  }
  return {
    ...{ survived, times: total - outstanding.left.length, starts, failures: failed },
    ...{ missed: outstanding.left, detail, note: outstanding.note },
  };
}
