import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { ApiClient } from './api';
import type { ApiAccess } from './api';

/** What a recorder's process is told on its standard input, as one line. */
export interface RecordingTask {
  readonly access: ApiAccess;
  readonly everyMs: number;
  readonly timeoutMs: number;
  /** In the names of what is written. */
  readonly run?: string;
}

/** Does something with the API again and again, says each outcome as a line, and ends when standard input does. */
export function record(
  begin: (client: ApiClient, task: RecordingTask) => () => Promise<{ readonly at: number }>,
): void {
  const input = createInterface({ input: process.stdin });
  let over = false;
  input.on('close', () => (over = true));
  const work = async (task: RecordingTask): Promise<void> => {
    const client = new ApiClient(task.access, task.timeoutMs);
    const once = begin(client, task);
    while (!over) {
      const said = await once();
      process.stdout.write(`${JSON.stringify(said)}\n`);
      await delay(Math.max(0, said.at + task.everyMs - Date.now()));
    }
    client.close();
  };
  input.once('line', line => {
    work(JSON.parse(line) as RecordingTask).catch((problem: unknown) => {
      process.stderr.write(
        `${problem instanceof Error ? (problem.stack ?? problem.message) : String(problem)}\n`,
      );
      process.exit(1);
    });
  });
}
