import type { ChangeSummary } from '../../engine/change';
import type { Finding } from '../../engine/check';
import type { FailureReport } from '../../engine/failure';
import type { MemberStatus, Question, ShownValue, Summary } from '../../engine/event';

/** What a step waits for at the moment; times in ms since 1970. */
export interface Wait {
  readonly title: string;
  readonly since: number;
  readonly timeoutMs: number;
  readonly lastError?: string;
}

export type StepStatus = 'pending' | 'running' | 'changed' | 'unchanged' | 'failed';

export interface StepState {
  readonly id: string;
  readonly title: string;
  readonly status: StepStatus;
  readonly startedAt?: number;
  readonly ms?: number;
  readonly planned: readonly ChangeSummary[];
  /** Changes finished. */
  readonly done: number;
  /** The change that is being made. */
  readonly current?: ChangeSummary;
  readonly wait?: Wait;
  /** The newest lines of output, newest last. */
  readonly output: readonly string[];
}

export interface StageState {
  readonly id: string;
  readonly title: string;
  readonly steps: readonly StepState[];
}

export interface CheckState {
  readonly id: string;
  readonly title: string;
  /** Absent while the check runs. */
  readonly findings?: readonly Finding[];
}

export interface LogLine {
  readonly step: string;
  readonly text: string;
}

export interface RunFailure {
  readonly step: string;
  readonly report: FailureReport;
  readonly changed: readonly ChangeSummary[];
  readonly ms: number;
}

/** Everything that the screens know of one run, from its events alone. */
export interface RunState {
  readonly product: string;
  readonly host: string;
  readonly log: string;
  readonly resumed: boolean;
  readonly values: readonly ShownValue[];
  readonly startedAt?: number;
  readonly stages: readonly StageState[];
  readonly checks: readonly CheckState[];
  readonly preflight?: { readonly fatal: number; readonly warnings: number };
  /** What is waited for before the stages are known: programs that an interrupted run left at work. */
  readonly before?: Wait;
  readonly members: readonly MemberStatus[];
  /** The newest lines of all steps' output, newest last. */
  readonly lines: readonly LogLine[];
  /** Lines that are no longer kept here (the log on disk has them). */
  readonly dropped: number;
  readonly question?: Question;
  /** The failures of steps, first one first. */
  readonly failures: readonly RunFailure[];
  /** Changes that this run has made so far, in order. */
  readonly changed: readonly ChangeSummary[];
  readonly end?: {
    readonly outcome: 'succeeded' | 'failed' | 'interrupted';
    readonly changed: number;
    readonly unchanged: number;
    readonly ms: number;
    readonly summary?: Summary;
    readonly failure?: FailureReport;
  };
}

/** A run of which nothing is known yet. */
export const EMPTY_RUN: RunState = {
  product: '',
  host: '',
  log: '',
  resumed: false,
  values: [],
  stages: [],
  checks: [],
  members: [],
  lines: [],
  dropped: 0,
  failures: [],
  changed: [],
};
