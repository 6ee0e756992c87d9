import type { Event } from '../../engine/event';
import { clean } from './clean';
import type { StepState, Wait } from './run-types';
import { without } from './without';

/** Lines kept for the pane beside the stages. */
const KEPT_LINES = 60;

/** The events that speak of one step. */
export type StepEvent = Extract<
  Event,
  {
    readonly type:
      | 'step-started'
      | 'step-planned'
      | 'change-started'
      | 'change-finished'
      | 'step-withdrawn'
      | 'output'
      | 'wait-started'
      | 'wait-progress'
      | 'wait-finished'
      | 'step-finished'
      | 'step-failed';
  }
>;

export type WaitEvent = Extract<
  StepEvent,
  { readonly type: 'wait-started' | 'wait-progress' | 'wait-finished' }
>;

/** What is waited for after one of a wait's events; undefined once it is over. */
export function waitAfter(wait: Wait | undefined, event: WaitEvent, at: number): Wait | undefined {
  switch (event.type) {
    case 'wait-started':
      return { title: event.title, since: at, timeoutMs: event.timeoutMs };
    case 'wait-progress':
      return wait === undefined ? undefined : { ...wait, lastError: event.lastError };
    case 'wait-finished':
      return undefined;
  }
}

function ended(step: StepState, status: 'changed' | 'unchanged' | 'failed', ms: number): StepState {
  return { ...without(without(without(step, 'wait'), 'current'), 'withdrawal'), status, ms };
}

/** What a step is after one of its events; `at` is the event's time in ms since 1970. Pure. */
export function applyStepEvent(step: StepState, event: StepEvent, at: number): StepState {
  switch (event.type) {
    case 'step-started':
      return { ...without(step, 'ms'), status: 'running', startedAt: at, done: 0 };
    case 'step-planned':
      return { ...step, planned: event.changes };
    case 'change-started':
      return step.withdrawal === undefined
        ? { ...step, current: event.change, done: event.index }
        : { ...step, current: event.change };
    case 'change-finished': {
      const { withdrawal } = step;
      return withdrawal === undefined
        ? { ...step, done: event.index + 1 }
        : { ...step, withdrawal: { ...withdrawal, done: withdrawal.done + 1 } };
    }
    case 'step-withdrawn':
      return { ...without(step, 'wait'), withdrawal: { changes: event.changes, done: 0 } };
    case 'output':
      return { ...step, output: [...step.output.slice(1 - KEPT_LINES), clean(event.line)] };
    case 'wait-started':
    case 'wait-progress':
    case 'wait-finished': {
      const wait = waitAfter(step.wait, event, at);
      return wait === undefined ? without(step, 'wait') : { ...step, wait };
    }
    case 'step-finished':
      return ended(step, event.outcome, event.ms);
    case 'step-failed':
      return ended(step, 'failed', event.ms);
  }
}
