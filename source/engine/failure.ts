/** Everything an operator needs of an expected problem; plain JSON, so that it travels in events. */
export interface FailureReport {
  /** Stable, kebab-case, documented in docs/events.md: automation matches on it. */
  readonly code: string;
  /** One sentence: what happened and what it means. */
  readonly message: string;
  /** What to do about it. */
  readonly hint?: string;
  /** The lines that show it: last errors of what was awaited, a container's last log lines. Newest last. */
  readonly seen?: readonly string[];
}

/** A problem that was foreseen and has an answer; anything else that is thrown is a bug and shows its stack. */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly report: FailureReport;

  constructor(report: FailureReport) {
    super(report.message);
    this.report = report;
  }
}
