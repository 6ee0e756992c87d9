import type { FailureReport } from '../../engine/failure';
import type { Event, Question, RunCommand } from '../../engine/event';
import type { Diagnosis, RestoreSource } from '../../recovery/diagnosis';
import type { Outcome, Plan, RegistryStatus } from '../../installer';
import type { Problem, Settings } from '../../variables/settings';
import type { Key } from '../terminal/keys';
import type { Size } from '../terminal/painter';
import type { Examination } from './examination';
import type { MenuState, Standing } from './menu-types';
import type { Offer, OpenChanges, Onward, ScreensCommand } from './offers';
import type { ReplayShown } from '../replay/shown';
import type { PlanState } from './plan';
import type { RestoreState } from './restore-types';
import { EMPTY_RUN, type RunState } from './run-types';
import { openWizard, type FullAnswers, type WizardState } from './wizard';
import { without } from './without';

/** What lies over a screen and takes its keys. */
export type Overlay =
  | { readonly kind: 'help' }
  /** The whole output; `end` is the line below the last one shown, absent while it follows; `left` counts columns scrolled out. */
  | { readonly kind: 'log'; readonly end?: number; readonly left: number }
  | { readonly kind: 'values'; readonly top: number }
  /** The summary's certificates and notes. */
  | { readonly kind: 'details'; readonly top: number }
  /** How nodes join. */
  | { readonly kind: 'join'; readonly top: number }
  /** Ctrl-C was pressed during a run: to detach, to stop, or neither? */
  | { readonly kind: 'stop' }
  /** Which earlier step to go back to. */
  | { readonly kind: 'steps'; readonly index: number };

export interface ScreensState {
  readonly product: string;
  readonly size: Size;
  /** The time shown, ms since 1970; moves once a second. */
  readonly now: number;
  readonly screen:
    | 'wizard'
    | 'preflight'
    | 'plan'
    | 'run'
    | 'failure'
    | 'summary'
    | 'menu'
    | 'recovery'
    | 'restore'
    | 'loading';
  readonly wizard: WizardState;
  /** The settings of the answers, once all are right. */
  readonly settings?: Settings;
  /** From the events of preflight and of the run. */
  readonly run: RunState;
  /** True while the installer runs the plan. */
  readonly running: boolean;
  /** A run was started here, so something may have been changed. */
  readonly begun: boolean;
  /** Absent until asked for. */
  readonly plan?: PlanState | { readonly failed: string };
  readonly overlay?: Overlay;
  /** First line shown of a screen that is longer than the terminal. */
  readonly top: number;
  /** The stage chosen on the run screen; absent while it follows what happens. */
  readonly stage?: number;
  readonly stepsOpen: boolean;
  /** Which choice of the engine's question is marked. */
  readonly choice: number;
  /** A stop was asked for and comes after the current change. */
  readonly stopping: boolean;
  /** What is brought about here. */
  readonly command: ScreensCommand;
  /** What can be had beside the installer. */
  readonly offers: readonly Offer[];
  /** Present where they opened with the menu: back leads there. */
  readonly menu?: MenuState;
  /** How etcd's members are, once somebody asked. */
  readonly examination?: Examination;
  readonly restore?: RestoreState;
  /** What follows once an installer and settings are there. */
  readonly onward?: Onward;
  /** Why nothing follows. */
  readonly unready?: { readonly problems: readonly Problem[] } | { readonly reason: string };
  /** Masters that this run puts back, and what it restores from. */
  readonly putBack?: readonly string[];
  readonly restored?: RestoreSource;
  /** What has become of the support bundle. */
  readonly bundle?: string;
  /** The failed run is ended, and then undone. */
  readonly undoing?: true;
  /** The screens are left for those of the run under way. */
  readonly attaching?: true;
  /** It was to be at once. */
  readonly atOnce?: true;
  /** The run was begun elsewhere: there are no settings here to make a plan or a run of. */
  readonly attached?: true;
  /** The run was left to itself. */
  readonly detached?: true;
  /** The screens are left once the run has ended. */
  readonly leaving?: true;
  /** The step whose plan is shown to begin again at. */
  readonly backTo?: string;
  /** Present where a recorded run is played. */
  readonly replay?: ReplayShown;
}

/** Everything that can happen to the screens. */
export type Action =
  | { readonly type: 'opened' }
  | { readonly type: 'key'; readonly key: Key }
  | { readonly type: 'resized'; readonly size: Size }
  | { readonly type: 'tick'; readonly now: number }
  | { readonly type: 'events'; readonly events: readonly Event[]; readonly now: number }
  | { readonly type: 'offered'; readonly versions: readonly string[] }
  | { readonly type: 'validated'; readonly checked: NonNullable<WizardState['checked']> }
  | {
      readonly type: 'registry';
      readonly for: string;
      readonly status?: RegistryStatus;
      readonly reason?: string;
    }
  | { readonly type: 'planned'; readonly plan: Plan; readonly at?: string }
  | { readonly type: 'not-planned'; readonly reason: string }
  | { readonly type: 'saved'; readonly note: string }
  | { readonly type: 'asked'; readonly question: Question }
  | { readonly type: 'ended'; readonly outcome: Outcome }
  /** The run could not begin or broke off for a reason that was foreseen. */
  | { readonly type: 'refused'; readonly report: FailureReport }
  /** A list says which of its lines is marked now, or chosen. */
  | { readonly type: 'marked' | 'chosen'; readonly list: string; readonly index: number }
  | { readonly type: 'stop' | 'stop-now' }
  /** The terminal is gone. */
  | { readonly type: 'gone' }
  /** The installer of another command is in place, or could not be had. */
  | { readonly type: 'installer'; readonly defaults: FullAnswers }
  | { readonly type: 'not-opened'; readonly reason: string }
  | { readonly type: 'loaded'; readonly settings: Settings }
  | { readonly type: 'not-loaded'; readonly problems: readonly Problem[] }
  /** All checks are done. */
  | { readonly type: 'checked' }
  /** How etcd's members are; without a diagnosis or a reason this host is no master. */
  | { readonly type: 'examined'; readonly found?: Diagnosis; readonly reason?: string; readonly now: number }
  | { readonly type: 'stands'; readonly standing: Standing }
  | { readonly type: 'bundled'; readonly note: string };

/** What is to be done outside: the session does it, and its result comes back as an action. */
export type Effect =
  | { readonly kind: 'ask-versions' }
  | { readonly kind: 'validate'; readonly answers: FullAnswers }
  /** Waits until typing pauses. */
  | { readonly kind: 'ask-registry'; readonly answers: FullAnswers }
  | { readonly kind: 'preflight'; readonly settings: Settings }
  | { readonly kind: 'plan'; readonly settings: Settings; readonly at?: string }
  | { readonly kind: 'save-plan'; readonly text: string }
  | { readonly kind: 'run'; readonly settings: Settings }
  /** Takes part in a run that was begun elsewhere. */
  | { readonly kind: 'follow' }
  | { readonly kind: 'answer'; readonly choice: string }
  /** A key that is for the list on the screen. */
  | { readonly kind: 'list-key'; readonly key: Key }
  | { readonly kind: 'stop' | 'stop-now' }
  /** Another command's installer takes the place of this one. */
  | { readonly kind: 'open'; readonly changes: OpenChanges }
  | { readonly kind: 'load' }
  | { readonly kind: 'examine' }
  /** How this host stands. */
  | { readonly kind: 'stand' }
  | { readonly kind: 'support-bundle' }
  | { readonly kind: 'exit'; readonly code: number };

/** A state and what it sets going. */
export type Next = readonly [ScreensState, ...Effect[]];

/** The screens as they open. */
export function openingState(product: string, size: Size, now: number, defaults: FullAnswers): ScreensState {
  return {
    product,
    size,
    now,
    screen: 'wizard',
    wizard: openWizard(defaults),
    run: EMPTY_RUN,
    running: false,
    begun: false,
    top: 0,
    stepsOpen: false,
    choice: 0,
    stopping: false,
    command: 'install',
    offers: [],
  };
}

/** The screens as they open on a run that was begun elsewhere. */
export function attachedState(product: string, size: Size, now: number): ScreensState {
  const nothing = { KUBE_VERSION: '', DOCKER_REGISTRY: '', vip: '', masters: '' };
  const opened = openingState(product, size, now, nothing);
  return { ...opened, screen: 'run', running: true, begun: true, attached: true };
}

/** Whether a step has failed and the engine waits for an answer. */
export function failureAsked({ running, run }: ScreensState): boolean {
  return running && run.failureQuestion !== undefined;
}

/** What the run on the screen is of: who is attached to one has not chosen it. */
export function commandOf({ run, command }: ScreensState): RunCommand {
  return run.command ?? command;
}

/** The state with nothing lying over it. */
export function uncovered(state: ScreensState): ScreensState {
  return without(state, 'overlay');
}

/** Smaller terminals get one sentence only. */
export const SMALLEST: Size = { columns: 80, rows: 24 };

/** Rows between the head (2) and the foot (2) of a frame that leaves the terminal's last row free. */
export function bodyRows({ rows }: Size): number {
  return rows - 5;
}
