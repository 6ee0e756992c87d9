import { lookAgain } from './examination';
import { EMPTY_RUN } from './run-types';
import { uncovered, type Action, type Next, type ScreensState } from './screens';
import type { OpenChanges, Onward } from './offers';
import { starting, toPlan } from './starting';
import { openWizard } from './wizard';
import { without } from './without';

/** Nothing is left of what was being done before. */
function cleared(state: ScreensState): ScreensState {
  const names = ['settings', 'plan', 'unready', 'stage', 'backTo', 'undoing', 'leaving'] as const;
  const bare = names.reduce<ScreensState>((rest, name) => without(rest, name), uncovered(state));
  return { ...bare, run: EMPTY_RUN, top: 0, stopping: false };
}

/** Another command's installer is asked for, and what follows then. */
export function openOther(state: ScreensState, changes: OpenChanges, onward: Onward): Next {
  const { command } = changes;
  return [
    { ...cleared(state), screen: 'loading', command, onward },
    { kind: 'open', changes },
  ];
}

/** Goes on with the installer that is there: its settings are read first. */
export function goOn(state: ScreensState, onward: Onward): Next {
  return [{ ...cleared(state), screen: 'loading', onward }, { kind: 'load' }];
}

/** Where back leads from what a command shows; undefined where there is nothing before it. */
export function before(state: ScreensState): ScreensState | undefined {
  const { command, menu, examination, restore } = state;
  if (command === 'readd-member' && examination !== undefined) {
    return { ...cleared(state), screen: restore === undefined ? 'recovery' : 'restore' };
  }
  return menu === undefined ? undefined : { ...cleared(state), screen: 'menu' };
}

/** The installer is there. */
export function installed(state: ScreensState, action: Extract<Action, { type: 'installer' }>): Next {
  if (state.screen !== 'loading') return [state];
  switch (state.onward) {
    case 'wizard':
      return [{ ...without(state, 'onward'), screen: 'wizard', wizard: openWizard(action.defaults) }];
    case 'examine':
      return lookAgain({ ...without(state, 'onward'), screen: 'recovery' });
    default:
      return [state, { kind: 'load' }];
  }
}

/** The settings are there: the plan, or the checks first. */
export function loaded(state: ScreensState, { settings }: Extract<Action, { type: 'loaded' }>): Next {
  if (state.screen !== 'loading') return [state];
  const ready: ScreensState = { ...state, settings };
  return state.onward === 'plan'
    ? toPlan(ready)
    : [
        { ...ready, screen: 'preflight', run: EMPTY_RUN },
        { kind: 'preflight', settings },
      ];
}

/** The checks are done; where the run was agreed to, it begins, unless one of them is fatal. */
export function checked(state: ScreensState): Next {
  const { screen, onward, run } = state;
  return screen === 'preflight' && onward === 'run' && run.preflight?.fatal === 0 ? starting(state) : [state];
}
