import { ask, matches, type Unmet } from './ask';
import type { Condition, NextAnswer, Question } from './change';
import { systemClock, type Clock } from './clock';
import { Failure } from './failure';
import type { HostReader } from './host';

/** Thrown where a wait was stopped before its condition was met or its time ran out; not a failure. */
export class Stopped extends Error {
  override readonly name = 'Stopped';
}

export interface WaitOptions {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly clock?: Clock;
  /** Called whenever the last error changes, and at least every five seconds. */
  readonly onProgress: (elapsedMs: number, lastError: string) => void;
}

/** From one question to the next that is asked again, growing: a request over an open connection costs next to nothing, a program such as kubectl a third of a second of the processor that others need to become ready. */
const PAUSES = {
  request: { first: 250, more: 50, longest: 1000 },
  command: { first: 1500, more: 100, longest: 2500 },
} as const;
const LEAST_ANSWER_MS = 1000;
const PROGRESS_MS = 5000;
/** One question may take this long; a slower one counts as unanswered. */
const ANSWER_MS = 10_000;
/** How many different errors a time-out shows. */
const SHOWN_ERRORS = 5;

/** Asks at once and then again and again until the condition is met; returns the milliseconds that took. */
export async function waitUntil(
  host: HostReader,
  condition: Condition,
  options: WaitOptions,
): Promise<number> {
  const clock = options.clock ?? systemClock;
  const began = clock.elapsed();
  const errors = new Map<string, number>();
  let last = 'no answer yet';
  let told = -Infinity;
  const tell = () => {
    told = clock.elapsed();
    options.onProgress(told - began, last);
  };
  const tellOn = () => {
    if (clock.elapsed() - told >= PROGRESS_MS) tell();
  };
  for (let asked = 1; ; asked += 1) {
    const left = options.timeoutMs - (clock.elapsed() - began);
    const answer = answerOf(host, condition, Math.max(LEAST_ANSWER_MS, Math.min(left, ANSWER_MS)));
    const unmet = await withProgress(answer, options.signal, clock, tellOn);
    if (unmet === undefined) return clock.elapsed() - began;
    const { error } = unmet;
    // The newest of the map's entries stands last.
    const seen = (errors.get(error) ?? 0) + 1;
    errors.delete(error);
    errors.set(error, seen);
    const isNew = error !== last;
    last = error;
    if (isNew || clock.elapsed() - told >= PROGRESS_MS) tell();
    const { first, more, longest } = PAUSES[unmet.kind];
    const pause = Math.min(first + more * asked, longest);
    const remaining = options.timeoutMs - (clock.elapsed() - began);
    if (remaining <= 0) throw timedOut(condition, options.timeoutMs, errors);
    const rest = (ms: number) => clock.sleep(Math.min(ms, remaining), options.signal);
    if (unmet.next === undefined) await rest(pause);
    else {
      // A server that tells of one change after the other is not asked more often than that.
      await rest(first);
      const news = changed(host, unmet.next, remaining);
      if (!(await withProgress(news, options.signal, clock, tellOn))) await rest(pause - first);
    }
    if (options.signal.aborted) throw new Stopped();
  }
}

/** Whether the answer says that something has changed. */
async function changed(host: HostReader, next: NextAnswer, remainingMs: number): Promise<boolean> {
  const { request } = next;
  const timeoutMs = Math.min(request.timeoutMs ?? ANSWER_MS, Math.max(LEAST_ANSWER_MS, remainingMs));
  const outcome = await host.request({ ...request, timeoutMs });
  return 'status' in outcome && outcome.status === 200 && matches(next.matches, outcome.body);
}

/** The answer, while `tick` is called every second; stops waiting for it at once when told to. */
async function withProgress<Value>(
  answer: Promise<Value>,
  signal: AbortSignal,
  clock: Clock,
  tick: () => void,
): Promise<Value> {
  const pause = new AbortController();
  const stop = () => {
    pause.abort();
  };
  signal.addEventListener('abort', stop);
  const settled = answer.then(value => ({ value }));
  settled.catch(() => undefined);
  try {
    for (;;) {
      if (isAborted(signal)) throw new Stopped();
      const won = await Promise.race([settled, clock.sleep(1000, pause.signal)]);
      if (won) return won.value;
      tick();
    }
  } finally {
    pause.abort();
    signal.removeEventListener('abort', stop);
  }
}

function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}

/** Why a condition is not met, and how that was asked. */
interface UnmetBy extends Unmet {
  readonly kind: Question['kind'];
}

/** Undefined where the condition is met; throws where it never will be. */
async function answerOf(
  host: HostReader,
  condition: Condition,
  timeoutMs: number,
): Promise<UnmetBy | undefined> {
  const several = condition.kind === 'all';
  for (const question of several ? condition.of : [condition]) {
    const unmet = await ask(host, question, timeoutMs);
    if (unmet === undefined) continue;
    const { error } = unmet;
    return {
      ...unmet,
      error: several ? `not yet so: ${question.title} (${error})` : error,
      kind: question.kind,
    };
  }
  return undefined;
}

function timedOut(condition: Condition, timeoutMs: number, errors: ReadonlyMap<string, number>): Failure {
  return new Failure({
    code: 'timed-out',
    message: `Waited ${Math.round(timeoutMs / 1000)} s until ${condition.title}, and it did not happen.`,
    hint: 'The last answers below say what is missing; try again once it is mended.',
    seen: [...errors]
      .slice(-SHOWN_ERRORS)
      .map(([error, times]) => `${error} (${times === 1 ? 'once' : `${times} times`})`),
  });
}
