import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Event } from './event';

/** A run's logs, for people: one file per step, and all of it in all.log. */
export interface RunLogs {
  /** The run's directory. */
  readonly path: string;
  /** Takes the events that belong in a log. */
  listen(event: Event): void;
  /** A line that is no event, masked already: a command line, an exit code. */
  note(step: string, line: string): void;
  close(): void;
}

/** Makes the run's directory, closed to all but root. A log that cannot be written later is given up silently: the journal is what a run depends on. */
export async function openLogs(directory: string, run: string): Promise<RunLogs> {
  const path = join(directory, run);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await chmod(directory, 0o700);
  mkdirSync(path, { recursive: true, mode: 0o700 });
  return new LogFiles(path);
}

class LogFiles implements RunLogs {
  readonly #descriptors = new Map<string, number>();

  constructor(readonly path: string) {}

  listen(event: Event): void {
    const line = logLine(event);
    if (line !== undefined) this.#write('step' in event ? event.step : undefined, event.time, line);
  }

  note(step: string, line: string): void {
    this.#write(step, new Date().toISOString(), line);
  }

  close(): void {
    for (const descriptor of this.#descriptors.values()) closeSync(descriptor);
    this.#descriptors.clear();
  }

  #write(step: string | undefined, time: string, line: string): void {
    this.#append('all', `${time} ${step === undefined ? '' : `[${step}] `}${line}\n`);
    if (step !== undefined) this.#append(step, `${time} ${line}\n`);
  }

  #append(name: string, text: string): void {
    try {
      let descriptor = this.#descriptors.get(name);
      if (descriptor === undefined) {
        descriptor = openSync(join(this.path, `${name.replace(/[^A-Za-z0-9._-]/g, '_')}.log`), 'a', 0o600);
        this.#descriptors.set(name, descriptor);
      }
      writeSync(descriptor, text);
    } catch {
      // Given up, as said at openLogs.
    }
  }
}

function logLine(event: Event): string | undefined {
  switch (event.type) {
    case 'run-started':
      return `run ${event.run} of ${event.product} ${event.command} on ${event.host}`;
    case 'step-started':
      return 'begins';
    case 'change-started':
      return `change ${event.index + 1}: ${event.change.title}`;
    case 'change-finished':
      return `change ${event.index + 1} done after ${seconds(event.ms)}`;
    case 'step-withdrawn':
      return ['puts back:', ...event.changes.map(change => change.title)].join('\n    ');
    case 'output':
      return `${event.stream === 'stderr' ? '! ' : '| '}${event.line}`;
    case 'wait-started':
      return `waits until ${event.title}, at most ${seconds(event.timeoutMs)}`;
    case 'wait-finished':
      return `waited ${seconds(event.ms)} until ${event.title}`;
    case 'step-finished':
      return `${event.outcome} after ${seconds(event.ms)}`;
    case 'step-failed':
      return ['failed:', event.failure.message, ...(event.failure.seen ?? [])].join('\n    ');
    case 'answer':
      return `answered: ${event.choice}`;
    case 'run-finished':
      return `run ${event.outcome} after ${seconds(event.ms)}`;
    default:
      return undefined;
  }
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
