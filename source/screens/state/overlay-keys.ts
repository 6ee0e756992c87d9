import type { Key } from '../terminal/keys';
import { content, scrolledTop } from '../content';
import { chosen, shownList } from './lists';
import { detached, stopped, stoppedAtOnce } from './stopping';
import { bodyRows, uncovered, type Next, type Overlay, type ScreensState } from './screens';

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
    case 'details':
    case 'join':
      return sheet(state, overlay, key);
    case 'steps':
      return steps(state, key);
    default:
      return [uncovered(state)];
  }
}

function stop(state: ScreensState, key: Key): Next {
  switch (key) {
    case 'd':
      return detached(state);
    case 's':
      return stopped(state);
    case 'n':
      return stoppedAtOnce(state);
    case 'g':
    case 'escape':
      return [uncovered(state)];
    default:
      return [state];
  }
}

/** The keys that go to the list itself, which says what was marked or chosen by them. */
function toList(state: ScreensState, key: Key): Next {
  return [state, { kind: 'list-key', key }];
}

function question(state: ScreensState, key: Key): Next {
  const shown = shownList(state);
  return /^[1-9]$/.test(key) && shown !== undefined
    ? chosen(state, shown.id, Number(key) - 1)
    : toList(state, key);
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

function sheet(state: ScreensState, { kind }: Extract<Overlay, { top: number }>, key: Key): Next {
  const top = scrolledTop(content(state), key);
  return top === undefined ? [uncovered(state)] : [{ ...state, overlay: { kind, top } }];
}

function steps(state: ScreensState, key: Key): Next {
  return ['escape', 'b', 'q'].includes(key) ? [uncovered(state)] : toList(state, key);
}
