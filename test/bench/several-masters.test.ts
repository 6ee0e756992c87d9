import { describe, expect, it } from 'vitest';
import { lacking, readyMasters, votersOf } from './cluster-view';
import { isMet } from './figures';
import { figuresOf } from './several-masters';

const round = {
  wholeSeconds: 60,
  endSeconds: 70,
  pauseSeconds: 4,
  cuts: [
    { master: 'master1', wasLeader: true, movedSeconds: 1.2, pauseSeconds: 2, returnSeconds: 0.5 },
    { master: 'master2', wasLeader: false, pauseSeconds: 0.1, returnSeconds: 0.1 },
  ],
  acknowledged: 1000,
  lost: 0,
};

describe('the figures of several masters', () => {
  it('are those of all rounds, of each round the worst power cut, and the VIP only where it moved', () => {
    const figures = figuresOf([round, { ...round, wholeSeconds: 40, lost: 1 }, round], [round]);
    const of = (title: string) => figures.find(figure => figure.title.startsWith(title));
    expect(of('from start to three')?.ours).toEqual([60, 40, 60]);
    expect(of('power cut: VIP')?.ours).toEqual([1.2, 1.2, 1.2]);
    expect(of('power cut: longest')?.anchor?.values).toEqual([2]);
  });

  it('do not hide a write that was lost in one round behind the others', () => {
    const lost = figuresOf([round, round, { ...round, lost: 1 }], [round]).find(figure =>
      figure.title.endsWith('lost'),
    );
    expect(lost?.ours).toEqual([1]);
    expect(lost !== undefined && isMet(lost)).toBe(false);
  });
});

describe('what is seen of a cluster', () => {
  const node = (name: string, ready: string, labels: Readonly<Record<string, string>>) => ({
    metadata: { name, labels },
    status: { conditions: [{ type: 'Ready', status: ready }] },
  });

  it('is which masters are Ready, not which nodes', () => {
    const label = { 'node-role.kubernetes.io/master': '' };
    const items = [
      node('master1', 'True', label),
      node('master2', 'Unknown', label),
      node('worker1', 'True', {}),
      { metadata: { name: 'master3', labels: label }, status: {} },
    ];
    expect(readyMasters(JSON.stringify({ items }))).toEqual(['master1']);
  });

  it('is which members vote: not a learner, and not one that has not started', () => {
    const members = [
      { ID: '1', name: 'master1' },
      { ID: '2', peerURLs: [] },
      { ID: '3', name: 'master3', isLearner: true },
    ];
    expect(votersOf(JSON.stringify({ members }))).toEqual(['master1']);
  });

  it('is told by what is lacking', () => {
    const all = ['master1', 'master2'];
    expect(lacking({ ready: all, healthy: all, voters: all }, 2)).toBe('');
    expect(lacking({ ready: all, healthy: ['master1'], voters: [] }, 2)).toBe(
      'apiservers: master1; voters: none',
    );
  });
});
