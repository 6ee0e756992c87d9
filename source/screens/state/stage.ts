import type { StepOutline } from '../../engine/event';
import type { RunState, StageState, StepState, StepStatus, Wait } from './run-types';

/** What a step does and, where that is not the host that the installer runs on, where. */
export function stepTitle({ title, host }: Pick<StepOutline, 'title' | 'host'>): string {
  return host === undefined || title.includes(host) ? title : `${title} on ${host}`;
}

/** A stage is what its steps are together; it is `changed` where any of them changed something. */
export function stageStatus(stage: StageState): StepStatus {
  const has = (status: StepStatus) => stage.steps.some(step => step.status === status);
  if (has('failed')) return 'failed';
  if (has('running')) return 'running';
  if (has('pending')) return stage.steps.every(({ status }) => status === 'pending') ? 'pending' : 'running';
  return has('changed') ? 'changed' : 'unchanged';
}

/** How long any of its steps was at work, until now; time in which it only waited for another stage is not its own. Undefined before it began. Milliseconds. */
export function stageMs(stage: StageState, now: number): number | undefined {
  const spans = stage.steps
    .flatMap(({ startedAt, ms }) => {
      if (startedAt === undefined) return [];
      return [{ start: startedAt, end: ms === undefined ? now : startedAt + ms }];
    })
    .sort((a, b) => a.start - b.start);
  if (spans.length === 0) return undefined;
  let total = 0;
  let reached = -Infinity;
  for (const { start, end } of spans) {
    total += Math.max(0, end - Math.max(start, reached));
    reached = Math.max(reached, end);
  }
  return total;
}

/** The stage that an operator wants to see when none was chosen: a failed one, else the last with a step at work, else the last that began. */
export function currentStage(run: RunState): number {
  const failed = run.stages.findIndex(stage => stageStatus(stage) === 'failed');
  if (failed >= 0) return failed;
  const lastWhere = (holds: (stage: StageState) => boolean) =>
    run.stages.reduce((last, stage, index) => (holds(stage) ? index : last), -1);
  const working = lastWhere(({ steps }) => steps.some(({ status }) => status === 'running'));
  return working >= 0
    ? working
    : Math.max(
        0,
        lastWhere(stage => stageStatus(stage) !== 'pending'),
      );
}

/** The step of a stage whose output is worth showing: failed, else one that waits, else the last that runs, else the last that began. */
export function currentStep(stage: StageState | undefined): StepState | undefined {
  const steps = stage?.steps ?? [];
  const running = steps.filter(({ status }) => status === 'running');
  return (
    steps.find(({ status }) => status === 'failed') ??
    running.find(({ wait }) => wait !== undefined) ??
    running[running.length - 1] ??
    [...steps].reverse().find(({ status }) => status !== 'pending') ??
    steps[0]
  );
}

/** What the whole run waits for, but for some steps, oldest first. */
export function waits(run: RunState, but: readonly string[] = []): readonly Wait[] {
  const all = run.stages.flatMap(({ steps }) =>
    steps.flatMap(({ id, wait }) => (but.includes(id) ? [] : (wait ?? []))),
  );
  return [...(run.before === undefined ? [] : [run.before]), ...all].sort((a, b) => a.since - b.since);
}
