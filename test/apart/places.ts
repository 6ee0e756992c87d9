import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { EngineConnection } from '../../source/apart/connection';
import type { Event, EventBody, Question } from '../../source/engine/event';

/** A folder for sockets; a socket's path may have 107 characters, so it is a short one. */
export function folder(): string {
  const directory = mkdtempSync(join(tmpdir(), 'apart-'));
  onTestFinished(() => {
    rmSync(directory, { recursive: true, force: true });
  });
  return directory;
}

/** The events of a run, numbered. */
export function eventsOf(bodies: readonly EventBody[]): readonly Event[] {
  return bodies.map((body, index) => ({
    v: 1,
    seq: index + 1,
    time: '2026-03-02T03:00:00.000Z',
    run: 'a-run',
    ...body,
  }));
}

/** Somebody who is connected; fails where there is no engine. */
export async function connected(path: string): Promise<EngineConnection> {
  const connection = await EngineConnection.to(path);
  if (connection === undefined) throw new Error('no engine is met');
  onTestFinished(() => {
    connection.close();
  });
  return connection;
}

export const QUESTION: Question = {
  id: 'failed-one-1',
  step: 'one',
  about: 'failure',
  text: 'It did not work.',
  choices: [
    { id: 'retry', title: 'Try again' },
    { id: 'quit', title: 'Stop' },
  ],
  otherwise: 'quit',
};
