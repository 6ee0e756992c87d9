import type { Answer, ApiClient } from './api';

/** One attempt to write; `at` is when it was begun, in milliseconds since 1970. */
export interface Attempt {
  readonly number: number;
  readonly at: number;
  readonly ms: number;
  /** Refused: surely not written. Unclear: nobody said whether it was. */
  readonly outcome: 'acknowledged' | 'refused' | 'unclear';
  /** The status, or why there was no answer. */
  readonly detail: string;
  /** The revision that the cluster gave an acknowledged write. */
  readonly revision?: number;
}

/** Where the objects are written, and what their names start with. */
export const writesNamespace = 'default';

/** The name of the object that an attempt writes. */
export function writeName(run: string, number: number): string {
  return `write-${run}-${number}`;
}

/**
 * What an answer to a create says. A name that exists already was written by an attempt whose end was unclear, and
 * that attempt is hereby acknowledged; where there was none before, the answer is wrong.
 */
export function judge(answer: Answer, unclearBefore: boolean): Pick<Attempt, 'outcome' | 'detail'> {
  if ('error' in answer) return { outcome: answer.sent ? 'unclear' : 'refused', detail: answer.error };
  const detail = String(answer.status);
  if (answer.status === 201) return { outcome: 'acknowledged', detail };
  if (answer.status === 409) {
    if (!unclearBefore) throw new Error(`a name that was never written exists already: ${answer.body}`);
    return { outcome: 'acknowledged', detail };
  }
  // A server that fails may have written all the same.
  return {
    outcome: answer.status >= 500 ? 'unclear' : 'refused',
    detail: `${detail} ${answer.body.slice(0, 200)}`,
  };
}

const path = `/api/v1/namespaces/${writesNamespace}/configmaps`;

/** The revision of an object; undefined where the answer is none. */
function revisionIn(body: string): number | undefined {
  try {
    const { metadata } = JSON.parse(body) as { metadata?: { resourceVersion?: string } };
    const version = Number(metadata?.resourceVersion);
    return Number.isInteger(version) ? version : undefined;
  } catch {
    return undefined;
  }
}

/** Writes the next object, again under the same name until it is acknowledged, and says how each attempt went. */
export class Writing {
  private number = 1;
  private unclear = false;

  constructor(
    private readonly client: Pick<ApiClient, 'ask'>,
    private readonly run: string,
  ) {}

  async attempt(): Promise<Attempt> {
    const { number } = this;
    const at = Date.now();
    const answer = await this.client.ask('POST', path, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: writeName(this.run, number), labels: { 'lab-writes': this.run } },
      data: { number: String(number) },
    });
    const judged = judge(answer, this.unclear);
    if (judged.outcome === 'acknowledged') {
      this.number += 1;
      this.unclear = false;
    } else if (judged.outcome === 'unclear') {
      this.unclear = true;
    }
    const ms = Date.now() - at;
    const revision = judged.outcome === 'acknowledged' ? await this.revision(number, answer) : undefined;
    return { number, at, ms, ...judged, ...(revision === undefined ? {} : { revision }) };
  }

  /** As the answer says; one that only says that the write is there already is asked for once more. */
  private async revision(number: number, answer: Answer): Promise<number | undefined> {
    const said =
      'error' in answer || answer.status === 201
        ? answer
        : await this.client.ask('GET', `${path}/${writeName(this.run, number)}`);
    return 'error' in said ? undefined : revisionIn(said.body);
  }
}

/** A stretch of time in which no write was acknowledged. */
export interface Pause {
  readonly from: number;
  readonly to: number;
  readonly ms: number;
}

/** The longest time between two acknowledged writes that follow each other, of those that end after `since`. */
export function longestPause(attempts: readonly Attempt[], since = 0): Pause {
  const times = attempts.filter(one => one.outcome === 'acknowledged').map(one => one.at + one.ms);
  let longest: Pause = { from: 0, to: 0, ms: 0 };
  for (let index = 1; index < times.length; index += 1) {
    const from = times[index - 1] ?? 0;
    const to = times[index] ?? 0;
    if (to > since && to - from > longest.ms) longest = { from, to, ms: to - from };
  }
  return longest;
}

/** How many attempts had each outcome. */
export function tally(attempts: readonly Attempt[]): Readonly<Record<Attempt['outcome'], number>> {
  const counts = { acknowledged: 0, refused: 0, unclear: 0 };
  for (const { outcome } of attempts) counts[outcome] += 1;
  return counts;
}
