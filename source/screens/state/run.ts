import type { ChangeSummary } from '../../engine/change';
import type { Event, MemberStatus, StageOutline } from '../../engine/event';
import { clean } from './clean';
import { applyStepEvent, waitAfter, type StepEvent, type WaitEvent } from './run-step';
import { EMPTY_RUN, type CheckState, type JoinCommand, type RunState, type StageState } from './run-types';
import { without } from './without';

/** Lines of all steps kept for the log screen; the rest is in the log on disk. */
const KEPT_LINES = 5000;
/** Round trips of a member that are drawn beside it. */
const KEPT_TRIPS = 10;

function stageOf(outline: StageOutline): StageState {
  return {
    id: outline.id,
    title: outline.title,
    steps: outline.steps.map(({ id, title, host }) => ({
      id,
      title,
      ...(host === undefined ? {} : { host }),
      status: 'pending',
      planned: [],
      done: 0,
      output: [],
    })),
  };
}

function withCheck(checks: readonly CheckState[], check: CheckState): readonly CheckState[] {
  return checks.some(({ id }) => id === check.id)
    ? checks.map(known => (known.id === check.id ? check : known))
    : [...checks, check];
}

function withStep(run: RunState, event: StepEvent): RunState {
  const at = Date.parse(event.time);
  return {
    ...run,
    stages: run.stages.map(stage =>
      stage.steps.some(({ id }) => id === event.step)
        ? {
            ...stage,
            steps: stage.steps.map(step => (step.id === event.step ? applyStepEvent(step, event, at) : step)),
          }
        : stage,
    ),
  };
}

/** A wait of no step that is known comes before the stages are: programs of an interrupted run are awaited first. */
function withBefore(run: RunState, event: WaitEvent): RunState {
  const rest = without(run, 'before');
  const before = waitAfter(run.before, event, Date.parse(event.time));
  return before === undefined ? rest : { ...rest, before };
}

function withLine(run: RunState, step: string, line: string): RunState {
  const lines = [...run.lines, { step, text: clean(line) }];
  const over = Math.max(0, lines.length - KEPT_LINES);
  return { ...run, lines: lines.slice(over), dropped: run.dropped + over };
}

function withNamed<Named extends { readonly name: string }>(all: readonly Named[], one: Named) {
  return all.some(({ name }) => name === one.name)
    ? all.map(known => (known.name === one.name ? one : known))
    : [...all, one];
}

function withMember(run: RunState, member: MemberStatus): RunState {
  const { name, roundTripMs } = member;
  // A host may be called "constructor".
  const known = Object.hasOwn(run.trips, name) ? run.trips[name] : undefined;
  const trips = [...(known ?? []), ...(roundTripMs === undefined ? [] : [roundTripMs])];
  return {
    ...run,
    members: withNamed(run.members, member),
    trips: { ...run.trips, [name]: trips.slice(-KEPT_TRIPS) },
  };
}

/** The join command as the plan of writing it shows it: its token is masked there already. */
function joinIn(changes: readonly ChangeSummary[]): JoinCommand | undefined {
  for (const { kind, title, detail } of changes) {
    const command = detail.find(line => line.startsWith('kubeadm join '));
    if (kind === 'write' && command !== undefined) return { command, file: title };
  }
  return undefined;
}

/** What a failed step put back was not changed by it; what it changed beside that, its event says. */
function withFailure(run: RunState, event: Extract<Event, { type: 'step-failed' }>): RunState {
  const { step, failure: report, changed, ms } = event;
  const withdrawal = stepOf(run, step)?.withdrawal;
  const failures = [...run.failures, { step, report, ms, ...(withdrawal && { withdrawal }) }];
  if (withdrawal === undefined) {
    return { ...run, failures };
  }
  const kept = changed.slice(0, changed.length - withdrawal.done).filter(({ kind }) => kind !== 'await');
  const others = run.changed.filter(change => change.step !== step);
  return { ...run, failures, changed: [...others, ...kept.map(change => ({ ...change, step }))] };
}

/** A failure that was answered by trying again is one no longer. */
function withoutFailure(run: RunState, choice: string): RunState {
  const answered = without(run, 'failureQuestion');
  return choice === 'quit' ? answered : { ...answered, failures: [] };
}

/** What a run is after one more event; pure. An event of an unknown type changes nothing, so that an older screen can follow a newer engine. */
export function applyEvent(run: RunState, event: Event): RunState {
  switch (event.type) {
    case 'run-started':
      return {
        ...EMPTY_RUN,
        product: event.product,
        command: event.command,
        host: event.host,
        log: event.log,
        resumed: event.resumed,
        values: event.values,
        startedAt: Date.parse(event.time),
        stages: event.stages.map(stageOf),
      };
    case 'check-started':
      return { ...run, checks: withCheck(run.checks, { id: event.id, title: event.title }) };
    case 'check-finished':
      return {
        ...run,
        checks: withCheck(run.checks, { id: event.id, title: event.title, findings: event.findings }),
      };
    case 'preflight-finished':
      return { ...run, preflight: { fatal: event.fatal, warnings: event.warnings } };
    case 'output':
      return withStep(withLine(run, event.step, event.line), event);
    case 'change-finished': {
      const { current: change, withdrawal } = stepOf(run, event.step) ?? {};
      const changed =
        change === undefined || change.kind === 'await' || withdrawal !== undefined
          ? run.changed
          : [...run.changed, { ...change, step: event.step }];
      return withStep({ ...run, changed }, event);
    }
    case 'step-failed':
      return withStep(withFailure(run, event), event);
    case 'step-planned': {
      const join = joinIn(event.changes) ?? run.join;
      return withStep(join === undefined ? run : { ...run, join }, event);
    }
    case 'wait-started':
    case 'wait-progress':
    case 'wait-finished':
      return stepOf(run, event.step) === undefined ? withBefore(run, event) : withStep(run, event);
    case 'step-started':
    case 'change-started':
    case 'step-withdrawn':
    case 'step-finished':
      return withStep(run, event);
    case 'member':
      return withMember(run, event.member);
    case 'master':
      return { ...run, masters: withNamed(run.masters, event.master) };
    case 'question':
      return event.question.about === 'failure'
        ? { ...run, failureQuestion: event.question }
        : { ...run, question: event.question };
    case 'answer':
      if (run.failureQuestion?.id === event.id) return withoutFailure(run, event.choice);
      return run.question?.id === event.id ? without(run, 'question') : run;
    case 'run-finished': {
      const { outcome, changed, unchanged, ms, summary, failure } = event;
      return {
        ...without(without(run, 'question'), 'failureQuestion'),
        end: {
          outcome,
          changed,
          unchanged,
          ms,
          ...(summary === undefined ? {} : { summary }),
          ...(failure === undefined ? {} : { failure }),
        },
      };
    }
    default:
      return run;
  }
}

/** The step of that id, where the run has one. */
export function stepOf(run: RunState, id: string) {
  return run.stages.flatMap(({ steps }) => steps).find(step => step.id === id);
}
