import { patiently } from '../patience';

const pollMs = 50;

function pause(milliseconds: number): Promise<void> {
  return new Promise(resolve => {
    setTimeout(resolve, milliseconds);
  });
}

/** The condition asked about can no longer come true, so that waiting ends at once. */
export class Hopeless extends Error {}

/**
 * Waits until `attempt` returns without throwing and returns what it returned. `what` completes the
 * sentence "waited for ..."; the failure carries the last error of the attempts. A slow machine gets more time.
 */
export async function until<T>(what: string, timeoutMs: number, attempt: () => T | Promise<T>): Promise<T> {
  const limit = patiently(timeoutMs);
  const deadline = Date.now() + limit;
  for (;;) {
    try {
      return await attempt();
    } catch (problem) {
      const message = problem instanceof Error ? problem.message : String(problem);
      if (problem instanceof Hopeless) throw new Error(`${what}: ${message}`);
      if (Date.now() >= deadline) {
        throw new Error(`waited ${Math.round(limit / 1000)} s for ${what}; the last answer was: ${message}`);
      }
      await pause(pollMs);
    }
  }
}
