import type { Event } from '../../engine/event';
import { applyEvent } from './run';
import { EMPTY_RUN } from './run-types';
import { pressed as pressedOverlay } from './overlay-keys';
import { examined, lookAgain, ticked } from './examination';
import { checked, installed, loaded, openOther } from './flow';
import { chosen, marked } from './lists';
import { askedFirst } from './opening';
import { openPlan } from './plan';
import { pressedScreen } from './screen-keys';
import { stopped, stoppedAtOnce } from './stopping';
import { without } from './without';
import {
  failureAsked,
  SMALLEST,
  uncovered,
  type Action,
  type Effect,
  type Next,
  type ScreensState,
} from './screens';
import {
  answersOf,
  FIELDS,
  offered,
  pressed,
  registryQuestion,
  settled,
  settingsOf,
  validated,
  type WizardState,
} from './wizard';

/** What the screens are after an action, and what that sets going; pure. */
export function update(state: ScreensState, action: Action): Next {
  switch (action.type) {
    case 'opened':
      return onOpened(state);
    case 'key':
      return onKey(state, action.key);
    case 'resized':
      return [{ ...state, size: action.size }];
    case 'tick':
      return ticked({ ...state, now: action.now });
    case 'events':
      return onEvents(state, action.events, action.now);
    case 'offered':
      return withWizard(state, offered(state.wizard, action.versions));
    case 'validated':
      return withWizard(state, validated(state.wizard, action.checked));
    case 'registry':
      // An answer about what has been typed over in the meantime is no answer.
      return action.for === registryQuestion(answersOf(state.wizard))
        ? [{ ...state, wizard: { ...state.wizard, registry: registryAnswer(action) } }]
        : [state];
    case 'planned':
      return [{ ...state, plan: openPlan(action.plan, action.at) }];
    case 'not-planned':
      return [{ ...state, plan: { failed: action.reason } }];
    case 'saved':
      return state.plan !== undefined && 'plan' in state.plan
        ? [{ ...state, plan: { ...state.plan, saved: action.note } }]
        : [state];
    case 'asked':
      return action.question.about === 'failure'
        ? [
            {
              ...uncovered(state),
              run: { ...state.run, failureQuestion: action.question },
              screen: 'failure',
              top: 0,
            },
          ]
        : [{ ...state, run: { ...state.run, question: action.question }, choice: 0 }];
    case 'marked':
      return marked(state, action.list, action.index);
    case 'chosen':
      return chosen(state, action.list, action.index);
    case 'ended':
      return onEnd(state, action.outcome);
    case 'refused': {
      const { report } = action;
      const end = { outcome: 'failed', changed: 0, unchanged: 0, ms: 0, failure: report } as const;
      // What broke the run off is told, and not what failed before.
      return onEnd({ ...state, run: { ...state.run, failures: [], end } }, 'failed');
    }
    case 'stop':
      return state.running ? stopped(state) : [state, { kind: 'exit', code: 130 }];
    case 'stop-now':
      return state.running ? stoppedAtOnce(state) : [state, { kind: 'exit', code: 130 }];
    case 'installer': {
      const next = installed(state, action);
      return next[0].screen === 'wizard' ? asking(next[0]) : next;
    }
    case 'not-opened':
      return [{ ...state, unready: { reason: action.reason } }];
    case 'loaded':
      return loaded(state, action);
    case 'not-loaded':
      return [{ ...state, unready: { problems: action.problems } }];
    case 'checked':
      return checked(state);
    case 'examined':
      return examined(state, action);
    case 'stands':
      return state.menu === undefined
        ? [state]
        : [{ ...state, menu: { ...state.menu, standing: action.standing } }];
    case 'bundled':
      return [{ ...state, bundle: action.note }];
    case 'gone':
      return state.running
        ? [
            { ...state, detached: true },
            { kind: 'exit', code: 129 },
          ]
        : [state, { kind: 'exit', code: 130 }];
  }
}

function asking(state: ScreensState): Next {
  return [state, { kind: 'ask-versions' }, ...askings(undefined, state.wizard)];
}

function onOpened(state: ScreensState): Next {
  if (state.attached === true) return [state, { kind: 'follow' }];
  return state.screen === 'wizard' ? asking(state) : askedFirst(state);
}

function registryAnswer(answer: Extract<Action, { type: 'registry' }>): NonNullable<WizardState['registry']> {
  const { status, reason } = answer;
  return status === undefined
    ? { for: answer.for, state: 'unasked', ...(reason === undefined ? {} : { reason }) }
    : { for: answer.for, state: 'answered', status };
}

function onKey(state: ScreensState, key: string): Next {
  if (key === 'ctrl-c') {
    return onInterrupt(state);
  }
  if (state.size.columns < SMALLEST.columns || state.size.rows < SMALLEST.rows) {
    return [state];
  }
  if (state.overlay !== undefined || state.run.question !== undefined) {
    return pressedOverlay(state, key);
  }
  if (state.screen === 'wizard') {
    const first = state.wizard.field === FIELDS[0];
    if (first && key === 'escape' && state.menu !== undefined) return lookAgain({ ...state, screen: 'menu' });
    return withWizard(state, pressed(state.wizard, key));
  }
  return pressedScreen(state, key);
}

/** Before and after a run nothing is lost by leaving at once; during one it is asked how, a second Ctrl-C stops at once, and a third does not wait for that. */
function onInterrupt(state: ScreensState): Next {
  if (!state.running) {
    return [state, { kind: 'exit', code: codeWhenLeft(state) }];
  }
  if (state.atOnce === true) {
    return [state, { kind: 'exit', code: 130 }];
  }
  return state.overlay?.kind === 'stop' || state.stopping
    ? stoppedAtOnce(state)
    : [{ ...state, overlay: { kind: 'stop' } }];
}

/** What has happened; where somebody else has answered meanwhile that a failed run shall go on, it is shown. */
function onEvents(state: ScreensState, events: readonly Event[], now: number): Next {
  const run = events.reduce(applyEvent, state.run);
  const next = { ...state, now, run };
  const answered = failureAsked(state) && run.failureQuestion === undefined;
  const goesOn = answered && run.failures.length === 0 && run.end === undefined;
  if (!goesOn || state.screen === 'run') return [next];
  const shown: ScreensState = {
    ...without(without(without(next, 'leaving'), 'undoing'), 'backTo'),
    screen: 'run',
    top: 0,
  };
  return [state.overlay?.kind === 'steps' ? uncovered(shown) : shown];
}

/** The exit code of leaving the screen that is shown. */
function codeWhenLeft({ screen, run, begun }: ScreensState): number {
  if (screen === 'summary') return 0;
  if (begun) return 1;
  return screen === 'preflight' && (run.preflight?.fatal ?? 0) > 0 ? 2 : 130;
}

function onEnd(state: ScreensState, outcome: 'succeeded' | 'failed' | 'interrupted'): Next {
  const { overlay, ...rest } = state;
  const kept = overlay?.kind === 'log' ? { overlay } : {};
  const ended: ScreensState = { ...rest, ...kept, running: false, top: 0 };
  if (outcome === 'interrupted') {
    return [ended, { kind: 'exit', code: 130 }];
  }
  if (state.undoing === true && outcome === 'failed') {
    return openOther(ended, { command: 'undo' }, 'check');
  }
  if (state.leaving === true && outcome === 'failed') {
    return [
      { ...ended, screen: 'failure' },
      { kind: 'exit', code: 1 },
    ];
  }
  return [{ ...ended, screen: outcome === 'succeeded' ? 'summary' : 'failure' }];
}

/** The questions that changed answers raise: to the settings, and to the registry. */
function askings(before: WizardState | undefined, after: WizardState): readonly Effect[] {
  const answers = answersOf(after);
  const old = before === undefined ? undefined : answersOf(before);
  const changed = old === undefined || FIELDS.some(name => old[name] !== answers[name]);
  const asked = registryQuestion(answers);
  return [
    ...(changed ? [{ kind: 'validate', answers } as const] : []),
    ...(old === undefined || registryQuestion(old) !== asked
      ? [{ kind: 'ask-registry', answers } as const]
      : []),
  ];
}

function withWizard(state: ScreensState, changed: WizardState): Next {
  const wizard = settled(changed);
  const raised = askings(state.wizard, wizard);
  const asks =
    raised.some(({ kind }) => kind === 'ask-registry') && wizard.texts.DOCKER_REGISTRY.value !== '';
  const registry = { for: registryQuestion(answersOf(wizard)), state: 'asking' } as const;
  const next: ScreensState = { ...state, wizard: asks ? { ...wizard, registry } : wizard };
  const settings = settingsOf(next.wizard);
  if (!next.wizard.leaving || settings === undefined) {
    return [next, ...raised];
  }
  return [
    {
      ...next,
      wizard: { ...next.wizard, leaving: false },
      settings,
      screen: 'preflight',
      run: EMPTY_RUN,
      top: 0,
    },
    { kind: 'preflight', settings },
  ];
}
