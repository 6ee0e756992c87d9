import type { Ask, Event, Listener, ShownValue, StageOutline, StepPlan } from './engine/event';
import type { Diagnosis } from './recovery/diagnosis';
import type { Problem, Settings } from './variables/settings';

/** What the wizard or the command line gives, as text: name of the variable or flag -> value. */
export interface Answers {
  readonly KUBE_VERSION?: string;
  readonly DOCKER_REGISTRY?: string;
  readonly vip?: string;
  /** Comma-separated. */
  readonly masters?: string;
}

export interface RegistryStatus {
  readonly reachable: boolean;
  /** Why not, or what is odd: "connect ECONNREFUSED …", "answers over plain HTTP; set DOCKER_REGISTRY_PLAIN_HTTP=yes to accept that". */
  readonly problem?: string;
  readonly found: number;
  readonly total: number;
  readonly missing: readonly string[];
}

export interface Plan {
  readonly values: readonly ShownValue[];
  readonly stages: readonly StageOutline[];
  readonly steps: readonly StepPlan[];
  /** What an operator should know beside the changes, such as what could not be looked at. */
  readonly notes?: readonly string[];
}

export type Outcome = 'succeeded' | 'failed' | 'interrupted';

/** How somebody takes part in a run. */
export interface RunOptions {
  readonly listener: Listener;
  readonly ask: Ask;
  /** Stops after the current change. */
  readonly signal: AbortSignal;
  /** Stops at once: the current change may be left half done. */
  readonly now?: AbortSignal;
  /** Leaves a run that is another process's to itself. */
  readonly leave?: AbortSignal;
}

/** Takes part in a run to its end; `left` where it goes on without whoever took part. */
export type Follow = (options: RunOptions) => Promise<Outcome | 'left'>;

/** Everything that screens and headless outputs can ask of the product; tests give them one of their own. */
export interface Installer {
  /** What would be used for each variable if the wizard changed nothing. */
  readonly defaults: Required<Answers>;
  /** Answers over the command line, the environment, the file and the defaults. All problems at once. */
  settings(
    answers: Answers,
  ): Promise<{ readonly settings: Settings } | { readonly problems: readonly Problem[] }>;
  /** Versions of kubelet that the yum repositories of this host offer and that this product installs, newest first. */
  versionsOnOffer(): Promise<readonly string[]>;
  /** Asks the registry for every image of these settings. */
  registryStatus(settings: Settings): Promise<RegistryStatus>;
  /** Runs all checks; returns whether a fatal one was found. */
  preflight(
    settings: Settings,
    listener: Listener,
  ): Promise<{ readonly fatal: number; readonly warnings: number }>;
  /** How etcd's members are, and what can be done about it; undefined where this host is no master of a cluster. */
  examine?(): Promise<Diagnosis | undefined>;
  plan(settings: Settings): Promise<Plan>;
  /** Runs it all. */
  run(settings: Settings, options: RunOptions): ReturnType<Follow>;
}

export type { Event };
