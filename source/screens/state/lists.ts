import type { RunState } from './run-types';
import { entries, markedEntry } from './menu';
import { chosenEntry, markedAt } from './menu-keys';
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
export function shownList(state: ScreensState): ShownList | undefined {
  const { overlay, run, choice, screen } = state;
  const { question } = run;
  if (overlay?.kind === 'stop') {
    return undefined;
  }
  if (question !== undefined) {
    return { id: `question ${question.id}`, length: question.choices.length, marked: choice };
  }
  if (overlay?.kind === 'steps') {
    return { id: 'steps', length: earlierSteps(run).length, marked: overlay.index };
  }
  if (overlay !== undefined || screen !== 'menu') return undefined;
  const ids = entries(state).map(({ id }) => id);
  return { id: `menu ${ids.join(' ')}`, length: ids.length, marked: markedEntry(state) };
}

/** Another line of the list is marked. */
export function marked(state: ScreensState, list: string, index: number): Next {
  if (shownList(state)?.id !== list) {
    return [state];
  }
  if (state.run.question === undefined && state.overlay === undefined && state.menu !== undefined) {
    return markedAt(state, state.menu, index);
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
  const { run, menu, overlay } = state;
  if (run.question === undefined && overlay === undefined && menu !== undefined) {
    return chosenEntry(state, menu, index);
  }
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
