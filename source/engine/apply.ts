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
  readonly files: Pick<RunFiles, 'journal' | 'note'>;
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
  const changed: ChangeSummary[] = [];
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
    for (const [index, change] of changes.entries()) {
      const summary = summaries[index] ?? context.changes.describe(change);
      if (context.halt.aborted) throw new Stopped();
      const started = clock.elapsed();
      stream.emit({ type: 'change-started', step: step.id, index, change: summary });
      await files.journal.sync();
      await performChange(step, change, context, note);
      changed.push(summary);
      stream.emit({ type: 'change-finished', step: step.id, index, ms: clock.elapsed() - started });
    }
    if (changes.length > 0) verify(step, await planStep(step, reader, context), context);
    const outcome = changes.length > 0 ? 'changed' : 'unchanged';
    stream.emit({ type: 'step-finished', step: step.id, outcome, ms: elapsed() });
    await files.journal.sync();
    return { kind: outcome };
  } catch (error) {
    if (error instanceof Stopped) return { kind: 'stopped' };
    context.onFailure();
    const report = await diagnosed(step, reader, reportOf(error));
    stream.emit({ type: 'step-failed', step: step.id, failure: report, changed, ms: elapsed() });
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
  await context.changes.perform(change, {
    output: (from, line) => {
      stream.emit({ type: 'output', step: step.id, stream: from, line: masks[from](line) });
    },
    note,
    secret: secret => {
      redactor.add(secret);
    },
  });
}

function verify(step: Step, left: readonly Change[], context: ApplyContext): void {
  if (left.length === 0) return;
  throw new Failure({
    code: 'not-verified',
    message: `"${step.title}" was done, and yet the host is not as it should be.`,
    hint: 'Something else may be changing the host at the same time, or a program did not do what it said. Look at the log, then retry.',
    seen: left.map(change => `still to do: ${context.changes.describe(change).title}`),
  });
}

async function diagnosed(step: Step, host: HostReader, report: FailureReport): Promise<FailureReport> {
  try {
    return (await step.diagnose?.(host, report)) ?? report;
  } catch {
    return report;
  }
}
