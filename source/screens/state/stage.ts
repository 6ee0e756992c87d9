import type { RunState, StageState, StepState, StepStatus } from './run-types';

/** A stage is what its steps are together; it is `changed` where any of them changed something. */
export function stageStatus(stage: StageState): StepStatus {
  const has = (status: StepStatus) => stage.steps.some(step => step.status === status);
  if (has('failed')) return 'failed';
  if (has('running')) return 'running';
  if (has('pending')) return stage.steps.every(({ status }) => status === 'pending') ? 'pending' : 'running';
  return has('changed') ? 'changed' : 'unchanged';
}

/** From its first step's start to its last one's end, or to now; undefined before it began. Milliseconds. */
export function stageMs(stage: StageState, now: number): number | undefined {
  const begun = stage.steps.flatMap(({ startedAt }) => (startedAt === undefined ? [] : [startedAt]));
  if (begun.length === 0) {
    return undefined;
  }
  const ends = stage.steps.flatMap(({ startedAt, ms }) => {
    if (startedAt === undefined) return [];
    return [ms === undefined ? now : startedAt + ms];
  });
  return Math.max(0, Math.max(...ends) - Math.min(...begun));
}

/** The stage that an operator wants to see when none was chosen: a failed one, else the last that runs, else the last that began. */
export function currentStage(run: RunState): number {
  const statuses = run.stages.map(stageStatus);
  const failed = statuses.indexOf('failed');
  if (failed >= 0) return failed;
  const running = statuses.lastIndexOf('running');
  if (running >= 0) return running;
  return Math.max(
    0,
    statuses.reduce((last, status, index) => (status === 'pending' ? last : index), 0),
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

/** The wait of the whole run that has lasted longest. */
export function longestWait(run: RunState) {
  const waits = run.stages.flatMap(({ steps }) => steps.flatMap(({ wait }) => wait ?? []));
  return [...(run.before === undefined ? [] : [run.before]), ...waits].sort((a, b) => a.since - b.since)[0];
}
