import { performAgain } from './again';
import type { Change, ChangeSummary } from './change';
import type { Clock } from './clock';
import type { EventStream } from './events';
import { Failure, type FailureReport } from './failure';
import type { HostReader } from './host';
import type { Redactor } from './redact';
import type { RunFiles } from './run-files';
import type { Secret } from './secret';
import type { Step } from './step';
import { Stopped, waitUntil } from './wait';
import { noting } from './watch';

/** Changes that are performed, rather than waited for. */
export type PerformableChange = Exclude<Change, { readonly kind: 'await' }>;

/** Where a change tells of itself while it is performed. */
export interface ChangeContext {
  /** A line of a command's output, unmasked. */
  readonly output: (stream: 'stdout' | 'stderr', line: string) => void;
  /** A line for the step's log only, unmasked. */
  readonly note: (line: string) => void;
  /** A secret that came up and must be masked from now on. */
  readonly secret: (secret: Secret) => void;
  /** The step that it is a change of. */
  readonly step?: Pick<Step, 'id' | 'title'>;
}

/** The engine's only way to change a host; source/changes has the one that does. */
export interface Changes {
  perform(change: PerformableChange, context: ChangeContext): Promise<void>;
  /** Pure. */
  describe(change: Change): ChangeSummary;
}

/** What applying a step needs of its run. */
export interface ApplyContext {
  readonly host: HostReader;
  readonly changes: Changes;
  readonly stream: EventStream;
  readonly files: Pick<RunFiles, 'note'> & { readonly journal: Pick<RunFiles['journal'], 'sync'> };
  readonly redactor: Redactor;
  readonly clock: Clock;
  /** Aborted when nothing further shall be begun: the current change is finished, a wait is not. */
  readonly halt: AbortSignal;
  /** Called as soon as the step has failed, before the cause is looked for. */
  readonly onFailure: () => void;
}

export type StepOutcome =
  | { readonly kind: 'changed' | 'unchanged' | 'stopped' }
  | { readonly kind: 'failed'; readonly report: FailureReport };

/** Probe, plan, perform with the intent on disk first, probe again: the plan must then be empty. Emits the step's events; never throws. */
export async function applyStep(step: Step, context: ApplyContext): Promise<StepOutcome> {
  const { stream, clock, redactor, files } = context;
  const began = clock.elapsed();
  const changed: Made[] = [];
  let own = 0;
  const masked = redactor.lines();
  const note = (line: string) => {
    files.note(step.id, masked(line));
  };
  const reader = noting(context.host, note);
  const elapsed = () => clock.elapsed() - began;
  stream.emit({ type: 'step-started', step: step.id });
  try {
    const changes = await planStep(step, reader, context);
    const summaries = changes.map(change => context.changes.describe(change));
    stream.emit({ type: 'step-planned', step: step.id, changes: summaries });
    own = changes.length;
    for (const [index, change] of changes.entries()) {
      if (context.halt.aborted) throw new Stopped();
      changed.push(await make(step, change, index, context, note));
    }
    if (changes.length > 0) await verify(step, reader, context);
    const outcome = changes.length > 0 ? 'changed' : 'unchanged';
    stream.emit({ type: 'step-finished', step: step.id, outcome, ms: elapsed() });
    await files.journal.sync();
    return { kind: outcome };
  } catch (error) {
    if (error instanceof Stopped) return { kind: 'stopped' };
    context.onFailure();
    const cause = placed(step, await diagnosed(step, reader, reportOf(error)));
    const { made, left } = await withdraw(step, reader, context, note, own);
    const report = left.length === 0 ? cause : { ...cause, seen: [...(cause.seen ?? []), ...left] };
    stream.emit({
      type: 'step-failed',
      step: step.id,
      failure: report,
      changed: [...changed.filter(one => !isUndone(one, made)), ...made].map(({ summary }) => summary),
      ms: elapsed(),
    });
    await files.journal.sync().catch(() => undefined);
    return { kind: 'failed', report: redactor.copy(report) };
  }
}

/** What a step would do now; secrets within are masked from then on. */
export async function planStep(
  step: Step,
  host: HostReader,
  context: Pick<ApplyContext, 'redactor'>,
): Promise<readonly Change[]> {
  const changes = step.plan(await step.probe(host));
  context.redactor.addWithin(changes);
  return changes;
}

/** Any thrown thing as a report; what is no Failure is a fault of the installer and shows its stack. */
export function reportOf(error: unknown): FailureReport {
  if (error instanceof Failure) return error.report;
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return {
    code: 'bug',
    message: `A fault in the installer itself: ${error instanceof Error ? error.message : String(error)}`,
    hint: 'What was done so far stays and is not done again. Please report the lines below.',
    seen: text.split('\n').slice(0, 20),
  };
}

/** A change that was made. */
interface Made {
  readonly change: Change;
  readonly summary: ChangeSummary;
}

/** One change, with the intent on disk before it. */
async function make(
  step: Step,
  change: Change,
  index: number,
  context: ApplyContext,
  note: (line: string) => void,
): Promise<Made> {
  const { stream, clock } = context;
  const summary = context.changes.describe(change);
  const started = clock.elapsed();
  stream.emit({ type: 'change-started', step: step.id, index, change: summary });
  await context.files.journal.sync();
  await performChange(step, change, context, note);
  stream.emit({ type: 'change-finished', step: step.id, index, ms: clock.elapsed() - started });
  return { change, summary };
}

/** Puts back what the failed step says must not be left half done. What could not be put back is told in lines for the failure. */
async function withdraw(
  step: Step,
  reader: HostReader,
  context: ApplyContext,
  note: (line: string) => void,
  first: number,
): Promise<{ readonly made: readonly Made[]; readonly left: readonly string[] }> {
  const made: Made[] = [];
  if (step.withdraw === undefined) return { made, left: [] };
  // The run is being halted because of this failure: what puts things back is not cut short by that.
  const unhalted = { ...context, halt: new AbortController().signal };
  let doing = 'what there is to put back';
  try {
    const changes = step.withdraw(await step.probe(reader));
    context.redactor.addWithin(changes);
    if (changes.length === 0) return { made, left: [] };
    const summaries = changes.map(change => context.changes.describe(change));
    context.stream.emit({ type: 'step-withdrawn', step: step.id, changes: summaries });
    for (const [at, change] of changes.entries()) {
      doing = summaries[at]?.title ?? change.kind;
      made.push(await make(step, change, first + at, unhalted, note));
    }
    return { made, left: [] };
  } catch (error) {
    const { message, seen = [] } = reportOf(error);
    const what = message.startsWith(doing) ? message : `${doing}: ${message}`;
    return { made, left: [`could not be put back: ${what}`, ...seen] };
  }
}

/** Whether what a change wrote has been written anew, or removed, by one that put things back. */
function isUndone({ change }: Made, withdrawn: readonly Made[]): boolean {
  return 'path' in change && withdrawn.some(one => 'path' in one.change && one.change.path === change.path);
}

/** A failure on another host says on which. */
function placed(step: Step, report: FailureReport): FailureReport {
  if (step.host === undefined || report.message.includes(step.host)) return report;
  return { ...report, message: `On ${step.host}: ${report.message}` };
}

async function performChange(
  step: Step,
  change: Change,
  context: ApplyContext,
  note: (line: string) => void,
): Promise<void> {
  const { stream, redactor } = context;
  if (change.kind === 'await') {
    const { condition, timeoutMs } = change;
    const wait = { step: step.id, title: condition.title };
    stream.emit({ type: 'wait-started', ...wait, timeoutMs });
    let noted = '';
    const ms = await waitUntil(context.host, condition, {
      timeoutMs,
      signal: context.halt,
      clock: context.clock,
      onProgress: (elapsedMs, lastError) => {
        stream.emit({ type: 'wait-progress', ...wait, elapsedMs, lastError });
        if (lastError !== noted) note(`not yet: ${lastError}`);
        noted = lastError;
      },
    });
    stream.emit({ type: 'wait-finished', ...wait, ms });
    return;
  }
  const masks = { stdout: redactor.lines(), stderr: redactor.lines() };
  const into: ChangeContext = {
    output: (from, line) => {
      stream.emit({ type: 'output', step: step.id, stream: from, line: masks[from](line) });
    },
    note,
    secret: secret => {
      redactor.add(secret);
    },
    step: { id: step.id, title: step.title },
  };
  if (change.kind === 'run' && change.again !== undefined) {
    await performAgain(change, change.again, context, into);
  } else {
    await context.changes.perform(change, into);
  }
}

/** What was done may take a moment to be seen, while a VIP moves or etcd elects a leader. */
const LOOKS = 10;
const LOOK_EVERY_MS = 1000;

async function verify(step: Step, host: HostReader, context: ApplyContext): Promise<void> {
  const { clock, halt } = context;
  let left = await planStep(step, host, context);
  // By number and not by time: on a host that is busy a single look may take ten seconds.
  for (let looks = 1; looks < LOOKS && left.length > 0 && !halt.aborted; looks += 1) {
    await clock.sleep(LOOK_EVERY_MS, halt);
    left = await planStep(step, host, context);
  }
  if (left.length === 0) return;
  if (halt.aborted) throw new Stopped();
  throw new Failure({
    code: 'not-verified',
    message: `"${step.title}" was done, and yet the host is not as it should be.`,
    hint: 'Something else may be changing the host at the same time, or a program did not do what it said. Look at the log, then retry.',
    seen: left.map(change => `still to do: ${context.changes.describe(change).title}`),
  });
}

/** What the installer itself could not write is told by these, with the place: no program says it better. */
const NOT_WRITTEN = ['file-not-written', 'journal-not-written', 'undo-not-written'];

async function diagnosed(step: Step, host: HostReader, report: FailureReport): Promise<FailureReport> {
  if (NOT_WRITTEN.includes(report.code)) return report;
  try {
    return (await step.diagnose?.(host, report)) ?? report;
  } catch {
    return report;
  }
}
