import type { Diagnosis } from '../../recovery/diagnosis';
import type { Action, Next, ScreensState } from './screens';
import { textField } from './text-field';
import { without } from './without';

/** What asking after etcd's members has come to. Times in ms since 1970. */
export interface Examination {
  /** Since when they are asked; absent while they are not. */
  readonly asking?: number;
  readonly found?: Diagnosis;
  /** When the last answer came. */
  readonly at?: number;
  /** This host is no master, so there is nothing to examine. */
  readonly none?: true;
  /** Why asking came to nothing. */
  readonly failed?: string;
  /** What the last key came to. */
  readonly said?: string;
}

/** Members are asked again by themselves so long after the last answer: one that comes back is to be seen, and a sick cluster is not to be pestered. */
const AGAIN_MS = 5000;

const LOOKING: readonly ScreensState['screen'][] = ['menu', 'recovery', 'restore'];

/** Whether what is on the screen changes by itself. */
export function looks({ screen }: ScreensState): boolean {
  return LOOKING.includes(screen);
}

/** Asks, unless that is under way. */
export function lookAgain(state: ScreensState): Next {
  const { examination = {}, screen, now } = state;
  const stand = screen === 'menu' ? [{ kind: 'stand' } as const] : [];
  if (examination.asking !== undefined) return [state, ...stand];
  return [{ ...state, examination: { ...examination, asking: now } }, { kind: 'examine' }, ...stand];
}

/** A second has passed. */
export function ticked(state: ScreensState): Next {
  const { at = state.now, asking } = state.examination ?? {};
  return looks(state) && asking === undefined && state.now - at >= AGAIN_MS ? lookAgain(state) : [state];
}

/** The screen of what is the matter: of a lost quorum it is one of its own. */
function screenFor(state: ScreensState, found: Diagnosis | undefined): ScreensState['screen'] {
  if (state.screen !== 'recovery' && state.screen !== 'restore') return state.screen;
  return found?.verdict === 'quorum-lost' ? 'restore' : 'recovery';
}

/** The choice stays where its source is still there. */
function withSources(state: ScreensState, { sources = [] }: Diagnosis): ScreensState {
  const { restore } = state;
  const [first] = sources;
  if (restore !== undefined && sources.some(({ id }) => id === restore.source)) return state;
  if (first === undefined) return without(state, 'restore');
  return { ...state, restore: { source: first.id, typing: false, name: textField('') } };
}

/** An answer has come. One that could not be had leaves the last one in sight. */
export function examined(state: ScreensState, action: Extract<Action, { type: 'examined' }>): Next {
  const { found, reason, now } = action;
  const before = state.examination ?? {};
  const said = before.said === undefined ? {} : { said: before.said };
  if (reason !== undefined) {
    const last = before.found === undefined ? {} : { found: before.found };
    return [{ ...state, now, examination: { ...last, ...said, at: now, failed: reason } }];
  }
  if (found === undefined) {
    return [{ ...state, now, screen: screenFor(state, found), examination: { at: now, none: true } }];
  }
  const screen = screenFor(state, found);
  const kept = screen === 'restore' ? withSources(state, found) : without(state, 'restore');
  const top = screen === state.screen ? state.top : 0;
  return [{ ...kept, now, screen, top, examination: { found, at: now, ...said } }];
}

/** Says what a key came to, below everything. */
export function saying(state: ScreensState, said: string | undefined): ScreensState {
  const examination = without(state.examination ?? {}, 'said');
  return { ...state, examination: said === undefined ? examination : { ...examination, said } };
}
