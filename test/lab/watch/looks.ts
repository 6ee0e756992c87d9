import type { ApiClient } from './api';

/** One request for something that lies in etcd; `at` is when it was begun, in milliseconds since 1970. */
export interface Look {
  readonly at: number;
  readonly ms: number;
  readonly answered: boolean;
  /** The status, or why there was no answer. */
  readonly detail: string;
}

/** A stretch of time in which nobody answered: from the end of the last answer to the end of the next. */
export interface Absence {
  readonly from: number;
  readonly to: number;
  readonly ms: number;
  /** What was met meanwhile, each once. */
  readonly met: readonly string[];
}

/** Asks the API once for an object that it reads from a quorum of etcd. */
export async function ask(client: Pick<ApiClient, 'ask'>): Promise<Look> {
  const at = Date.now();
  const answer = await client.ask('GET', '/api/v1/namespaces/default');
  const ms = Date.now() - at;
  if ('error' in answer) return { at, ms, answered: false, detail: answer.error };
  return { at, ms, answered: answer.status === 200, detail: String(answer.status) };
}

/** The longest time without an answer, of those that end after `since` or have not ended at `now`. */
export function longestAbsence(looks: readonly Look[], since: number, now: number): Absence {
  const answers = looks.filter(({ answered }) => answered).map(({ at, ms }) => at + ms);
  const ends = [...answers, now];
  let longest = { from: since, to: since, ms: 0 };
  for (const [index, from] of answers.entries()) {
    const to = ends[index + 1] ?? now;
    if (to > since && to - from > longest.ms) longest = { from, to, ms: to - from };
  }
  const met = looks.filter(one => !one.answered && one.at >= longest.from && one.at < longest.to);
  return { ...longest, met: [...new Set(met.map(({ detail }) => detail))] };
}
