import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { ApiClient } from './api';
import type { ApiAccess } from './api';
import { Writing } from './writes';

/** What the writer is told on its standard input, as one line. It writes until that input ends. */
export interface WriterTask {
  readonly access: ApiAccess;
  readonly run: string;
  readonly everyMs: number;
  readonly timeoutMs: number;
}

async function write({ access, run, everyMs, timeoutMs }: WriterTask, ended: () => boolean): Promise<void> {
  const client = new ApiClient(access, timeoutMs);
  const writing = new Writing(client, run);
  while (!ended()) {
    const attempt = await writing.attempt();
    process.stdout.write(`${JSON.stringify(attempt)}\n`);
    await delay(Math.max(0, attempt.at + everyMs - Date.now()));
  }
  client.close();
}

const input = createInterface({ input: process.stdin });
let over = false;
input.on('close', () => (over = true));
input.once('line', line => {
  write(JSON.parse(line) as WriterTask, () => over).catch((problem: unknown) => {
    process.stderr.write(
      `${problem instanceof Error ? (problem.stack ?? problem.message) : String(problem)}\n`,
    );
    process.exit(1);
  });
});
