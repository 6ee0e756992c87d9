import type { ChangeSummary } from '../../engine/change';
import type { Finding } from '../../engine/check';
import type { FailureReport } from '../../engine/failure';
import type {
  MasterStatus,
  MemberStatus,
  Question,
  RunCommand,
  ShownValue,
  Summary,
} from '../../engine/event';

/** What a step waits for at the moment; times in ms since 1970. */
export interface Wait {
  readonly title: string;
  readonly since: number;
  readonly timeoutMs: number;
  readonly lastError?: string;
}

export type StepStatus = 'pending' | 'running' | 'changed' | 'unchanged' | 'failed';

/** What a failed step puts back so that it is not left half done, and how much of it is done. */
interface Withdrawal {
  readonly changes: readonly ChangeSummary[];
  readonly done: number;
}

export interface StepState {
  readonly id: string;
  readonly title: string;
  /** Where it is not the host that the installer runs on. */
  readonly host?: string;
  readonly status: StepStatus;
  readonly startedAt?: number;
  readonly ms?: number;
  readonly planned: readonly ChangeSummary[];
  /** Changes finished. */
  readonly done: number;
  /** The change that is being made. */
  readonly current?: ChangeSummary;
  readonly wait?: Wait;
  readonly withdrawal?: Withdrawal;
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
  readonly withdrawal?: Withdrawal;
  readonly ms: number;
}

/** A change that was made, with the step that made it. */
interface MadeChange extends ChangeSummary {
  readonly step: string;
}

/** The command that makes a node join, its token masked, and the file that holds it whole. */
export interface JoinCommand {
  readonly command: string;
  readonly file: string;
}

/** Everything that the screens know of one run, from its events alone. */
export interface RunState {
  readonly product: string;
  /** What it brings about; absent until it has begun. */
  readonly command?: RunCommand;
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
  /** The last round trips of each etcd member by name, newest last; milliseconds. */
  readonly trips: Readonly<Record<string, readonly number[]>>;
  readonly masters: readonly MasterStatus[];
  /** Known where this run writes it. */
  readonly join?: JoinCommand;
  /** The newest lines of all steps' output, newest last. */
  readonly lines: readonly LogLine[];
  /** Lines that are no longer kept here (the log on disk has them). */
  readonly dropped: number;
  readonly question?: Question;
  /** A step has failed, and the engine waits to be told what to do. */
  readonly failureQuestion?: Question;
  /** The failures of steps, first one first. */
  readonly failures: readonly RunFailure[];
  /** Changes that this run has made so far, in order; what was put back is none. */
  readonly changed: readonly MadeChange[];
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
  trips: {},
  masters: [],
  lines: [],
  dropped: 0,
  failures: [],
  changed: [],
};
