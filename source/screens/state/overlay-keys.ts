import type { Key } from '../terminal/keys';
import { content, scrolledTop } from '../content';
import { backTo } from './screen-keys';
import { bodyRows, uncovered, type Next, type Overlay, type ScreensState } from './screens';
import type { RunState } from './run-types';
import { without } from './without';

/** The steps that a failed run can go back to: those that it got to, newest first. */
export function earlierSteps(run: RunState) {
  return run.stages
    .flatMap(stage => stage.steps.map(step => ({ stage: stage.title, ...step })))
    .filter(({ status }) => status !== 'pending')
    .reverse();
}

/** The keys of what lies over the screens: a question first of all, for the engine waits. */
export function pressed(state: ScreensState, key: Key): Next {
  const { overlay } = state;
  if (overlay?.kind === 'stop') {
    return stop(state, key);
  }
  if (state.run.question !== undefined) {
    return question(state, key);
  }
  switch (overlay?.kind) {
    case 'log':
      return log(state, overlay, key);
    case 'values':
      return values(state, key);
    case 'steps':
      return steps(state, overlay, key);
    default:
      return [uncovered(state)];
  }
}

function stop(state: ScreensState, key: Key): Next {
  switch (key) {
    case 's':
    case 'enter':
      return [{ ...uncovered(state), stopping: true }, { kind: 'stop' }];
    case 'g':
    case 'escape':
      return [uncovered(state)];
    default:
      return [state];
  }
}

function question(state: ScreensState, key: Key): Next {
  const { run, choice } = state;
  const choices = run.question?.choices ?? [];
  const digit = /^[1-9]$/.test(key) ? Number(key) - 1 : undefined;
  const chosen = choices[key === 'enter' ? choice : (digit ?? -1)];
  if (chosen !== undefined) {
    return [
      { ...state, run: without(run, 'question') },
      { kind: 'answer', choice: chosen.id },
    ];
  }
  const by = key === 'down' ? 1 : key === 'up' ? -1 : 0;
  return [{ ...state, choice: Math.max(0, Math.min(choices.length - 1, choice + by)) }];
}

/** Columns that an arrow key moves the log sideways. */
const LOG_SHIFT = 20;

/** Lines of the log in sight. */
export function logPage(state: ScreensState): number {
  return bodyRows(state.size);
}

function log(state: ScreensState, overlay: Extract<Overlay, { kind: 'log' }>, key: Key): Next {
  const total = state.run.lines.length;
  const page = logPage(state);
  const end = overlay.end ?? total;
  const to = (target: number): Next => {
    const bounded = Math.max(Math.min(page, total), target);
    const { left } = overlay;
    return [{ ...state, overlay: { kind: 'log', left, ...(bounded >= total ? {} : { end: bounded }) } }];
  };
  switch (key) {
    case 'up':
      return to(end - 1);
    case 'down':
      return to(end + 1);
    case 'pageup':
      return to(end - page + 1);
    case 'left':
      return [{ ...state, overlay: { ...overlay, left: Math.max(0, overlay.left - LOG_SHIFT) } }];
    case 'right':
      return [{ ...state, overlay: { ...overlay, left: overlay.left + LOG_SHIFT } }];
    case 'pagedown':
    case ' ':
      return to(end + page - 1);
    case 'home':
    case 'g':
      return to(0);
    case 'end':
    case 'G':
      return to(total);
    case 'l':
    case 'q':
    case 'escape':
      return [uncovered(state)];
    default:
      return [state];
  }
}

function values(state: ScreensState, key: Key): Next {
  const top = scrolledTop(content(state), key);
  return top === undefined ? [uncovered(state)] : [{ ...state, overlay: { kind: 'values', top } }];
}

function steps(state: ScreensState, overlay: Extract<Overlay, { kind: 'steps' }>, key: Key): Next {
  const choices = earlierSteps(state.run);
  const chosen = choices[overlay.index];
  switch (key) {
    case 'up':
    case 'down': {
      const index = Math.max(0, Math.min(choices.length - 1, overlay.index + (key === 'up' ? -1 : 1)));
      return [{ ...state, overlay: { kind: 'steps', index } }];
    }
    case 'enter':
      return chosen === undefined ? [state] : backTo(state, chosen.id);
    case 'escape':
    case 'b':
    case 'q':
      return [uncovered(state)];
    default:
      return [state];
  }
}
