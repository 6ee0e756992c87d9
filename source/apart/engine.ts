import { dirname } from 'node:path';
import { Failure } from '../engine/failure';
import { Redactor } from '../engine/redact';
import type { Opened } from '../installation/installation';
import { problemsText } from '../renderers/failure-text';
import type { Problem } from '../variables/settings';
import type { Final } from './protocol';
import { takeRequest, type EngineRequest } from './request';
import { EngineServer } from './server';

const INTERRUPTED = 130;
/** How long those who take part may take to hear that it stops at once. */
const AT_ONCE_MS = 500;

interface EngineOptions {
  /** The file of the request; the sockets are beside it. */
  readonly file: string;
  readonly product: string;
  /** Aborted on a signal from outside: the run stops after its current change. */
  readonly signal: AbortSignal;
  /** The installer of what is asked for. */
  readonly open: (request: EngineRequest) => Promise<Opened>;
  /** To standard error, which is the log of this process. */
  readonly complain: (text: string) => void;
  readonly exit: (code: number) => void;
}

/** Does one run, as the process of its own that it is, for whoever is connected or nobody. Returns the exit code: 0 also where the run failed, as that was told. */
export async function runEngine(options: EngineOptions): Promise<number> {
  const { file, complain, exit } = options;
  const request = await takeRequest(file);
  const stop = new AbortController();
  options.signal.addEventListener('abort', () => {
    stop.abort();
  });
  const server = await EngineServer.open({
    directory: dirname(file),
    run: request.run,
    asks: request.asks,
    onStop: () => {
      stop.abort();
    },
    onStopNow: () => {
      // Nothing further is begun while those who take part are told.
      stop.abort();
      void server.end({ kind: 'ended', outcome: 'interrupted' }, AT_ONCE_MS).then(() => {
        exit(INTERRUPTED);
      });
    },
  });
  const told = (error: unknown): Final => {
    if (error instanceof Failure) return { kind: 'refused', report: error.report };
    const stack = new Redactor().text(
      error instanceof Error ? (error.stack ?? error.message) : String(error),
    );
    complain(`${new Date().toISOString()} ${stack}\n`);
    return { kind: 'fault', stack };
  };
  // What nobody catches would end the process without a word to those who are connected.
  process.on('uncaughtException', error => {
    void server.end(told(error)).then(() => {
      exit(1);
    });
  });
  const final = await perform(request, options, server, stop.signal).catch(told);
  await server.end(final);
  return final.kind === 'fault' ? 1 : 0;
}

async function perform(
  request: EngineRequest,
  { open, product }: EngineOptions,
  server: EngineServer,
  signal: AbortSignal,
): Promise<Final> {
  if (request.product !== product) throw anotherProgram(request.product, product);
  const { installer, problems } = await open(request);
  const loaded = await installer.settings(request.answers);
  const wrong = [...problems, ...('problems' in loaded ? loaded.problems : [])];
  if (wrong.length > 0 || 'problems' in loaded) throw notAsAgreed(wrong);
  const { settings } = loaded;
  if (JSON.stringify(settings.values) !== JSON.stringify(request.values)) throw notAsAgreed([]);
  const outcome = await installer.run(settings, {
    listener: server.listener,
    ask: request.asks ? server.ask : question => Promise.resolve(question.otherwise),
    signal,
  });
  return { kind: 'ended', outcome: outcome === 'left' ? 'interrupted' : outcome };
}

function notAsAgreed(problems: readonly Problem[]): Failure {
  return new Failure({
    code: 'values-changed',
    message: 'What the run is made from is no longer what was agreed to, so nothing was changed.',
    hint: 'Somebody has changed the variables file or a file that it names meanwhile. Look at it, and run the same command again.',
    ...(problems.length === 0 ? {} : { seen: problemsText(problems).trim().split('\n') }),
  });
}

function anotherProgram(asked: string, here: string): Failure {
  return new Failure({
    code: 'values-changed',
    message: `The program was replaced meanwhile: ${asked} asked for the run, and this is ${here}. Nothing was changed.`,
    hint: 'Run the same command again.',
  });
}
