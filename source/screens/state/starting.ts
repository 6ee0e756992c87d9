import { EMPTY_RUN } from './run-types';
import { uncovered, type Next, type ScreensState } from './screens';
import { without } from './without';

/** The plan is asked for afresh, opened at a step where one is given. */
export function toPlan(state: ScreensState, at?: string): Next {
  const { settings } = state;
  const shown: ScreensState = { ...state, screen: 'plan', top: 0 };
  const plain = without(without(shown, 'plan'), 'backTo');
  const rest = uncovered(at === undefined ? plain : { ...plain, backTo: at });
  return settings === undefined
    ? [state]
    : [rest, { kind: 'plan', settings, ...(at === undefined ? {} : { at }) }];
}

/** The run begins. */
export function starting(state: ScreensState): Next {
  const { settings } = state;
  if (settings === undefined) {
    return [state];
  }
  return [
    {
      ...without(without(without(state, 'stage'), 'backTo'), 'bundle'),
      screen: 'run',
      run: EMPTY_RUN,
      running: true,
      begun: true,
      stopping: false,
      stepsOpen: false,
      top: 0,
    },
    { kind: 'run', settings },
  ];
}
