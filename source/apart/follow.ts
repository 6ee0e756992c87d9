import type { Event, Question } from '../engine/event';
import { Failure } from '../engine/failure';
import type { Outcome, RunOptions } from '../installer';
import type { EngineConnection } from './connection';
import type { Final } from './protocol';

/** The question that waits for an answer after an event. */
export function stillOpen(open: Question | undefined, event: Event): Question | undefined {
  if (event.type === 'question') return event.question;
  const closed = event.type === 'run-finished' || (event.type === 'answer' && event.id === open?.id);
  return closed ? undefined : open;
}

/** A fault in the engine's process, with the stack that it has there. */
class EngineFault extends Error {
  override readonly name = 'EngineFault';

  constructor(stack: string) {
    super('the engine broke off');
    this.stack = stack;
  }
}

/** Takes part in the run of an engine as if it were here: its events are heard, its questions asked, and what stops it is passed on. `lastWords` are what its process said before it was gone. */
export async function follow(
  connection: EngineConnection,
  { listener, ask, signal, now, leave }: RunOptions,
  lastWords: () => Promise<readonly string[]> = () => Promise.resolve([]),
): Promise<Outcome | 'left'> {
  const { past, asks, pid } = connection.hello;
  let heard = 0;
  let open: Question | undefined;
  const pose = (question: Question | undefined) => {
    if (question === undefined || !asks) return;
    const answer = (choice: string) => {
      connection.send({ kind: 'answer', id: question.id, choice });
    };
    void ask(question).then(answer, () => undefined);
  };
  connection.listen(event => {
    heard += 1;
    listener(event);
    open = stillOpen(open, event);
    // Of the questions that have been, only one that is still open is asked.
    if (heard === past || (heard > past && event.type === 'question')) pose(open);
  });
  const silence = [
    onAbort(signal, () => {
      connection.send({ kind: 'stop' });
    }),
    onAbort(now, () => {
      connection.send({ kind: 'stop-now' });
    }),
    onAbort(leave, () => {
      connection.close();
    }),
  ];
  try {
    const final = await connection.final;
    if (final === undefined && leave?.aborted === true) return 'left';
    return outcomeOf(final ?? (await gone(pid, lastWords)));
  } finally {
    for (const end of silence) end();
  }
}

function onAbort(signal: AbortSignal | undefined, call: () => void): () => void {
  if (signal?.aborted === true) call();
  signal?.addEventListener('abort', call);
  return () => signal?.removeEventListener('abort', call);
}

function outcomeOf(final: Final): Outcome {
  if (final.kind === 'ended') return final.outcome;
  throw final.kind === 'refused' ? new Failure(final.report) : new EngineFault(final.stack);
}

async function gone(pid: number, lastWords: () => Promise<readonly string[]>): Promise<Final> {
  const seen = await lastWords();
  return {
    kind: 'refused',
    report: {
      code: 'engine-gone',
      message: `The process that did the run (${pid}) is gone without a word: it was killed, or the host ran out of memory. What it had started goes on to its end.`,
      hint: 'Run the same command again: it goes on from where this run was.',
      ...(seen.length === 0 ? {} : { seen }),
    },
  };
}
