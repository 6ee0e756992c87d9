import { EngineConnection } from '../apart/connection';
import { follow } from '../apart/follow';
import { engineSocket, RUN_DIRECTORY } from '../apart/places';
import { PROTOCOL_VERSION } from '../apart/protocol';
import { statusOf } from '../apart/status';
import type { Status } from '../apart/status';
import type { Arguments } from '../arguments';
import { Failure } from '../engine/failure';
import { EXIT, EXIT_OF } from '../installation/headless';
import type { Surface } from '../installation/start';
import { either } from '../interruptions';
import { jsonListener } from '../renderers/json';
import { plainListener } from '../renderers/plain';
import { statusHeadline } from '../renderers/status-text';
import { refuseOthers } from './status';

/** The engine at work on this host, where there is one; a Failure where its language is another one. */
export async function engineAtWork(directory = RUN_DIRECTORY): Promise<EngineConnection | undefined> {
  const connection = await EngineConnection.to(engineSocket(directory));
  if (connection === undefined || isOurs(connection)) return connection;
  connection.close();
  throw new Failure({
    code: 'engine-other-version',
    message:
      'The run under way is of another version of the installer, with which this one cannot take part in it.',
    hint: 'Attach with the program that the run was started with; it goes on meanwhile.',
  });
}

function isOurs({ hello }: EngineConnection): boolean {
  return (hello.v as number) === PROTOCOL_VERSION;
}

/** Shows the run that is under way from its start, and follows it: on screens, which also answer and stop, or as lines, which only tell. */
export async function attach(given: Arguments, surface: Surface, stateDirectory: string): Promise<number> {
  refuseOthers(surface);
  const connection = await engineAtWork();
  if (connection === undefined) {
    const status = await statusOf(RUN_DIRECTORY, stateDirectory);
    const say = given.output === 'json' ? surface.complain : surface.print;
    say(`${statusHeadline(status).join('\n')}\n`);
    return exitCodeOf(status);
  }
  return given.output === 'screens'
    ? attachScreens(connection, surface)
    : attachLines(connection, given.output, surface);
}

/** The exit code of the last run, for a script that comes as it has just ended. */
export function exitCodeOf({ state, run }: Status): number {
  if (state === 'cut-off') return EXIT.interrupted;
  return run?.outcome === undefined ? EXIT.done : EXIT_OF[run.outcome];
}

/** The run on the screens, with everything that they can do to it. */
export async function attachScreens(connection: EngineConnection, surface: Surface): Promise<number> {
  const { openScreens } = await import('../screens/index');
  const { product, signal, now } = surface;
  return openScreens({
    ...{ product, signal, now },
    follow: options => follow(connection, options),
  });
}

async function attachLines(
  connection: EngineConnection,
  output: 'plain' | 'json',
  surface: Surface,
): Promise<number> {
  const { print, complain, signal, hangUp } = surface;
  const outcome = await follow(connection, {
    listener: output === 'json' ? jsonListener(print) : plainListener(print),
    // Who only reads lines cannot answer: somebody on screens does.
    ask: question => {
      complain(
        `${question.text}\nIt waits for an answer: kube-el7-install attach, in a terminal, takes it.\n`,
      );
      return new Promise(() => undefined);
    },
    signal: new AbortController().signal,
    leave: either(signal, hangUp),
  });
  if (outcome !== 'left') return EXIT_OF[outcome];
  complain('Not watching any longer; the run goes on. Watch it again: kube-el7-install attach\n');
  return EXIT.interrupted;
}
