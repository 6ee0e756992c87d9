import { content, scrolledTop } from '../content';
import { pressed as pressedPlan } from './plan';
import { planText } from './plan-text';
import { bundled } from './bundle';
import { lookAgain } from './examination';
import { before, goOn, openOther } from './flow';
import { pressedMenu } from './menu-keys';
import { pressedLoading, pressedRecovery } from './recovery-keys';
import { pressedRestore } from './restore-keys';
import { EMPTY_RUN } from './run-types';
import { bodyRows, commandOf, failureAsked, uncovered, type Next, type ScreensState } from './screens';
import { starting, toPlan } from './starting';
import { detached } from './stopping';
import { textField } from './text-field';
import { currentStage } from './stage';
import type { Key } from '../terminal/keys';
import { without } from './without';

/** The keys of every screen but the wizard, where nothing lies over it. */
export function pressedScreen(state: ScreensState, key: Key): Next {
  switch (state.screen) {
    case 'preflight':
      return preflight(state, key);
    case 'plan':
      return plan(state, key);
    case 'run':
      return run(state, key);
    case 'failure':
      return failure(state, key);
    case 'menu':
      return pressedMenu(state, key);
    case 'recovery':
      return pressedRecovery(state, key);
    case 'restore':
      return pressedRestore(state, key);
    case 'loading':
      return pressedLoading(state, key);
    default:
      return summary(state, key);
  }
}

function summary(state: ScreensState, key: Key): Next {
  switch (key) {
    case 'q':
    case 'enter':
      return [state, { kind: 'exit', code: 0 }];
    case 'c':
      return commandOf(state) === 'install'
        ? [{ ...state, overlay: { kind: 'details', top: 0 } }]
        : anywhere(state, key);
    case 'r':
      return commandOf(state) === 'readd-member' && state.attached !== true
        ? lookAgain({ ...state, screen: 'recovery', top: 0 })
        : [state];
    case 'b':
      return state.menu === undefined ? [state] : lookAgain({ ...state, screen: 'menu', top: 0 });
    default:
      return anywhere(state, key);
  }
}

/** Keys that mean the same on every screen: help, the log, scrolling. */
function anywhere(state: ScreensState, key: Key): Next {
  switch (key) {
    case '?':
      return [{ ...state, overlay: { kind: 'help' } }];
    case 'l':
      return [{ ...state, overlay: { kind: 'log', left: 0 } }];
    default:
      return [{ ...state, top: scrolledTop(content(state), key) ?? state.top }];
  }
}

/** Back to an earlier step: its plan, asked for afresh, opened there; at once where there is nothing to plan with. */
export function backTo(state: ScreensState, step: string): Next {
  return state.attached === true && failureAsked(state) ? answered(state, step) : toPlan(state, step);
}

/** The engine's question about a failure is answered: it begins again at a step, or at the one that failed. */
function answered(state: ScreensState, step?: string): Next {
  const { failureQuestion } = state.run;
  const back = `back:${step ?? ''}`;
  const choice = failureQuestion?.choices.some(({ id }) => id === back) === true ? back : 'retry';
  const next: ScreensState = { ...uncovered(state), screen: 'run', top: 0 };
  return [without(without(next, 'stage'), 'backTo'), { kind: 'answer', choice }];
}

function preflight(state: ScreensState, key: Key): Next {
  const {
    settings,
    run: { preflight: result },
  } = state;
  switch (key) {
    case 'b':
    case 'escape':
      return back(state);
    case 'q':
      return [state, { kind: 'exit', code: (result?.fatal ?? 0) > 0 ? 2 : 130 }];
    case 'r':
      return result === undefined || settings === undefined
        ? [state]
        : [
            { ...state, run: EMPTY_RUN, top: 0 },
            { kind: 'preflight', settings },
          ];
    case 'enter':
      return result?.fatal === 0 ? toPlan(state) : [state];
    default:
      return key === 'l' ? [state] : anywhere(state, key);
  }
}

function plan(state: ScreensState, key: Key): Next {
  const { settings, plan: shown } = state;
  if (failureAsked(state) && ['b', 'escape', 'q'].includes(key)) {
    return [{ ...without(state, 'backTo'), screen: 'failure', top: 0 }];
  }
  if (key === 'b' || key === 'escape') {
    // Where there were no questions, the report of the checks is what comes before.
    return state.onward === 'check' ? [{ ...state, screen: 'preflight', top: 0 }] : back(state);
  }
  if (key === 'q') {
    return [state, { kind: 'exit', code: state.begun ? 1 : 130 }];
  }
  if (key === 'r' && shown !== undefined && 'failed' in shown) {
    return toPlan(state, state.backTo);
  }
  if (shown === undefined || 'failed' in shown || settings === undefined) {
    return [state];
  }
  switch (key) {
    case 'v':
      return [{ ...state, overlay: { kind: 'values', top: 0 } }];
    case 'w':
      return [
        { ...state, plan: { ...shown, saved: 'writing…' } },
        { kind: 'save-plan', text: planText(shown.plan) },
      ];
    case 'y':
      return failureAsked(state) ? answered(state, state.backTo) : agreed(state);
    case '?':
      return [{ ...state, overlay: { kind: 'help' } }];
    default:
      return [{ ...state, plan: pressedPlan(shown, key, bodyRows(state.size) - 4) }];
  }
}

/** Somebody has agreed to the plan. One that was made before the checks is made again after them; where data may be lost, a single key is not enough. */
function agreed(state: ScreensState): Next {
  const { onward, restored, restore } = state;
  if (onward !== 'plan') return starting(state);
  if (restored === undefined || restore === undefined) return goOn(state, 'run');
  return [
    { ...state, screen: 'restore', top: 0, restore: { ...restore, typing: true, name: textField('') } },
  ];
}

/** To what came before the checks. */
function back(state: ScreensState): Next {
  if (state.command === 'install') return [{ ...state, screen: 'wizard' }];
  const there = before(state);
  return there === undefined ? [state] : [there];
}

/** The run that has ended is undone; where the engine still waits for an answer, it is ended first. */
function undone(state: ScreensState): Next {
  if (!state.offers.includes('undo') || commandOf(state) === 'undo') return [state];
  return failureAsked(state)
    ? [
        { ...state, undoing: true },
        { kind: 'answer', choice: 'quit' },
      ]
    : openOther(state, { command: 'undo' }, 'check');
}

function run(state: ScreensState, key: Key): Next {
  const last = Math.max(0, state.run.stages.length - 1);
  const stage = state.stage ?? currentStage(state.run);
  switch (key) {
    case 'up':
      return [{ ...state, stage: Math.max(0, stage - 1) }];
    case 'down':
      return [{ ...state, stage: Math.min(last, stage + 1) }];
    case 'enter':
      return [{ ...state, stepsOpen: !state.stepsOpen }];
    case 'j':
      return [{ ...state, overlay: { kind: 'join', top: 0 } }];
    case 'd':
      return detached(state);
    case 'escape':
    case 'f':
      return [without(state, 'stage')];
    default:
      return anywhere(state, key);
  }
}

function failure(state: ScreensState, key: Key): Next {
  const asked = failureAsked(state);
  // A run that has ended is begun anew by those who have its settings.
  const over = state.attached === true && !asked;
  switch (over && (key === 'r' || key === 'b') ? '' : key) {
    case 'r':
      return asked ? answered(state) : starting(state);
    case 'b':
      return [{ ...state, overlay: { kind: 'steps', index: 0 } }];
    case 'd':
      return asked ? detached(state) : [state];
    case 'u':
      return undone(state);
    case 's':
      return bundled(state);
    case 'q':
      return asked
        ? [
            { ...state, leaving: true },
            { kind: 'answer', choice: 'quit' },
          ]
        : [state, { kind: 'exit', code: 1 }];
    default:
      return anywhere(state, key);
  }
}
