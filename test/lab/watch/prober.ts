import { until } from '../hosts/until';
import type { ApiAccess } from './api';
import { longestAbsence } from './looks';
import type { Absence, Look } from './looks';
import { Recorder } from './recorder';
import type { RecordingTask } from './recording';

/** A process outside the hosts that asks a cluster's API for one object every 100 ms: how long is it away for a client that tries again? */
export class ApiProber {
  private constructor(private readonly recorder: Recorder<Look>) {}

  /** Starts asking and waits for the first answer. */
  static async start(access: ApiAccess): Promise<ApiProber> {
    const task: RecordingTask = { access, everyMs: 100, timeoutMs: 1000 };
    const prober = new ApiProber(new Recorder('prober', new URL('prober-process.ts', import.meta.url), task));
    try {
      await prober.answersAfter(0);
    } catch (problem) {
      await prober.stop();
      throw problem;
    }
    return prober;
  }

  /** Waits for an answer to a request that was begun after a time. */
  async answersAfter(since: number, withinMs = 60_000): Promise<void> {
    await until('the API to answer', withinMs, () => {
      this.recorder.mustRun();
      const { lines } = this.recorder;
      if (lines.some(look => look.answered && look.at > since)) return;
      throw new Error(lines[lines.length - 1]?.detail ?? 'nothing was asked yet');
    });
  }

  /** The longest time without an answer after `since`, also one that still lasts. */
  longestAbsence(since: number): Absence {
    return longestAbsence(this.recorder.lines, since, Date.now());
  }

  stop(): Promise<void> {
    return this.recorder.stop();
  }
}
