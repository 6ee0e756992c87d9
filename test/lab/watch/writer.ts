import { randomBytes } from 'node:crypto';
import { until } from '../hosts/until';
import { ApiClient } from './api';
import type { ApiAccess } from './api';
import { Recorder } from './recorder';
import type { RecordingTask } from './recording';
import { longestPause, tally, writeName, writesNamespace } from './writes';
import type { Attempt, Pause } from './writes';

export interface WriterOptions {
  /** 50 unless told. */
  readonly everyMs?: number;
  /** How long one attempt may take: 1000 unless told. */
  readonly timeoutMs?: number;
}

/**
 * A process outside the hosts that writes one small object after the other through a cluster's API, and knows of
 * each whether it was acknowledged: what an application that stores something there would see.
 */
export class Writer {
  private constructor(
    private readonly access: ApiAccess,
    private readonly run: string,
    private readonly recorder: Recorder<Attempt>,
  ) {}

  /** Starts writing and waits for the first write that is acknowledged. */
  static async start(access: ApiAccess, options: WriterOptions = {}): Promise<Writer> {
    const run = randomBytes(4).toString('hex');
    const { everyMs = 50, timeoutMs = 1000 } = options;
    const task: RecordingTask = { access, run, everyMs, timeoutMs };
    const program = new URL('writer-process.ts', import.meta.url);
    const writer = new Writer(access, run, new Recorder('writer', program, task));
    try {
      await writer.writesAfter(0);
    } catch (problem) {
      await writer.stop();
      throw problem;
    }
    return writer;
  }

  /** Every attempt until now, in order. */
  get attempts(): readonly Attempt[] {
    return this.recorder.lines;
  }

  /** Waits for an acknowledged write that was begun after a time, and returns when that was said. */
  writesAfter(since: number, withinMs = 60_000): Promise<number> {
    return until('a write to be acknowledged', withinMs, () => {
      this.recorder.mustRun();
      const found = this.attempts.find(one => one.outcome === 'acknowledged' && one.at > since);
      if (found !== undefined) return found.at + found.ms;
      throw new Error(JSON.stringify(this.attempts[this.attempts.length - 1] ?? 'nothing was tried yet'));
    });
  }

  /** Ends it once its last attempt has ended. */
  stop(): Promise<void> {
    return this.recorder.stop();
  }

  /** The names of the writes that were acknowledged before a time and that the cluster gave a later revision than this one. */
  newerThan(revision: number, before = Infinity): readonly string[] {
    return this.attempts.flatMap(one =>
      one.revision !== undefined && one.revision > revision && one.at < before
        ? [writeName(this.run, one.number)]
        : [],
    );
  }

  /** The longest time between two acknowledged writes, of those that end after `since`. */
  longestPause(since = 0): Pause {
    return longestPause(this.attempts, since);
  }

  /** How many attempts were acknowledged, refused and unclear. */
  get counts(): Readonly<Record<Attempt['outcome'], number>> {
    return tally(this.attempts);
  }

  /** The writes acknowledged until now that the cluster does not have; asked of another address if one is given. */
  async lost(at: Partial<ApiAccess> = {}): Promise<readonly string[]> {
    // What is acknowledged while the list is made need not stand in it.
    const acknowledged = this.attempts.filter(one => one.outcome === 'acknowledged');
    const client = new ApiClient({ ...this.access, ...at }, 20_000);
    const path = `/api/v1/namespaces/${writesNamespace}/configmaps?labelSelector=lab-writes%3D${this.run}`;
    try {
      const there = await until('the list of what was written', 60_000, async () => {
        const answer = await client.ask('GET', path);
        if ('error' in answer) throw new Error(answer.error);
        if (answer.status !== 200) throw new Error(`${answer.status} ${answer.body}`);
        const { items } = JSON.parse(answer.body) as { items: readonly { metadata: { name: string } }[] };
        return new Set(items.map(item => item.metadata.name));
      });
      return acknowledged.map(one => writeName(this.run, one.number)).filter(name => !there.has(name));
    } finally {
      client.close();
    }
  }
}
