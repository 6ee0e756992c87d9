import { describe, expect, it } from 'vitest';
import type { Event, EventBody } from '../../source/engine/event';
import { collapsed } from '../../source/screens/failure/rows';
import { clean } from '../../source/screens/state/clean';
import { changesIn, openPlan, planRows, pressed } from '../../source/screens/state/plan';
import { applyEvent, stepOf } from '../../source/screens/state/run';
import { EMPTY_RUN, type RunState, type StepStatus } from '../../source/screens/state/run-types';
import { currentStage, stageMs, stageStatus, waits } from '../../source/screens/state/stage';
import { textField, typed } from '../../source/screens/state/text-field';
import { bytes, clock, spoken } from '../../source/screens/state/units';
import type { Plan } from '../../source/installer';
import { stream } from './support/fake-installer';

function after(events: readonly Event[]): RunState {
  return events.reduce(applyEvent, EMPTY_RUN);
}

function upTo(name: 'succeeded' | 'failed', last: (event: Event) => boolean): RunState {
  const events = stream(name);
  return after(events.slice(0, events.findIndex(last) + 1));
}

function event(body: EventBody): Event {
  return { v: 1, seq: 1, time: '2026-03-02T03:00:00.000Z', run: 'r', ...body };
}

describe('the state of a run', () => {
  it('has every stage done at the end, with the outcome', () => {
    const run = after(stream('succeeded'));
    expect(run.stages.map(stageStatus)).toEqual([
      'changed',
      'changed',
      'changed',
      'changed',
      'changed',
      'changed',
      'unchanged',
      'changed',
    ]);
    expect(run.end).toMatchObject({ outcome: 'succeeded', changed: 11, unchanged: 2 });
    expect(run.changed).toHaveLength(26);
    expect(run.question).toBeUndefined();
  });

  it('knows what is awaited while it is, and no longer', () => {
    const waiting = upTo('succeeded', ({ type }) => type === 'wait-progress');
    expect(waits(waiting)[0]).toMatchObject({
      title: 'etcd answers with a client certificate',
      timeoutMs: 60000,
      lastError: 'dial tcp 10.160.24.11:2379: connect: connection refused',
    });
    expect(waits(upTo('succeeded', ({ type }) => type === 'wait-finished'))).toEqual([]);
  });

  it('counts a stage from its first step to its last, and lets it run on while it runs', () => {
    const run = upTo('succeeded', body => body.type === 'step-finished' && body.step === 'etcd-certificates');
    const images = run.stages[1];
    expect(images && stageStatus(images)).toBe('running');
    expect(images && stageMs(images, Date.parse('2026-03-02T03:01:00.000Z'))).toBeGreaterThan(40000);
    expect(currentStage(run)).toBe(1);
  });

  it('follows the stage that is at work, and does not count the time in which another only waited for it', () => {
    const stage = (id: string, ...statuses: readonly StepStatus[]) => ({
      id,
      title: id,
      steps: statuses.map((status, at) => ({
        id: `${id}-${at}`,
        title: id,
        status,
        planned: [],
        done: 0,
        output: [],
      })),
    });
    const stages = [stage('control-plane', 'changed', 'running'), stage('tiller', 'changed', 'pending')];
    expect(currentStage({ ...EMPTY_RUN, stages })).toBe(0);
    const steps = [
      { id: 'a', title: 'a', status: 'changed', planned: [], done: 0, output: [], startedAt: 0, ms: 2000 },
      { id: 'b', title: 'b', status: 'running', planned: [], done: 0, output: [], startedAt: 30_000 },
    ] as const;
    expect(stageMs({ id: 's', title: 's', steps }, 31_000)).toBe(3000);
  });

  it('keeps what failed, with its cause', () => {
    const run = after(stream('failed'));
    expect(run.failures.map(({ step }) => step)).toEqual(['kubeadm-init']);
    expect(stepOf(run, 'kubeadm-init')?.status).toBe('failed');
    expect(run.stages[currentStage(run)]?.id).toBe('control-plane');
  });

  it('begins anew with a new run', () => {
    const [first] = stream('succeeded');
    const again = applyEvent(after(stream('failed')), first as Event);
    expect(again.failures).toEqual([]);
    expect(again.end).toBeUndefined();
  });

  it('is not moved by an event that it does not know', () => {
    const run = after(stream('succeeded'));
    const unknown = { ...event({ type: 'step-started', step: 'x' }), type: 'from-the-future' };
    expect(applyEvent(run, unknown as unknown as Event)).toBe(run);
  });

  it('keeps the newest 5000 lines and counts the others', () => {
    const [started] = stream('succeeded');
    let run = after([started as Event]);
    for (let number = 1; number <= 5010; number++) {
      run = applyEvent(
        run,
        event({ type: 'output', step: 'packages', stream: 'stdout', line: `line ${number}` }),
      );
    }
    expect(run.lines).toHaveLength(5000);
    expect(run.dropped).toBe(10);
    expect(run.lines[4999]).toEqual({ step: 'packages', text: 'line 5010' });
    expect(stepOf(run, 'packages')?.output).toHaveLength(60);
  });
});

describe('a line of output', () => {
  it.each([
    ['\x1b[1;32mComplete!\x1b[0m', 'Complete!'],
    ['10 %\r50 %\r100 %', '100 %'],
    ['done\r', 'done'],
    ['a\tb', 'a    b'],
    ['\x1b]0;title\x07text\x00\x9b', 'text'],
    ['\x1b[2J\x1b[Hgone', 'gone'],
  ])('%j is drawn as %j', (line, drawn) => {
    expect(clean(line)).toBe(drawn);
  });
});

describe('typing', () => {
  const type = (value: string, ...keys: readonly string[]) =>
    keys.reduce((field, key) => typed(field, key) ?? field, textField(value));

  it.each([
    ['ab', ['left', 'x'], 'axb'],
    ['ab', ['home', 'delete'], 'b'],
    ['ab', ['backspace', 'backspace', 'backspace'], ''],
    ['registry.example.org:5000', ['ctrl-w'], 'registry.example.org:'],
    ['abc', ['left', 'ctrl-u'], 'c'],
    ['abc', ['left', 'ctrl-k'], 'ab'],
    ['abc', ['日', ' ', 'pageup'], 'abc'],
  ])('%j and %j gives %j', (value, keys, result) => {
    expect(type(value, ...keys).value).toBe(result);
  });
});

describe("the plan's tree", () => {
  const plan = stream('plan')[0] as unknown as Plan;

  it('opens and closes by the arrows, and closing inside goes to what holds it', () => {
    const keys = ['right', 'down', 'right', 'down', 'left', 'left', 'left'];
    const seen = keys.reduce<{ state: ReturnType<typeof openPlan>; cursors: string[] }>(
      ({ state, cursors }, key) => {
        const next = pressed(state, key, 10);
        return { state: next, cursors: [...cursors, next.cursor] };
      },
      { state: openPlan(plan), cursors: [] },
    );
    expect(seen.cursors).toEqual([
      'stage prepare',
      'step packages',
      'step packages',
      'step packages 0',
      'step packages',
      'step packages',
      'stage prepare',
    ]);
    expect(planRows(seen.state).some(({ key }) => key === 'step packages 0')).toBe(false);
  });

  it('stays inside when moving past its ends', () => {
    const state = openPlan(plan);
    expect(pressed(state, 'up', 10).cursor).toBe('stage prepare');
    expect(pressed(state, 'end', 10).cursor).toBe('stage verify');
    expect(pressed(pressed(state, 'end', 10), 'pagedown', 10).cursor).toBe('stage verify');
  });

  it('does not count a wait as a change', () => {
    expect(changesIn(plan.steps.find(({ id }) => id === 'node-ready')?.changes ?? [])).toBe(0);
  });
});

describe('units', () => {
  it('are those of a sentence', () => {
    expect([clock(0), clock(74_999), clock(3_723_000)]).toEqual(['0:00', '1:14', '1:02:03']);
    expect([spoken(4200), spoken(119_999), spoken(240_000), spoken(125_000)]).toEqual([
      '4 s',
      '119 s',
      '4 min',
      '2 min 5 s',
    ]);
    expect([bytes(999), bytes(20_480), bytes(2_097_152)]).toEqual(['999 B', '20.5 kB', '2.1 MB']);
    expect(collapsed(['a', 'a', 'b'])).toEqual(['a   (2 times)', 'b']);
  });
});
