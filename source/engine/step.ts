import type { Change } from './change';
import type { FailureReport } from './failure';
import type { HostReader } from './host';

/**
 * One thing that the installer brings about.
 * Apply = probe, plan, journal the intent, perform, probe, and plan must then be empty:
 * so the plan is what runs, verification comes free, and running again is resuming.
 */
export interface Step<Observed = unknown> {
  /** File name under source/steps, journal key. */
  readonly id: string;
  /** Imperative: "Initialize the control plane". */
  readonly title: string;
  /** Ids of the steps that must be done before; steps that do not depend on each other run at the same time. */
  readonly after: readonly string[];
  /** The host that it is done on, by the name it is known under in the run; absent for the host that the installer runs on. */
  readonly host?: string;
  /** Read-only; plan, resume and verify all use it. It must not throw because something is absent: absence is an observation. */
  probe(host: HostReader): Promise<Observed>;
  /** Pure. [] means satisfied. A change list performed in order must lead to a probe whose plan is []. */
  plan(observed: Observed): readonly Change[];
  /** What to tell when it failed: looks for the cause (a container's last log lines) and returns the report to show, more precise than the one given. */
  diagnose?(host: HostReader, failure: FailureReport): Promise<FailureReport>;
  /** Changes that put things back after a failure, for what must not be left half done; made once the cause is known, and told with it. Pure; planned from a new probe. */
  withdraw?(observed: Observed): readonly Change[];
}

/** Steps as an operator sees them: one line of the run screen. */
export interface Stage {
  readonly id: string;
  readonly title: string;
  readonly steps: readonly Step[];
}

/** Erases a step's own type of observation, so that steps of all kinds stand in one list. */
export function step<Observed>(definition: Step<Observed>): Step {
  return {
    ...definition,
    plan: observed => definition.plan(observed as Observed),
    ...(definition.withdraw === undefined
      ? {}
      : { withdraw: observed => definition.withdraw?.(observed as Observed) ?? [] }),
  };
}
