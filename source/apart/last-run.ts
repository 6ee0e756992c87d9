import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readJournal } from '../engine/journal';
import { Failure } from '../engine/failure';
import type { Event } from '../engine/event';
import { applyEvent } from '../screens/state/run';
import { EMPTY_RUN, type RunState } from '../screens/state/run-types';

/** A run as its events tell it. */
export interface ToldRun {
  readonly run: RunState;
  readonly id: string;
  readonly command: string;
  /** ISO 8601. */
  readonly since: string;
  /** When the last event was. */
  readonly until: string;
  /** Events of it that could not be read, or not be understood. */
  readonly lost: number;
}

/** The run that events tell; undefined where none has begun. An event that is not as it should be is left out and counted. */
export function toldRun(events: readonly Event[], skipped = 0): ToldRun | undefined {
  const start = events.find(event => event.type === 'run-started');
  if (start?.type !== 'run-started') return undefined;
  let run = EMPTY_RUN;
  let lost = skipped;
  for (const event of events.filter(one => one.run === start.run)) {
    try {
      run = applyEvent(run, event);
    } catch {
      lost += 1;
    }
  }
  const until = events[events.length - 1]?.time ?? start.time;
  return { run, id: start.run, command: start.command, since: start.time, until, lost };
}

/** Newest first; run ids sort by time. */
async function earlier(stateDirectory: string): Promise<readonly string[]> {
  const names = await readdir(stateDirectory).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  });
  return names
    .filter(name => /^journal-.+\.jsonl$/.test(name))
    .sort()
    .reverse()
    .map(name => join(stateDirectory, name));
}

/** What the journal tells of the last run, and its path; how many of its lines are no events where it tells of none. */
export async function lastRun(
  stateDirectory: string,
): Promise<{ readonly path: string; readonly told?: ToldRun; readonly lost: number }> {
  const path = join(stateDirectory, 'journal.jsonl');
  try {
    let lost = 0;
    for (const each of [path, ...(await earlier(stateDirectory))]) {
      const { events, skipped } = await readJournal(each);
      lost += skipped;
      const told = toldRun(events, skipped);
      // A run that was cut off before it began leaves a journal of nothing, and the one before is the last.
      if (told !== undefined) return { path: each, lost, told };
    }
    return { path, lost };
  } catch (error) {
    throw new Failure({
      code: 'journal-unreadable',
      message: `The journal ${path} cannot be read: ${error instanceof Error ? error.message : String(error)}.`,
      hint: 'Run this as root, on the host that the installer runs on.',
    });
  }
}
