import type { RunState } from './run-types';
import { backTo } from './screen-keys';
import type { Next, ScreensState } from './screens';
import { without } from './without';

/** What is chosen from with the arrows and enter at the moment. */
interface ShownList {
  /** Differs for every question: what was chosen from a list that has gone chooses nothing. */
  readonly id: string;
  readonly length: number;
  readonly marked: number;
}

/** The steps that a failed run can go back to: those that it got to, newest first. */
export function earlierSteps(run: RunState) {
  return run.stages
    .flatMap(stage => stage.steps.map(step => ({ stage: stage.title, ...step })))
    .filter(({ status }) => status !== 'pending')
    .reverse();
}

/** The list on the screen; undefined where there is none. */
export function shownList({ overlay, run, choice }: ScreensState): ShownList | undefined {
  const { question } = run;
  if (overlay?.kind === 'stop') {
    return undefined;
  }
  if (question !== undefined) {
    return { id: `question ${question.id}`, length: question.choices.length, marked: choice };
  }
  return overlay?.kind === 'steps'
    ? { id: 'steps', length: earlierSteps(run).length, marked: overlay.index }
    : undefined;
}

/** Another line of the list is marked. */
export function marked(state: ScreensState, list: string, index: number): Next {
  if (shownList(state)?.id !== list) {
    return [state];
  }
  return state.run.question === undefined
    ? [{ ...state, overlay: { kind: 'steps', index } }]
    : [{ ...state, choice: index }];
}

/** A line of the list is chosen: the question is answered, or the step's plan asked for. */
export function chosen(state: ScreensState, list: string, index: number): Next {
  if (shownList(state)?.id !== list) {
    return [state];
  }
  const { run } = state;
  if (run.question !== undefined) {
    const choice = run.question.choices[index];
    return choice === undefined
      ? [state]
      : [
          { ...state, run: without(run, 'question') },
          { kind: 'answer', choice: choice.id },
        ];
  }
  const step = earlierSteps(run)[index];
  return step === undefined ? [state] : backTo(state, step.id);
}
