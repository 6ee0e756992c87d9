import type { Arguments } from '../arguments';
import type { Listener } from '../engine/event';
import { EventStream } from '../engine/events';
import { Redactor } from '../engine/redact';
import type { Interruptions } from '../interruptions';
import type { Installer } from '../installer';
import { problemsText } from '../renderers/failure-text';
import type { Problem, Settings } from '../variables/settings';

/** What a process ends with, documented in --help. */
export const EXIT = { done: 0, failed: 1, preflight: 2, invalid: 3, hungUp: 129, interrupted: 130 } as const;

/** What each end of a run is, as an exit code; `left` is a run that went on when the terminal was gone. */
export const EXIT_OF = {
  succeeded: EXIT.done,
  failed: EXIT.failed,
  interrupted: EXIT.interrupted,
  left: EXIT.hungUp,
} as const;

interface Headless extends Interruptions {
  readonly installer: Installer;
  /** Problems of files that the settings would not report. */
  readonly problems: readonly Problem[];
  readonly arguments: Arguments;
  readonly listener: Listener;
  readonly print: (text: string) => void;
  readonly complain: (text: string) => void;
}

async function settingsOf(run: Headless): Promise<Settings | undefined> {
  const loaded = await run.installer.settings({});
  const found = 'problems' in loaded ? loaded.problems : [];
  const key = (problem: Problem) => JSON.stringify(problem);
  const known = new Set(found.map(key));
  const all = [...run.problems.filter(problem => !known.has(key(problem))), ...found];
  if (all.length === 0 && 'settings' in loaded) return loaded.settings;
  run.complain(problemsText(all));
  return undefined;
}

/** Before the plan of putting members back, how each of them is: a reader of lines sees no screen of it. */
async function showDiagnosis({ installer, arguments: given, print }: Headless): Promise<void> {
  if (given.command !== 'readd-member' || given.output !== 'plain') return;
  const found = await installer.examine?.();
  if (found === undefined) return;
  const { diagnosisLines } = await import('../renderers/diagnosis-text');
  print(`${diagnosisLines(found).join('\n')}\n\n`);
}

async function showPlan(run: Headless, settings: Settings): Promise<number> {
  await showDiagnosis(run);
  const plan = await run.installer.plan(settings);
  const stream = new EventStream({ redactor: new Redactor() });
  stream.add(run.listener);
  stream.emit({ type: 'plan', ...plan });
  return EXIT.done;
}

/** Runs a command that asks nothing, and returns the exit code. */
export async function runHeadless(run: Headless): Promise<number> {
  const settings = await settingsOf(run);
  if (settings === undefined) return EXIT.invalid;
  if (run.arguments.command === 'plan' || run.arguments.planOnly) return showPlan(run, settings);
  const { fatal } = await run.installer.preflight(settings, run.listener);
  if (run.signal.aborted || run.hangUp.aborted) return EXIT.interrupted;
  if (fatal > 0) {
    run.complain(
      `${fatal} fatal finding${fatal === 1 ? '' : 's'} of the preflight checks; nothing was changed.\n`,
    );
    return EXIT.preflight;
  }
  const outcome = await run.installer.run(settings, {
    listener: run.listener,
    ask: question => Promise.resolve(question.otherwise),
    signal: run.signal,
    now: run.now,
    leave: run.hangUp,
  });
  return EXIT_OF[outcome];
}
