import { applyStep, planStep, type ApplyContext, type Changes } from './apply';
import { systemClock, type Clock } from './clock';
import type { Ask, EventBody, Question, StepPlan, Summary } from './event';
import type { EventStream } from './events';
import type { FailureReport } from './failure';
import type { HostReader } from './host';
import type { Redactor } from './redact';
import type { RunFiles } from './run-files';
import { outlines, Schedule } from './schedule';
import type { Stage, Step } from './step';
import { watch, type Observer } from './watch';

type RunStarted = Extract<EventBody, { type: 'run-started' }>;

/** Hosts beside the one that the installer runs on, by the names that steps know them by. */
export type Hosts = ReadonlyMap<string, { readonly host: HostReader; readonly changes: Changes }>;

export interface RunOptions {
  readonly host: HostReader;
  readonly changes: Changes;
  /** The other hosts that steps name. */
  readonly hosts?: Hosts;
  readonly stream: EventStream;
  readonly files: Pick<RunFiles, 'note' | 'log'> & {
    readonly journal: Pick<RunFiles['journal'], 'resumed' | 'sync'>;
  };
  readonly redactor: Redactor;
  readonly ask: Ask;
  /** Ends the run after the changes that are being performed. */
  readonly signal: AbortSignal;
  readonly start: Pick<RunStarted, 'product' | 'command' | 'values'>;
  readonly observers?: readonly Observer[];
  /** Called once all is done; a failure of it is a note in the log, not one of the run. */
  readonly summarize?: () => Promise<Summary>;
  readonly clock?: Clock;
  /** Steps at the same time, at most. */
  readonly concurrency?: number;
}

/** Most of what runs at the same time only waits: for an image, for another host. */
const CONCURRENCY = 12;

/** Brings about all stages. Throws for faults in the list of steps only, before anything is done; everything else is an event and an outcome. */
export async function run(
  stages: readonly Stage[],
  options: RunOptions,
): Promise<'succeeded' | 'failed' | 'interrupted'> {
  const schedule = new Schedule(stages);
  refuseUnknownHosts(schedule.steps, options.hosts);
  const clock = options.clock ?? systemClock;
  const began = clock.elapsed();
  const { stream, files, signal } = options;
  const outcomes = new Map<string, 'changed' | 'unchanged'>();
  const over = new AbortController();
  stream.emit({
    type: 'run-started',
    ...options.start,
    host: options.host.name,
    stages: outlines(stages),
    log: files.log,
    resumed: files.journal.resumed,
  });
  for (const observer of options.observers ?? []) {
    void watch(observer, options.host, {
      emit: body => {
        if (!over.signal.aborted) stream.emit(body);
      },
      clock,
      signal: over.signal,
    });
  }
  let failed: Failed | undefined;
  for (let asked = 1; ; asked += 1) {
    failed = await runUntilHalt(schedule, { ...options, clock }, outcomes);
    if (failed === undefined || signal.aborted) break;
    const choice = await answerTo(question(failed, schedule, asked), options);
    if (choice === 'quit' || choice === undefined) break;
    if (choice.startsWith('back:')) schedule.backTo(choice.slice('back:'.length));
  }
  const outcome = schedule.complete ? 'succeeded' : signal.aborted ? 'interrupted' : 'failed';
  const summary = outcome === 'succeeded' ? await summarized(options) : undefined;
  over.abort();
  const counted = [...outcomes.values()];
  stream.emit({
    type: 'run-finished',
    outcome,
    changed: counted.filter(one => one === 'changed').length,
    unchanged: counted.filter(one => one === 'unchanged').length,
    ms: clock.elapsed() - began,
    ...(summary && { summary }),
    ...(failed && { failure: failed.report }),
  });
  await files.journal.sync().catch(() => undefined);
  return outcome;
}

/** What a run would do now. Reads only; steps that build on others' work show what they would do on the host as it is. */
export async function plan(
  stages: readonly Stage[],
  options: Pick<RunOptions, 'host' | 'changes' | 'hosts' | 'redactor'>,
): Promise<readonly StepPlan[]> {
  const { steps } = new Schedule(stages);
  refuseUnknownHosts(steps, options.hosts);
  const plans: StepPlan[] = [];
  for (const step of steps) {
    const changes = await planStep(step, placeOf(step, options).host, options);
    plans.push({ id: step.id, changes: changes.map(change => options.changes.describe(change)) });
  }
  return options.redactor.copy(plans);
}

function refuseUnknownHosts(steps: readonly Step[], hosts: Hosts | undefined): void {
  for (const { id, host } of steps) {
    if (host === undefined || hosts?.has(host)) continue;
    throw new Error(`the step ${id} is done on ${host}, which is not one of the run's hosts`);
  }
}

/** The host that a step is done on, and how that one is changed. */
function placeOf(
  step: Step,
  { host, changes, hosts }: Pick<RunOptions, 'host' | 'changes' | 'hosts'>,
): { readonly host: HostReader; readonly changes: Changes } {
  return (step.host === undefined ? undefined : hosts?.get(step.host)) ?? { host, changes };
}

interface Failed {
  readonly step: Step;
  readonly report: FailureReport;
}

/** Runs what can be run until all is done, a step has failed or the signal came, and everything that was begun has come to rest. */
async function runUntilHalt(
  schedule: Schedule,
  options: RunOptions & { readonly clock: Clock },
  outcomes: Map<string, 'changed' | 'unchanged'>,
): Promise<Failed | undefined> {
  const halt = new AbortController();
  const stop = () => {
    halt.abort();
  };
  if (options.signal.aborted) stop();
  options.signal.addEventListener('abort', stop);
  const context: ApplyContext = { ...options, halt: halt.signal, onFailure: stop };
  const running = new Map<string, Promise<void>>();
  let failed: Failed | undefined;
  const begin = async (step: Step) => {
    const outcome = await applyStep(step, { ...context, ...placeOf(step, options) });
    running.delete(step.id);
    if (outcome.kind === 'failed') {
      failed ??= { step, report: outcome.report };
    } else if (outcome.kind !== 'stopped') {
      schedule.finish(step.id);
      if (outcomes.get(step.id) !== 'changed') outcomes.set(step.id, outcome.kind);
    }
  };
  for (;;) {
    for (const step of halt.signal.aborted ? [] : schedule.ready) {
      if (running.has(step.id) || running.size >= (options.concurrency ?? CONCURRENCY)) continue;
      running.set(step.id, begin(step));
    }
    if (running.size === 0) break;
    await Promise.race(running.values());
  }
  options.signal.removeEventListener('abort', stop);
  return failed;
}

function question(failed: Failed, schedule: Schedule, count: number): Question {
  return {
    id: `failed-${failed.step.id}-${count}`,
    step: failed.step.id,
    about: 'failure',
    text: failed.report.message,
    choices: [
      { id: 'retry', title: 'Try again from here' },
      ...schedule.done.map(step => ({ id: `back:${step.id}`, title: `Begin again at: ${step.title}` })),
      { id: 'quit', title: 'Stop here; running again goes on from this point' },
    ],
    otherwise: 'quit',
  };
}

/** The id of a choice; undefined where the signal came first. */
async function answerTo(
  asked: Question,
  { stream, ask, signal, redactor }: RunOptions,
): Promise<string | undefined> {
  const shown = redactor.copy(asked);
  stream.emit({ type: 'question', question: shown });
  let stop = () => {
    // Replaced at once.
  };
  const aborted = new Promise<undefined>(resolve => {
    stop = () => {
      resolve(undefined);
    };
    signal.addEventListener('abort', stop);
  });
  const answer = await Promise.race([ask(shown).catch(() => shown.otherwise), aborted]);
  signal.removeEventListener('abort', stop);
  if (answer === undefined) return undefined;
  const choice = shown.choices.some(one => one.id === answer) ? answer : shown.otherwise;
  stream.emit({ type: 'answer', id: shown.id, choice });
  return choice;
}

async function summarized(options: RunOptions): Promise<Summary | undefined> {
  try {
    return await options.summarize?.();
  } catch (error) {
    options.files.note('summary', options.redactor.text(`no summary: ${String(error)}`));
    return undefined;
  }
}
