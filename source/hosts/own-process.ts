import { existsSync } from 'node:fs';
import { startDetached } from './detached';
import { startUnit } from './unit';

/** A program that is to outlive whoever starts it. */
export interface OwnProgram {
  /** Unlike that of any other, of letters, digits and hyphens. */
  readonly name: string;
  /** For people: systemctl shows it. */
  readonly title: string;
  readonly words: readonly string[];
  /** A file for what it writes to standard error. */
  readonly log: string;
  readonly environment: Readonly<Record<string, string>>;
}

export interface OwnProcess {
  /** How it ended; undefined while it runs. */
  ended(): Promise<string | undefined>;
}

/** Starts it as a unit where systemd runs (sd_booted(3)), else in a session of its own. */
export function startOwnProcess(program: OwnProgram): Promise<OwnProcess> {
  return existsSync('/run/systemd/system') ? startUnit(program) : startDetached(program);
}
