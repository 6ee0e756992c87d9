/** What became of a trial. */
export interface Verdict {
  readonly survived: boolean;
  /** How often the fault was made. */
  readonly times: number;
  /** How often the installer was started, and how many of the starts ended with a failure of their own. */
  readonly starts: number;
  readonly failures: number;
  /** What was to be tried and did not come about. */
  readonly missed: readonly string[];
  /** What went wrong, or was seen. */
  readonly detail: readonly string[];
  /** What was done, in a sentence for the table. */
  readonly note: string;
}
