import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ChangeSummary } from '../../source/engine/change';
import { EVENT_VERSION, type Event, type EventBody } from '../../source/engine/event';
import { EventStream } from '../../source/engine/events';
import { Failure } from '../../source/engine/failure';
import { openJournal, readJournal } from '../../source/engine/journal';
import { takeLock } from '../../source/engine/lock';
import { Redactor } from '../../source/engine/redact';
import { openRun } from '../../source/engine/run-files';
import { Secret } from '../../source/engine/secret';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'run-files-'));
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

let seq = 0;

function event(body: EventBody, run = 'run1'): Event {
  seq += 1;
  return { v: EVENT_VERSION, seq, time: '2026-11-23T05:24:15.000Z', run, ...body };
}

const started: EventBody = {
  type: 'run-started',
  product: '0.1.0',
  command: 'install',
  host: 'master1',
  values: [],
  stages: [],
  log: '/log',
  resumed: false,
};
const finished: EventBody = { type: 'run-finished', outcome: 'succeeded', changed: 0, unchanged: 0, ms: 1 };

async function journalOf(run: string, ...bodies: EventBody[]): Promise<boolean> {
  const journal = await openJournal(directory);
  for (const body of bodies) journal.append(event(body, run));
  await journal.sync();
  await journal.close();
  return journal.resumed;
}

describe('the journal', () => {
  it('is closed to others and holds every event but waits that only go on', async () => {
    const journal = await openJournal(join(directory, 'state'));
    const progress: EventBody = {
      type: 'wait-progress',
      step: 's',
      title: 't',
      elapsedMs: 1,
      lastError: 'refused',
    };
    for (const body of [started, progress, progress, { ...progress, lastError: 'other' }, progress]) {
      journal.append(event(body));
    }
    await journal.close();
    expect(statSync(join(directory, 'state')).mode & 0o777).toBe(0o700);
    expect(statSync(journal.path).mode & 0o777).toBe(0o600);
    const { events } = await readJournal(journal.path);
    expect(events.map(one => (one.type === 'wait-progress' ? one.lastError : one.type))).toEqual([
      'run-started',
      'refused',
      'other',
      'refused',
    ]);
  });

  it('tells what a run that did not end was writing, and on which host', async () => {
    const steps = [
      { id: 'here', title: 'Here', after: [] },
      { id: 'there', title: 'There', host: 'master2', after: [] },
    ];
    const begun = (step: string, index: number, kind: ChangeSummary['kind'], title: string): EventBody => ({
      type: 'change-started',
      ...{ step, index, change: { kind, title, detail: [] } },
    });
    const bodies: readonly EventBody[] = [
      { ...started, stages: [{ id: 'only', title: 'Only', steps }] },
      begun('here', 0, 'write', '/etc/whole'),
      { type: 'change-finished', step: 'here', index: 0, ms: 1 },
      begun('here', 1, 'write', '/etc/cut'),
      begun('there', 0, 'link', '/etc/link -> /etc/cut'),
      begun('third', 0, 'run', 'yum install /etc/cut'),
    ];
    await journalOf('run1', ...bodies);
    // One that did not come as far as its beginning says nothing of the one before.
    await journalOf('run2');
    const journal = await openJournal(directory);
    expect(journal.unfinished).toEqual([{ path: '/etc/cut' }, { path: '/etc/link', host: 'master2' }]);
    for (const body of [started, begun('here', 0, 'write', '/etc/cut'), finished])
      journal.append(event(body, 'run3'));
    await journal.close();
    const next = await openJournal(directory);
    expect(next.unfinished).toEqual([]);
    await next.close();
  });

  it('cut at any byte can be read up to there, and tells that the run did not end', async () => {
    await journalOf('run1', started, { type: 'step-started', step: 'a' }, finished);
    const path = join(directory, 'journal.jsonl');
    const whole = readFileSync(path);
    const complete = (await readJournal(path)).events;
    for (let length = whole.length; length >= 0; length -= 1) {
      truncateSync(path, length);
      const { events, skipped } = await readJournal(path);
      expect(events).toEqual(complete.slice(0, events.length));
      const lines = whole
        .subarray(0, length)
        .toString()
        .split('\n')
        .filter(line => line !== '').length;
      expect(events.length + skipped).toBe(lines);
      expect(skipped).toBeLessThanOrEqual(1);
    }
    writeFileSync(path, whole.subarray(0, whole.length - 5));
    expect(await journalOf('run2', started, finished)).toBe(true);
    expect(await journalOf('run3', started)).toBe(false);
    expect(await journalOf('run4')).toBe(true);
  });

  it('with altered lines gives the others and counts those', async () => {
    const path = join(directory, 'journal.jsonl');
    const good = JSON.stringify(event(started));
    writeFileSync(path, ['\0\0\0', good, 'null', '[]', '{"type":1}', good.slice(3), good, ''].join('\n'));
    expect(await readJournal(path)).toMatchObject({ skipped: 5, events: [{}, {}] });
    expect(await readJournal(join(directory, 'absent'))).toEqual({
      events: [],
      skipped: 0,
      newer: 0,
    });
  });

  it('of earlier runs is kept ten times', async () => {
    for (let run = 10; run < 25; run += 1) await journalOf(`2026${run}`, started, finished);
    const names = readdirSync(directory).sort();
    expect(names).toHaveLength(11);
    expect(names[0]).toBe('journal-202614.jsonl');
    expect(names.at(-1)).toBe('journal.jsonl');
  });

  it("of somebody's own making is never removed, whatever it is called", async () => {
    mkdirSync(join(directory, 'journal-2020.jsonl'));
    writeFileSync(join(directory, 'journal-2019-kept.jsonl'), 'notes of mine\n');
    await journalOf('202010', started, finished);
    writeFileSync(join(directory, 'journal-2018-copy.jsonl'), readFileSync(join(directory, 'journal.jsonl')));
    for (let run = 11; run < 25; run += 1) await journalOf(`2020${run}`, started, finished);
    const names = readdirSync(directory).sort();
    expect(names.slice(0, 3)).toEqual([
      'journal-2018-copy.jsonl',
      'journal-2019-kept.jsonl',
      'journal-2020.jsonl',
    ]);
    expect(names).toHaveLength(14);
  });

  it('remembers a run that was killed between moving its journal aside and the next one', async () => {
    await journalOf('run1', started);
    await journalOf('run2');
    expect(await journalOf('run3')).toBe(true);
  });
});

describe('the lock', () => {
  const locks = () => join(directory, 'lock');

  /** A process of its own that takes the lock, says so, and stays. */
  async function holder() {
    const module = fileURLToPath(new URL('../../source/engine/lock.ts', import.meta.url));
    const script = `import(${JSON.stringify(module)}).then(m => m.takeLock(${JSON.stringify(locks())}))
      .then(() => { console.log('held'); setInterval(() => {}, 1000); }, e => { console.log('refused'); })`;
    const child = spawn(process.execPath, ['--import', 'tsx', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [said] = (await once(child.stdout, 'data')) as [Buffer];
    return { child, said: said.toString().trim(), gone: once(child, 'exit') };
  }

  it('is held by one process at a time, and says which', async () => {
    const { child, said, gone } = await holder();
    expect(said).toBe('held');
    await expect(takeLock(locks())).rejects.toMatchObject({
      report: {
        code: 'locked',
        message: expect.stringContaining(`process ${String(child.pid)}, since 20`) as string,
      },
    });
    child.kill('SIGKILL');
    await gone;
    const lock = await takeLock(locks());
    expect(readdirSync(locks())).toHaveLength(1);
    await lock.release();
    expect(readdirSync(locks())).toEqual([]);
  });

  it('is not held by a later process with the number of a dead one, nor by one of an earlier boot', async () => {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').replace(/[^0-9a-f]/g, '');
    mkdirSync(locks());
    writeFileSync(join(locks(), `${boot}-1-99999999999`), '');
    writeFileSync(join(locks(), `0123abcd-1-1`), '');
    const lock = await takeLock(locks());
    expect(readdirSync(locks())).toHaveLength(1);
    await lock.release();
  });

  it('goes to at most one of several that begin together', async () => {
    const all = await Promise.all([holder(), holder(), holder()]);
    const held = all.filter(one => one.said === 'held');
    expect(held.length).toBeLessThanOrEqual(1);
    for (const one of all) one.child.kill('SIGKILL');
    await Promise.all(all.map(one => one.gone));
    await (await takeLock(locks())).release();
  });

  it('is not taken twice by one process', async () => {
    const lock = await takeLock(locks());
    await expect(takeLock(locks())).rejects.toBeInstanceOf(Failure);
    await lock.release();
  });
});

describe('the files of a run', () => {
  it('are closed to others, masked, and one log per step beside all of it', async () => {
    const redactor = new Redactor();
    redactor.add(new Secret('canary-77'));
    const stream = new EventStream({ redactor });
    const order: string[] = [];
    stream.add(() => order.push(readFileSync(join(directory, 'state/journal.jsonl'), 'utf8')));
    const options = { stateDirectory: join(directory, 'state'), logDirectory: join(directory, 'logs') };
    const files = await openRun(stream, options);
    stream.emit({ type: 'step-started', step: 'etcd' });
    stream.emit({ type: 'output', step: 'etcd', stream: 'stderr', line: 'password canary-77' });
    files.note('etcd', 'exit code 1');
    stream.emit({ type: 'output', step: 'images', stream: 'stdout', line: 'pulled' });
    await files.close();
    expect(order[0]).toContain('"step-started"');
    expect(files.log).toBe(join(directory, 'logs', stream.run));
    expect(statSync(files.log).mode & 0o777).toBe(0o700);
    expect(readdirSync(files.log).sort()).toEqual(['all.log', 'etcd.log', 'images.log']);
    for (const name of readdirSync(files.log))
      expect(statSync(join(files.log, name)).mode & 0o777).toBe(0o600);
    const lines = readFileSync(join(files.log, 'etcd.log'), 'utf8')
      .split('\n')
      .map(line => line.slice(25));
    expect(lines).toEqual(['begins', '! password [secret]', 'exit code 1', '']);
    expect(readFileSync(join(files.log, 'all.log'), 'utf8')).toContain('[images] | pulled');
    expect(readFileSync(join(options.stateDirectory, 'journal.jsonl'), 'utf8')).not.toContain('canary-77');
  });

  it('can be opened once at a time, and again afterwards', async () => {
    const options = { stateDirectory: directory, logDirectory: join(directory, 'logs') };
    const stream = () => new EventStream({ redactor: new Redactor() });
    const files = await openRun(stream(), options);
    await expect(openRun(stream(), options)).rejects.toMatchObject({ report: { code: 'locked' } });
    await files.close();
    await (await openRun(stream(), options)).close();
  });
});

describe('the event stream', () => {
  it('gives everyone the same frozen copy, and goes on without a listener that breaks', () => {
    const stream = new EventStream({ redactor: new Redactor() });
    const seen: Event[] = [];
    const warnings = vi.spyOn(process, 'emitWarning').mockReturnValue();
    stream.add(() => {
      throw new Error('broken screen');
    });
    const remove = stream.add(one => seen.push(one));
    stream.emit(started);
    stream.emit(finished);
    remove();
    stream.emit(finished);
    expect(warnings).toHaveBeenCalledTimes(1);
    warnings.mockRestore();
    expect(seen.map(one => one.seq)).toEqual([1, 2]);
    expect(Object.isFrozen(seen[0])).toBe(true);
    expect(seen[0]?.run).toMatch(/^\d{8}T\d{6}Z-[0-9a-f]{4}$/);
  });
});
