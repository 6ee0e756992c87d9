import type { ChangeSummary } from './change';
import type { Finding } from './check';
import type { FailureReport } from './failure';

/** Raised when a field changes its meaning or goes; new fields and types may come without. docs/events.md describes every type. */
export const EVENT_VERSION = 1;

export interface StepOutline {
  readonly id: string;
  readonly title: string;
  /** Where it is not the host that the installer runs on. */
  readonly host?: string;
  readonly after: readonly string[];
}

export interface StageOutline {
  readonly id: string;
  readonly title: string;
  readonly steps: readonly StepOutline[];
}

/** One etcd member as it is now. */
export interface MemberStatus {
  readonly name: string;
  readonly address: string;
  readonly role: 'absent' | 'starting' | 'learner' | 'voter' | 'leader';
  readonly healthy: boolean;
  readonly roundTripMs?: number;
  readonly databaseBytes?: number;
  /** Kinds of etcd's alarms that are about it: "NOSPACE". */
  readonly alarms?: readonly string[];
  /** Of a learner: entries of the log that the leader has and it has not yet. */
  readonly lag?: number;
  readonly lastError?: string;
}

/** One master as it is now. */
export interface MasterStatus {
  readonly name: string;
  readonly address: string;
  /** Its node is in the cluster. */
  readonly joined: boolean;
  /** Whether it has everything that makes a master of a node. */
  readonly files: 'absent' | 'incomplete' | 'complete';
  readonly apiserver: 'absent' | 'unhealthy' | 'healthy';
  readonly ready: boolean;
  /** What is not as it should be, in a line. */
  readonly lastError?: string;
}

/** A value of the plan and where it came from, secrets masked: source is "flag --vip", "environment", "variables:3" (file and line), "default". */
export interface ShownValue {
  readonly name: string;
  readonly value: string;
  readonly source: string;
}

export interface StepPlan {
  readonly id: string;
  readonly changes: readonly ChangeSummary[];
}

export interface CertificateExpiry {
  readonly path: string;
  /** ISO 8601. */
  readonly expires: string;
}

/** What the operator has at the end. */
export interface Summary {
  readonly nodes: readonly {
    readonly name: string;
    readonly address: string;
    readonly roles: string;
    readonly status: string;
    readonly version: string;
  }[];
  readonly kubeconfig: string;
  /** The join command, with the token masked, and the file (0600) that holds it whole. */
  readonly join: { readonly command: string; readonly file: string };
  readonly certificates: readonly CertificateExpiry[];
  readonly notes: readonly string[];
}

/** What a run brings about. */
export type RunCommand = 'install' | 'prepare' | 'readd-member' | 'undo' | 'reset';

export type EventBody =
  | {
      readonly type: 'run-started';
      readonly product: string;
      readonly command: RunCommand;
      readonly host: string;
      readonly values: readonly ShownValue[];
      readonly stages: readonly StageOutline[];
      readonly log: string;
      /** True where the journal shows a run that did not end. */
      readonly resumed: boolean;
    }
  | { readonly type: 'check-started'; readonly id: string; readonly title: string }
  | {
      readonly type: 'check-finished';
      readonly id: string;
      readonly title: string;
      readonly findings: readonly Finding[];
    }
  | { readonly type: 'preflight-finished'; readonly fatal: number; readonly warnings: number }
  | {
      readonly type: 'plan';
      readonly values: readonly ShownValue[];
      readonly stages: readonly StageOutline[];
      readonly steps: readonly StepPlan[];
      /** What an operator should know beside the changes. */
      readonly notes?: readonly string[];
    }
  | { readonly type: 'step-started'; readonly step: string }
  | { readonly type: 'step-planned'; readonly step: string; readonly changes: readonly ChangeSummary[] }
  | {
      readonly type: 'change-started';
      readonly step: string;
      readonly index: number;
      readonly change: ChangeSummary;
    }
  | { readonly type: 'change-finished'; readonly step: string; readonly index: number; readonly ms: number }
  /** A failed step puts back what must not be left half done; its changes follow as change-started and change-finished. */
  | { readonly type: 'step-withdrawn'; readonly step: string; readonly changes: readonly ChangeSummary[] }
  | {
      readonly type: 'output';
      readonly step: string;
      readonly stream: 'stdout' | 'stderr';
      readonly line: string;
    }
  | {
      readonly type: 'wait-started';
      readonly step: string;
      readonly title: string;
      readonly timeoutMs: number;
    }
  | {
      readonly type: 'wait-progress';
      readonly step: string;
      readonly title: string;
      readonly elapsedMs: number;
      readonly lastError: string;
    }
  | { readonly type: 'wait-finished'; readonly step: string; readonly title: string; readonly ms: number }
  | {
      readonly type: 'step-finished';
      readonly step: string;
      readonly outcome: 'changed' | 'unchanged';
      readonly ms: number;
    }
  | {
      readonly type: 'step-failed';
      readonly step: string;
      readonly failure: FailureReport;
      readonly changed: readonly ChangeSummary[];
      readonly ms: number;
    }
  | { readonly type: 'member'; readonly member: MemberStatus }
  | { readonly type: 'master'; readonly master: MasterStatus }
  | { readonly type: 'question'; readonly question: Question }
  | { readonly type: 'answer'; readonly id: string; readonly choice: string }
  | {
      readonly type: 'run-finished';
      readonly outcome: 'succeeded' | 'failed' | 'interrupted';
      readonly changed: number;
      readonly unchanged: number;
      readonly ms: number;
      readonly summary?: Summary;
      readonly failure?: FailureReport;
    };

/** What screens, outputs and the journal read: plain JSON, secrets masked before it is made. */
export type Event = EventBody & {
  readonly v: typeof EVENT_VERSION;
  /** Counts from 1 in a run. */
  readonly seq: number;
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly run: string;
};

/** The engine's only way to ask: the answer is the id of one choice. Nobody there to answer = `otherwise`. */
export interface Question {
  readonly id: string;
  readonly step: string;
  /** "failure" where a step has failed: what shows failures in its own way need not ask. */
  readonly about?: 'failure';
  readonly text: string;
  readonly choices: readonly { readonly id: string; readonly title: string }[];
  readonly otherwise: string;
}

export type Ask = (question: Question) => Promise<string>;
export type Listener = (event: Event) => void;
