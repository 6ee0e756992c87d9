import { describe, expect, it } from 'vitest';
import { Failure } from '../../source/engine/failure';
import { step, type Step } from '../../source/engine/step';
import { command, RunFixture, stage } from './run-fixture';

const write = (path: string, content: string) => ({ kind: 'write', path, content, mode: 0o644 }) as const;

/** Writes /turn and runs "start"; when that fails, /turn is written back and the member removed. */
function growStep(): Step {
  return step({
    id: 'grow',
    title: 'Grow',
    after: [],
    probe: async host => (await host.read('/turn'))?.toString(),
    plan: turn => (turn === 'done' ? [] : [write('/turn', 'start'), command('start'), command('never')]),
    withdraw: turn => (turn === 'start' ? [command('member-remove'), write('/turn', 'wait')] : []),
    diagnose: (_, failure) => Promise.resolve({ ...failure, message: 'the disk is full' }),
  });
}

describe('withdrawing', () => {
  it('puts back what the step says, after the cause is known, and tells it with the failure', async () => {
    const fixture = new RunFixture();
    fixture.host.answer('start', { code: 1, stderr: 'no space' }).answer('member-remove');
    expect(await fixture.run([stage(growStep())])).toBe('failed');
    expect(fixture.host.text('/turn')).toBe('wait');
    const { order } = fixture;
    expect(order.slice(order.indexOf('output grow'), order.indexOf('question'))).toEqual([
      'output grow',
      'step-withdrawn grow',
      'change-started grow',
      'sync',
      'change-finished grow',
      'change-started grow',
      'sync',
      'change-finished grow',
      'step-failed grow',
      'sync',
    ]);
    expect(fixture.of('step-withdrawn')[0]?.changes.map(one => one.title)).toEqual([
      'Run member-remove',
      '/turn',
    ]);
    expect(fixture.of('change-started').map(one => one.index)).toEqual([0, 1, 3, 4]);
    const [failed] = fixture.of('step-failed');
    expect(failed?.failure).toMatchObject({ message: 'the disk is full', seen: ['no space'] });
    // The turn that was given and taken back stands there once, as it was left.
    expect(failed?.changed.map(one => [one.title, ...one.detail])).toEqual([
      ['Run member-remove', 'member-remove'],
      ['/turn', 'mode 0644', 'wait'],
    ]);
  });

  it('does nothing where there is nothing to put back', async () => {
    const fixture = new RunFixture();
    const { host } = fixture;
    host.answer('start', () => {
      host.put('/turn', 'wait');
      return { code: 1 };
    });
    expect(await fixture.run([stage(growStep())])).toBe('failed');
    expect(fixture.of('step-withdrawn')).toEqual([]);
    expect(fixture.of('step-failed')[0]?.changed).toHaveLength(1);
  });

  it('is not done after an interruption', async () => {
    const fixture = new RunFixture();
    fixture.host.answer('start', () => {
      fixture.abort.abort();
      return {};
    });
    expect(await fixture.run([stage(growStep())])).toBe('interrupted');
    expect(fixture.host.executed).toEqual(['start']);
    expect(fixture.host.text('/turn')).toBe('start');
  });

  it('waits as long as it needs, although the run is being halted', async () => {
    const fixture = new RunFixture();
    let asked = 0;
    fixture.host.answer('start', { code: 1 }).answer('gone', () => ({ code: (asked += 1) > 3 ? 0 : 1 }));
    const gone = {
      kind: 'await',
      condition: { kind: 'command', title: 'it is gone', command: { file: 'gone', args: [] } },
      timeoutMs: 60_000,
    } as const;
    await fixture.run([stage({ ...growStep(), withdraw: () => [gone] })]);
    expect(fixture.of('wait-finished')).toHaveLength(1);
    expect(asked).toBe(4);
  });

  it('that fails is told beside the cause, which stays the failure', async () => {
    const fixture = new RunFixture();
    fixture.host.answer('start', { code: 1 }).answer('member-remove', { code: 1, stderr: 'no quorum' });
    expect(await fixture.run([stage(growStep())])).toBe('failed');
    expect(fixture.of('step-failed')[0]?.failure).toMatchObject({
      message: 'the disk is full',
      seen: [
        'could not be put back: Run member-remove: member-remove ended with exit code 1: no quorum.',
        'no quorum',
      ],
    });

    const blind = new RunFixture();
    let probed = 0;
    blind.host.answer('start', { code: 1 });
    const probe: Step['probe'] = () =>
      (probed += 1) > 1
        ? Promise.reject(new Failure({ code: 'silent', message: 'etcd is silent' }))
        : Promise.resolve(undefined);
    expect(await blind.run([stage({ ...growStep(), probe })])).toBe('failed');
    expect(blind.of('step-failed')[0]?.failure.seen).toEqual([
      'could not be put back: what there is to put back: etcd is silent',
    ]);
  });
});
