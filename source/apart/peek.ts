import type { Event, Question } from '../engine/event';
import { stillOpen } from './follow';
import { EngineConnection } from './connection';
import { engineSocket } from './places';
import type { Hello } from './protocol';

/** What an engine at work has done so far, and what it asks. */
export interface Peeked {
  readonly hello: Hello;
  readonly events: readonly Event[];
  readonly question?: Question;
}

/** Looks at the engine that is at work, and takes no part; undefined where there is none. */
export async function peek(directory: string): Promise<Peeked | undefined> {
  const connection = await EngineConnection.to(engineSocket(directory));
  if (connection === undefined) return undefined;
  const { hello } = connection;
  const events: Event[] = [];
  const complete = new Promise<void>(resolve => {
    if (hello.past === 0) resolve();
    connection.listen(event => {
      if (events.length < hello.past) events.push(event);
      if (events.length === hello.past) resolve();
    });
  });
  await Promise.race([complete, connection.final]);
  connection.close();
  const question = hello.asks ? events.reduce(stillOpen, undefined) : undefined;
  return { hello, events, ...(question === undefined ? {} : { question }) };
}
