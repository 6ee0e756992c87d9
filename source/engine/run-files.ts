import { join } from 'node:path';
import type { EventStream } from './events';
import { openJournal, type Journal } from './journal';
import { takeLock } from './lock';
import { openLogs } from './logs';

/** What a run keeps on disk; open as long as it runs. */
export interface RunFiles {
  /** The directory of the run's logs. */
  readonly log: string;
  readonly journal: Pick<Journal, 'resumed' | 'unfinished' | 'sync'>;
  /** A masked line for a step's log. */
  note(step: string, line: string): void;
  close(): Promise<void>;
}

/** Takes the lock, then opens journal and logs: from here on they hear every event, before any screen. Throws the Failure "locked" where another run is at work. */
export async function openRun(
  stream: EventStream,
  directories: { readonly stateDirectory: string; readonly logDirectory: string },
): Promise<RunFiles> {
  const lock = await takeLock(join(directories.stateDirectory, 'lock'));
  try {
    const journal = await openJournal(directories.stateDirectory);
    const logs = await openLogs(directories.logDirectory, stream.run);
    const silence = [
      stream.add(event => {
        logs.listen(event);
      }, 'first'),
      stream.add(event => {
        journal.append(event);
      }, 'first'),
    ];
    return {
      log: logs.path,
      journal,
      note: (step, line) => {
        logs.note(step, line);
      },
      async close() {
        for (const end of silence) end();
        logs.close();
        await journal.close();
        await lock.release();
      },
    };
  } catch (error) {
    await lock.release();
    throw error;
  }
}
