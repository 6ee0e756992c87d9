import { setTimeout as delay } from 'node:timers/promises';

/** Time as the engine sees it, so that tests need not wait. */
export interface Clock {
  /** Milliseconds that never go back; only differences mean something. */
  elapsed(): number;
  date(): Date;
  /** Ends early, without an error, where the signal is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** The machine's own time. */
export const systemClock: Clock = {
  elapsed: () => Number(process.hrtime.bigint() / 1_000_000n),
  date: () => new Date(),
  async sleep(ms, signal) {
    try {
      await delay(ms, undefined, signal && { signal });
    } catch {
      // Only an abort rejects, and that is what ends a sleep early.
    }
  },
};
