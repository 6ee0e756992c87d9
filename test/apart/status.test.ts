import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { EngineServer } from '../../source/apart/server';
import { statusOf } from '../../source/apart/status';
import { exitCodeOf } from '../../source/commands/attach';
import type { Event } from '../../source/engine/event';
import { takeLock } from '../../source/engine/lock';
import { statusLines } from '../../source/renderers/status-text';
import { folder, QUESTION } from './places';

function recorded(name: string): readonly Event[] {
  return readFileSync(new URL(`../fixtures/runs/${name}.jsonl`, import.meta.url), 'utf8')
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as Event);
}

/** A host's state, with a journal of these events. */
function stateWith(events: readonly Event[] = []): { readonly directory: string; readonly state: string } {
  const state = join(folder(), 'state');
  mkdirSync(state);
  if (events.length > 0) {
    writeFileSync(join(state, 'journal.jsonl'), events.map(event => `${JSON.stringify(event)}\n`).join(''));
  }
  return { directory: folder(), state };
}

async function lines({ directory, state }: ReturnType<typeof stateWith>): Promise<string> {
  return statusLines(await statusOf(directory, state)).join('\n');
}

/** An engine that has told these events, with a question open or not. */
async function engineAfter(events: readonly Event[], directory: string): Promise<EngineServer> {
  const server = await EngineServer.open({
    directory,
    run: events[0]?.run ?? '',
    asks: true,
    onStop: () => undefined,
    onStopNow: () => undefined,
  });
  onTestFinished(() => server.end({ kind: 'ended', outcome: 'failed' }, 0));
  for (const event of events) server.listener(event);
  await vi.waitUntil(() => existsSync(join(directory, 'engine.sock')));
  return server;
}

describe('the status without a run under way', () => {
  it('is that there is none', async () => {
    expect(await lines(stateWith())).toBe('No run is under way, and the journal tells of none.');
    expect(await statusOf('/nowhere', '/nowhere')).toMatchObject({ v: 1, state: 'none' });
  });

  it('is how the last one ended', async () => {
    const told = await lines(stateWith(recorded('failed')));
    expect(told).toMatch(/^No run is under way\.\nThe last one, install on master1, run failed, failed at /);
    expect(told).toContain('Control plane            failed');
    expect(told).toContain("the apiserver's image cannot be pulled");
    const fine = await statusOf('/nowhere', stateWith(recorded('succeeded')).state);
    expect(fine).toMatchObject({ state: 'ended', run: { outcome: 'succeeded', host: 'master1' } });
    expect(fine.run?.stages.every(({ state }) => state === 'changed' || state === 'unchanged')).toBe(true);
    expect(fine.process).toBeUndefined();
  });

  it('is that it was cut off where it did not end, and how to go on', async () => {
    const told = await lines(stateWith(recorded('succeeded').slice(0, 60)));
    expect(told).toContain('was cut off at 2026-03-02 03:00:');
    expect(told).toContain('Run the same command again: it goes on from there.');
    expect(told).not.toContain('Awaited');
  });

  it('is for a script that attaches too late the exit code of the run', async () => {
    const after = async (events?: readonly Event[]): Promise<number> =>
      exitCodeOf(await statusOf('/nowhere', stateWith(events).state));
    expect(await after()).toBe(0);
    expect(await after(recorded('succeeded'))).toBe(0);
    expect(await after(recorded('failed'))).toBe(1);
    expect(await after(recorded('succeeded').slice(0, 60))).toBe(130);
  });

  it('says how much of the journal cannot be read, torn or altered, and tells the rest', async () => {
    const place = stateWith(recorded('succeeded').slice(0, 60));
    const journal = join(place.state, 'journal.jsonl');
    appendFileSync(journal, 'x\0y\n{"v":1,"seq":99,"ti');
    expect(await lines(place)).toMatch(/\n2 lines of \S+ cannot be read \(cut off, or altered\)/);
    writeFileSync(journal, '\xff\xfe\n');
    const { state, journal: said } = await statusOf(place.directory, place.state);
    expect([state, said.unreadableLines]).toEqual(['none', 1]);
  });

  it('is that of the run before where the last journal tells of none yet', async () => {
    const place = stateWith();
    const text = recorded('succeeded')
      .map(event => JSON.stringify(event))
      .join('\n');
    writeFileSync(join(place.state, 'journal-20260302T030000Z-0001.jsonl'), text);
    writeFileSync(join(place.state, 'journal.jsonl'), '');
    expect((await statusOf(place.directory, place.state)).run?.outcome).toBe('succeeded');
  });

  it('names the process that holds the lock all the same', async () => {
    const place = stateWith();
    const lock = await takeLock(join(place.state, 'lock'));
    expect(await lines(place)).toContain(`Process ${process.pid} of the installer is at work`);
    await lock.release();
  });
});

describe('the status of a run under way', () => {
  it('has its process, stages, what is awaited with its last error, and how to watch', async () => {
    const { directory, state } = stateWith();
    const events = recorded('succeeded');
    const until = events.findIndex(event => event.type === 'wait-progress' && event.step === 'etcd-manifest');
    await engineAfter(events.slice(0, until + 1), directory);
    const status = await statusOf(directory, state);
    expect(status).toMatchObject({ state: 'at-work', process: { pid: process.pid, attachable: true } });
    expect(status.run?.awaited[0]?.lastError).toContain('connection refused');
    const told = statusLines(status).join('\n');
    expect(told).toContain('is under way: process');
    expect(told).toContain('kube-el7-install attach');
    expect(told).toContain('etcd                     at work: Start etcd');
    expect(told).toContain('last error: dial tcp');
  });

  it('says that it waits for an answer', async () => {
    const { directory, state } = stateWith();
    const [first] = recorded('failed');
    const events = recorded('failed').slice(0, -1);
    const asked = { ...first, type: 'question', question: QUESTION } as unknown as Event;
    await engineAfter([...events, asked], directory);
    const told = await lines({ directory, state });
    expect(told).toContain('It waits for an answer, and goes on waiting');
    expect(told).toContain(QUESTION.text);
    expect(told).toContain('Failed\n  the apiserver');
  });
});
