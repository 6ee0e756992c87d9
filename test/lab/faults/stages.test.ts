import { describe, expect, it } from 'vitest';
import { Outstanding, runIn, stagesIn, stageUnderWay } from './stages';

const begin = {
  type: 'run-started',
  stages: [
    { id: 'prepare', steps: [{ id: 'swap' }, { id: 'docker' }] },
    { id: 'etcd', steps: [{ id: 'etcd' }] },
    { id: 'verify', steps: [{ id: 'verify-etcd' }] },
  ],
};
const journal = (...entries: readonly object[]): string =>
  [begin, ...entries].map(entry => JSON.stringify(entry)).join('\n');
const change = (type: string, step: string): object => ({ type, step, index: 0 });

describe('the stages of a run', () => {
  it('are those that it said, with whether anything was changed there', () => {
    const all = journal(change('change-started', 'docker'), change('change-started', 'etcd'));
    expect([...stagesIn(all)]).toEqual([
      ['prepare', true],
      ['etcd', true],
      ['verify', false],
    ]);
  });

  it('are under way while a change is, and where there are none while a step is', () => {
    const wanted = new Map([
      ['prepare', true],
      ['verify', false],
    ]);
    const started = change('change-started', 'docker');
    expect(stageUnderWay(journal(change('step-started', 'swap')), wanted)).toBeUndefined();
    expect(stageUnderWay(journal(started), wanted)).toBe('prepare');
    expect(stageUnderWay(journal(started, change('change-finished', 'docker')), wanted)).toBeUndefined();
    expect(stageUnderWay(journal(change('change-started', 'etcd')), wanted)).toBeUndefined();
    const verifying = change('step-started', 'verify-etcd');
    expect(stageUnderWay(journal(verifying), wanted)).toBe('verify');
    expect(stageUnderWay(journal(verifying, { type: 'run-finished' }), wanted)).toBeUndefined();
  });
});

describe('the faults of each stage', () => {
  const stages = new Map([
    ['prepare', true],
    ['verify', false],
  ]);

  it('are made one after the other, and said in the end with what there was no time for', () => {
    const outstanding = new Outstanding(stages, ['a cut', 'a drop']);
    expect(outstanding.next('prepare')).toBe('a cut');
    expect(outstanding.next('prepare')).toBe('a drop');
    expect([...outstanding.stages]).toEqual([['verify', false]]);
    expect(outstanding.next('verify')).toBe('a cut');
    expect(outstanding.left).toEqual(['verify: a drop']);
    expect(outstanding.note).toBe('a cut in 2 of 2, a drop in 1 of 2 stages: prepare, verify');
    expect(() => outstanding.next('prepare')).toThrow('nothing is to be made in prepare any more');
  });

  it('are of a run by its name, which a journal that says nothing has not', () => {
    expect(runIn(`${JSON.stringify({ type: 'run-started', run: 'one' })}\n{"ty`)).toBe('one');
    expect(runIn('')).toBeUndefined();
  });
});
