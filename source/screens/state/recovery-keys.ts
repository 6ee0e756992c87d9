import type { Diagnosis } from '../../recovery/diagnosis';
import { content, scrolledTop } from '../content';
import type { Key } from '../terminal/keys';
import { bundled } from './bundle';
import { lookAgain, saying } from './examination';
import { before, goOn, openOther } from './flow';
import type { Next, ScreensState } from './screens';
import { without } from './without';

/** Leaves everything as it is. */
export function left(state: ScreensState): Next {
  const whole = state.examination?.found?.verdict === 'whole';
  return [state, { kind: 'exit', code: whole ? 0 : 130 }];
}

/** Why nothing is done by y. */
const WHY_NOT: Readonly<Record<Exclude<Diagnosis['verdict'], 'readd' | 'give-up'>, string>> = {
  whole: 'y does nothing: all members are well.',
  wait: 'y does nothing now: what has to be done first stands above.',
  refused: 'y does nothing: too few members would be left. What makes it possible stands above.',
  'quorum-lost': 'y does nothing: choose what the cluster is made again from.',
};

/** An installer that was to restore, and may lose data, is not used for anything else. */
function putBack(state: ScreensState, { readd }: Diagnosis, onward: 'run' | 'plan'): Next {
  const agreed: ScreensState = { ...without(saying(state, undefined), 'restored'), putBack: readd };
  return state.restored === undefined
    ? goOn(agreed, onward)
    : openOther(agreed, { command: 'readd-member' }, onward);
}

function done(state: ScreensState): Next {
  const { found, none } = state.examination ?? {};
  if (found === undefined) {
    const why = none === true ? 'this host is no master' : 'it is not known yet how the members are';
    return [saying(state, `y does nothing: ${why}.`)];
  }
  if (found.verdict !== 'readd' && found.verdict !== 'give-up')
    return [saying(state, WHY_NOT[found.verdict])];
  return putBack(state, found, 'run');
}

function commands(state: ScreensState): Next {
  const { found } = state.examination ?? {};
  if (found?.verdict !== 'readd' && found?.verdict !== 'give-up') {
    return [saying(state, 'There are no commands to show: nothing can be done from here now.')];
  }
  return putBack(state, found, 'plan');
}

/** The keys that this screen and that of a lost quorum have in common. */
export function shared(state: ScreensState, key: Key): Next {
  switch (key) {
    case 'r':
      return lookAgain(saying(state, undefined));
    case 's':
      return bundled(state);
    case 'b':
    case 'escape':
      return state.menu === undefined ? [state] : [{ ...state, screen: 'menu', top: 0 }];
    case 'q':
      return left(state);
    case '?':
      return [{ ...state, overlay: { kind: 'help' } }];
    default:
      return [{ ...state, top: scrolledTop(content(state), key) ?? state.top }];
  }
}

/** The keys of the recovery screen. */
export function pressedRecovery(state: ScreensState, key: Key): Next {
  switch (key) {
    case 'y':
      return done(state);
    case 'c':
      return commands(state);
    default:
      return shared(state, key);
  }
}

/** Settings can be read again; an installer that could not be had is asked for where it was chosen. */
export function mayRetry({ unready }: ScreensState): boolean {
  return unready !== undefined && 'problems' in unready;
}

/** The keys while an installer or its settings are awaited, or could not be had. */
export function pressedLoading(state: ScreensState, key: Key): Next {
  switch (key) {
    case 'b':
    case 'escape': {
      const there = before(state);
      return there === undefined ? [state] : [there];
    }
    case 'r':
      return mayRetry(state) && state.onward !== undefined ? goOn(state, state.onward) : [state];
    case 'q':
      return [state, { kind: 'exit', code: state.unready === undefined ? 130 : 3 }];
    default:
      return [state];
  }
}
