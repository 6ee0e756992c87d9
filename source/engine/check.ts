import type { HostReader } from './host';

/** What one preflight check found. `fatal` is never passed, not even by --yes. */
export interface Finding {
  readonly level: 'ok' | 'warning' | 'fatal';
  /** What is the case: "swap is on: /dev/sda2, 2 GiB". */
  readonly message: string;
  /** What to do; absent only for ok. */
  readonly fix?: string;
}

/** A read-only preflight check: all run, then one report. It may find several things. */
export interface Check {
  /** File name under source/checks. */
  readonly id: string;
  /** What is looked at: "Swap". */
  readonly title: string;
  run(host: HostReader): Promise<readonly Finding[]>;
}
