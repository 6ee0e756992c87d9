import { describe, expect, it } from 'vitest';
import type { Condition, Question } from '../../source/engine/change';
import { Stopped, waitUntil } from '../../source/engine/wait';
import { FakeClock } from '../support/fake-clock';
import { FakeHost } from '../support/fake-host';

const up: Condition = {
  kind: 'command',
  title: 'it is up',
  command: { file: 'up', args: [] },
  matches: 'ready',
};
const answering = {
  kind: 'request',
  title: 'etcd answers',
  request: { url: 'https://127.0.0.1:2379/health' },
  status: 200,
} as const;
const healthy: Question = { ...answering, matches: '"true"' };

function wait(
  host: FakeHost,
  condition: Condition,
  timeoutMs = 60_000,
  signal = new AbortController().signal,
) {
  const progress: [number, string][] = [];
  const clock = new FakeClock();
  const met = waitUntil(host, condition, {
    timeoutMs,
    signal,
    clock,
    onProgress: (elapsedMs, lastError) => progress.push([elapsedMs, lastError]),
  });
  return { met, progress, clock };
}

describe('a wait', () => {
  it('asks at once, and is over at once where the condition is met', async () => {
    const { met, progress } = wait(new FakeHost().answer('up', 'ready'), up);
    expect(await met).toBe(0);
    expect(progress).toEqual([]);
  });

  it('of several things goes on until all are so at once, and says of the first that is not which it is', async () => {
    const answers = ['booting', 'ready', 'ready', 'ready'];
    const healths = [503, 200];
    const host = new FakeHost()
      .answer('up', () => answers.shift() ?? 'booting')
      .respond(/health/, () => ({
        ...{ status: healths.shift() ?? 500, headers: {}, roundTripMs: 1 },
        body: '{"health":"true"}',
      }));
    const all: Condition = { kind: 'all', title: 'all is well', of: [up, healthy] };
    const { met, progress } = wait(host, all);
    await met;
    expect(progress.map(([, error]) => error)).toEqual([
      'not yet so: it is up (booting)',
      'not yet so: etcd answers (HTTP 503: health: true)',
    ]);
    expect([answers.length, healths.length]).toEqual([1, 0]);
    const late = wait(new FakeHost().answer('up', 'booting'), all, 5000);
    await expect(late.met).rejects.toThrow('Waited 5 s until all is well, and it did not happen.');
  });

  it('says in its own words what an answer lacks, and ends at once where it can never come', async () => {
    const bodies = ['not yet', 'not yet', 'lost'];
    const host = new FakeHost().respond(/health/, () => ({
      ...{ status: 404, headers: {}, roundTripMs: 1 },
      body: bodies.shift() ?? '',
    }));
    const { met, progress, clock } = wait(host, { ...healthy, unmet: 'not joined yet', never: '^lost' });
    await expect(met).rejects.toThrow(/etcd answers has no prospect/);
    expect(progress.map(([, error]) => error)).toEqual(['not joined yet']);
    expect(clock.elapsed()).toBeLessThan(5000);
  });

  it('tells each new reason when it comes, and the same one again every five seconds', async () => {
    let asked = 0;
    const host = new FakeHost().respond(/health/, () => {
      asked += 1;
      if (asked === 1) return { error: 'connect ECONNREFUSED 127.0.0.1:2379' };
      if (asked < 20) return { status: 503, headers: {}, body: 'no leader\n', roundTripMs: 1 };
      return { status: 200, headers: {}, body: '{"health":"true"}', roundTripMs: 1 };
    });
    const { met, progress } = wait(host, healthy);
    const ms = await met;
    expect(ms).toBeGreaterThan(11_000);
    expect(ms).toBeLessThan(24_000);
    expect(progress[0]).toEqual([0, 'connect ECONNREFUSED 127.0.0.1:2379']);
    expect(progress.slice(1).every(([, error]) => error === 'HTTP 503: no leader')).toBe(true);
    const times = progress.map(([at]) => at);
    times.slice(1).forEach((at, index) => {
      expect(at - (times[index] ?? 0)).toBeLessThanOrEqual(7000);
    });
  });

  it('whose time runs out says what it waited for, and how often which error was seen', async () => {
    const host = new FakeHost().answer('up', { code: 1, stderr: 'x509: unknown authority\n' });
    const { met, clock } = wait(host, up, 20_000);
    await expect(met).rejects.toMatchObject({
      report: {
        code: 'timed-out',
        message: 'Waited 20 s until it is up, and it did not happen.',
        seen: [expect.stringMatching(/^x509: unknown authority \(1\d times\)$/)],
      },
    });
    expect(clock.elapsed()).toBe(20_000);
  });

  it('needs the pattern beside the exit code', async () => {
    const host = new FakeHost().answer('up', 'starting\n');
    await expect(wait(host, up, 3000).met).rejects.toMatchObject({
      report: { seen: [expect.stringContaining('starting')] },
    });
  });

  it('stops at once where it is told to, also while a question is open', async () => {
    const stop = new AbortController();
    const host = new FakeHost().answer('up', () => {
      stop.abort();
      return new Promise(() => undefined);
    });
    await expect(wait(host, up, 60_000, stop.signal).met).rejects.toBeInstanceOf(Stopped);
  });

  it('goes on telling of itself while an answer does not come', async () => {
    const stop = new AbortController();
    const host = new FakeHost().answer('up', () => new Promise(() => undefined));
    const { met, progress, clock } = wait(host, up, 60_000, stop.signal);
    const ended = expect(met).rejects.toBeInstanceOf(Stopped);
    while (progress.length < 3) await clock.sleep(100);
    stop.abort();
    await ended;
    expect(progress.map(([, error]) => error)).toEqual(['no answer yet', 'no answer yet', 'no answer yet']);
  });

  it('judges an answer in JSON by what it lacks, and takes none that is something else', async () => {
    const bodies = ['<html>', '{"items":[]}', '{"items":[1]}'];
    const host = new FakeHost().respond(/health/, () => ({
      ...{ status: 200, headers: {}, roundTripMs: 1 },
      body: bodies.shift() ?? '',
    }));
    const lacks = (body: unknown) =>
      (body as { items: unknown[] }).items.length === 0 ? 'none yet' : undefined;
    const { met, progress } = wait(host, { ...answering, lacks });
    await met;
    expect(progress.map(([, error]) => error)).toEqual([
      'the answer is something other than JSON',
      'none yet',
    ]);
    expect(bodies).toEqual([]);
  });
});

describe('a wait that is told of changes', () => {
  /** The revision counts up with each change; the news of revision N come at the time that is given for it. */
  function told(news: (revision: string, clock: FakeClock) => Promise<string | { error: string }>) {
    const state = { revision: 1, asked: [] as number[], news: [] as number[] };
    const clock = new FakeClock();
    const answer = (body: string) => ({ status: 200, headers: {}, roundTripMs: 1, body });
    const host = new FakeHost()
      .respond(/health$/, () => {
        state.asked.push(clock.elapsed());
        return answer(`{"revision":${state.revision}}`);
      })
      .respond(/news/, async ({ url }) => {
        state.news.push(clock.elapsed());
        const said = await news(url.replace(/^.*=/, ''), clock);
        return typeof said === 'string' ? answer(said) : said;
      });
    const condition: Condition = {
      ...answering,
      lacks: body => ((body as { revision: number }).revision < 3 ? 'too old' : undefined),
      changed: body => ({
        request: { url: `https://10.0.0.1/news?since=${(body as { revision: number }).revision}` },
        matches: '^changed',
      }),
    };
    const waited = (timeoutMs = 60_000, signal = new AbortController().signal) =>
      waitUntil(host, condition, { timeoutMs, signal, clock, onProgress: () => undefined });
    return { state, clock, waited };
  }

  it('asks again when something has changed, and not before', async () => {
    const { state, waited } = told(async (since, clock) => {
      await clock.sleep(20_000);
      state.revision = Number(since) + 1;
      return 'changed';
    });
    expect(await waited()).toBeGreaterThanOrEqual(40_000);
    expect(state.asked).toHaveLength(3);
    expect(state.news).toHaveLength(2);
  });

  it('asks as often as any other where nothing tells of changes, or what it says is no change', async () => {
    for (const said of [{ error: 'connect ECONNREFUSED' }, '', 'expired']) {
      const { state, clock, waited } = told(() => {
        if (clock.elapsed() > 10_000) state.revision = 3;
        return Promise.resolve(said);
      });
      await waited();
      expect(state.asked.length).toBeGreaterThan(8);
      expect(state.asked.length).toBeLessThan(20);
    }
  });

  it('does not ask at the pace of a server that tells of one change after the other', async () => {
    const { state, clock, waited } = told(() => {
      if (clock.elapsed() > 10_000) state.revision = 3;
      return Promise.resolve('changed');
    });
    await waited();
    expect(state.asked.length).toBeLessThan(50);
  });

  it('stops at once where it is told to, and ends when its time is over, whatever it hears', async () => {
    const stop = new AbortController();
    const never = told(() => {
      stop.abort();
      return new Promise(() => undefined);
    });
    await expect(never.waited(60_000, stop.signal)).rejects.toBeInstanceOf(Stopped);
    const late = told(async (_, clock) => {
      await clock.sleep(4000);
      return 'changed';
    });
    await expect(late.waited(10_000)).rejects.toThrow('Waited 10 s');
  });
});
