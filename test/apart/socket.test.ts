import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { createConnection, createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { EngineConnection } from '../../source/apart/connection';
import { follow } from '../../source/apart/follow';
import { peek } from '../../source/apart/peek';
import { engineAtWork } from '../../source/commands/attach';
import { EngineServer } from '../../source/apart/server';
import type { Event, EventBody } from '../../source/engine/event';
import type { RunOptions } from '../../source/installer';
import { connected, eventsOf, folder, QUESTION } from './places';

const output = (line: string): EventBody => ({ type: 'output', step: 'one', stream: 'stdout', line });

async function engine(asks = true) {
  const directory = folder();
  const onStop = vi.fn();
  const onStopNow = vi.fn();
  const server = await EngineServer.open({ directory, run: 'a-run', asks, onStop, onStopNow });
  onTestFinished(() => server.end({ kind: 'ended', outcome: 'failed' }, 0));
  return { server, directory, own: join(directory, 'a-run.sock'), onStop, onStopNow };
}

/** Takes part as screens would; what it heard and was asked. */
function taking(connection: EngineConnection, more: Partial<RunOptions> = {}) {
  const heard: Event[] = [];
  const ask = vi.fn((): Promise<string> => new Promise(() => undefined));
  const end = follow(connection, {
    listener: event => heard.push(event),
    ask,
    signal: new AbortController().signal,
    ...more,
  });
  end.catch(() => undefined);
  return { heard, ask, end };
}

describe('the socket of an engine', () => {
  it('is for root alone, and is the one at work only once its run is', async () => {
    const { server, directory, own } = await engine();
    expect(statSync(own).mode & 0o777).toBe(0o600);
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    expect(await peek(directory)).toBeUndefined();
    for (const event of eventsOf([output('1')])) server.listener(event);
    await vi.waitUntil(() => existsSync(join(directory, 'engine.sock')));
    expect((await peek(directory))?.events).toHaveLength(1);
    await server.end({ kind: 'ended', outcome: 'succeeded' });
    expect(readdirSync(directory)).toEqual([]);
  });

  it('tells everybody the run from its start, however late they come, and how it ended', async () => {
    const { server, own } = await engine();
    const events = eventsOf(['1', '2', '3', '4'].map(output));
    const first = taking(await connected(own));
    for (const event of events.slice(0, 3)) server.listener(event);
    await vi.waitUntil(() => first.heard.length === 3);
    const late = taking(await connected(own));
    for (const event of events.slice(3)) server.listener(event);
    await server.end({ kind: 'ended', outcome: 'succeeded' });
    expect(await Promise.all([first.end, late.end])).toEqual(['succeeded', 'succeeded']);
    expect(first.heard).toEqual(events);
    expect(late.heard).toEqual(events);
  });

  it('waits for nobody who is slow or gone', async () => {
    const { server, own } = await engine();
    const stalled = createConnection(own);
    stalled.pause();
    const gone = createConnection(own);
    await Promise.all([stalled, gone].map(socket => new Promise(resolve => socket.once('connect', resolve))));
    gone.destroy();
    const quick = taking(await connected(own));
    const events = eventsOf(
      Array.from({ length: 4000 }, (_, index) => output(`${index} ${'x'.repeat(1000)}`)),
    );
    for (const event of events) server.listener(event);
    await vi.waitUntil(() => quick.heard.length === 4000, { timeout: 30_000 });
    stalled.destroy();
  });

  it('takes the first answer, and only to the question that is open', async () => {
    const { server, own } = await engine();
    const [one, other] = [await connected(own), await connected(own)];
    const asked = server.ask(QUESTION);
    one.send({ kind: 'answer', id: 'another', choice: 'retry' });
    one.send({ kind: 'answer', id: QUESTION.id, choice: 'no such choice' });
    one.send({ kind: 'answer', id: QUESTION.id, choice: 'retry' });
    expect(await asked).toBe('retry');
    const again = server.ask({ ...QUESTION, id: 'failed-one-2' });
    other.send({ kind: 'answer', id: QUESTION.id, choice: 'quit' });
    other.send({ kind: 'answer', id: 'failed-one-2', choice: 'quit' });
    expect(await again).toBe('quit');
  });

  it('is not disturbed by nonsense', async () => {
    const { own, onStop, onStopNow } = await engine();
    const rude = createConnection(own);
    rude.write(`\0\n[]\nnull\n{"kind":7}\n{"kind":"answer"}\n${'x'.repeat(200_000)}\n`);
    const connection = await connected(own);
    connection.send({ kind: 'stop' });
    await vi.waitUntil(() => onStop.mock.calls.length === 1);
    expect(onStopNow).not.toHaveBeenCalled();
    rude.destroy();
  });

  it('asks those who take part what is open, and nothing that was answered before', async () => {
    const { server, own } = await engine();
    const before = { ...QUESTION, id: 'failed-zero-1' };
    const past = eventsOf([
      { type: 'question', question: before },
      { type: 'answer', id: before.id, choice: 'retry' },
      { type: 'question', question: QUESTION },
    ]);
    const early = taking(await connected(own), { ask: () => new Promise(() => undefined) });
    const asked = server.ask(QUESTION);
    for (const event of past) server.listener(event);
    await vi.waitUntil(() => early.heard.length === 3);
    const ask = vi.fn(() => Promise.resolve('retry'));
    taking(await connected(own), { ask });
    expect(await asked).toBe('retry');
    expect(ask.mock.calls).toEqual([[QUESTION]]);
  });

  it('asks nobody where the run answers itself', async () => {
    const { server, own } = await engine(false);
    const one = taking(await connected(own));
    for (const event of eventsOf([{ type: 'question', question: QUESTION }])) server.listener(event);
    await vi.waitUntil(() => one.heard.length === 1);
    expect(one.ask).not.toHaveBeenCalled();
  });

  it('passes stopping on, and lets one leave without a word', async () => {
    const { own, onStop, onStopNow } = await engine();
    const [stop, now, leave] = [new AbortController(), new AbortController(), new AbortController()];
    const leaving = taking(await connected(own), { leave: leave.signal });
    taking(await connected(own), { signal: stop.signal, now: now.signal });
    leave.abort();
    expect(await leaving.end).toBe('left');
    expect(onStop).not.toHaveBeenCalled();
    stop.abort();
    await vi.waitUntil(() => onStop.mock.calls.length === 1);
    now.abort();
    await vi.waitUntil(() => onStopNow.mock.calls.length === 1);
  });

  it('that is gone without a word is told as such, with what its process said last', async () => {
    const { own } = await engine();
    const connection = await connected(own);
    const end = follow(
      connection,
      {
        listener: () => undefined,
        ask: () => Promise.reject(new Error()),
        signal: new AbortController().signal,
      },
      () => Promise.resolve(['FATAL ERROR: out of memory']),
    );
    connection.close();
    await expect(end).rejects.toMatchObject({
      report: { code: 'engine-gone', seen: ['FATAL ERROR: out of memory'] },
    });
  });

  it('of an engine that was killed is no engine', async () => {
    const directory = folder();
    expect(await EngineConnection.to(join(directory, 'none.sock'))).toBeUndefined();
  });
});

describe('an engine of another version', () => {
  it('is told apart from none', async () => {
    const directory = folder();
    const other = createServer(socket => socket.end('{"kind":"hello","v":99,"past":0}\n'));
    await new Promise<void>(resolve => other.listen(join(directory, 'engine.sock'), resolve));
    onTestFinished(() => {
      other.close();
    });
    await expect(engineAtWork(directory)).rejects.toMatchObject({
      report: { code: 'engine-other-version' },
    });
    expect(await engineAtWork(folder())).toBeUndefined();
  });

  it('that was killed leaves a socket which the next one clears away', async () => {
    const directory = folder();
    // A socket that nobody listens at: bound, and its program killed.
    const killed = join(directory, 'killed.sock');
    const program = `require('net').createServer().listen('${killed}', () => process.kill(process.pid, 'SIGKILL'))`;
    spawnSync(process.execPath, ['-e', program]);
    expect(existsSync(killed)).toBe(true);
    const server = await EngineServer.open({
      ...{ directory, run: 'next', asks: false },
      ...{ onStop: () => undefined, onStopNow: () => undefined },
    });
    for (const event of eventsOf([output('1')])) server.listener(event);
    await vi.waitUntil(() => !existsSync(killed));
    await server.end({ kind: 'ended', outcome: 'succeeded' }, 0);
    expect(readdirSync(directory)).toEqual([]);
  });
});
