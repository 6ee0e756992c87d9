import { describe, expect, it } from 'vitest';
import { lacking, readyMasters, votersOf } from './cluster-view';
import { isMet } from './figures';
import type { Figure } from './figures';
import { figuresOf } from './rounds';
import type { Round } from './rounds';

const well = { name: 0.2, service: 0.2 };
const cut = {
  wasLeader: false,
  pauseSeconds: 0.1,
  returnSeconds: 0.1,
  without: well,
  withoutAtReturn: well,
  moves: 0,
};
const round: Round = {
  wholeSeconds: 60,
  endSeconds: 70,
  pauseSeconds: 4,
  cpuSeconds: 5,
  without: well,
  moves: 0,
  cuts: [
    { ...cut, master: 'master1', wasLeader: true, movedSeconds: 1.2, pauseSeconds: 2, returnSeconds: 0.5 },
    { ...cut, master: 'master2' },
  ],
  acknowledged: 1000,
  lost: 0,
};

function found(figures: readonly Figure[], title: string): Figure {
  const one = figures.find(figure => figure.title.startsWith(title));
  if (one === undefined) throw new Error(`there is no figure ${title}`);
  return one;
}

describe('the figures of several masters', () => {
  it('are those of all rounds, of each round the worst power cut, and the VIP only where it moved', () => {
    const figures = figuresOf([round, { ...round, wholeSeconds: 40, lost: 1 }, round], [round], 'quiet');
    expect(found(figures, 'from start to three').ours).toEqual([60, 40, 60]);
    expect(found(figures, 'power cut: VIP').ours).toEqual([1.2, 1.2, 1.2]);
    expect(found(figures, 'power cut: longest').anchor?.values).toEqual([2]);
  });

  it('do not hide a write that was lost in one round behind the others, nor a VIP that moved', () => {
    const bad = { ...round, lost: 1, cuts: [{ ...cut, master: 'master3', moves: 1 }] };
    const figures = figuresOf([round, round, bad], [round, round, round], 'small');
    const lost = found(figures, 'acknowledged writes that were lost');
    expect(lost.ours).toEqual([1]);
    expect(isMet(lost)).toBe(false);
    expect(isMet(found(figures, 'moves of the VIP'))).toBe(false);
  });

  it('are held to what is promised of their profile, each round beside that of the other side', () => {
    const [slow, fast] = [
      { ...round, endSeconds: 100 },
      { ...round, endSeconds: 80 },
    ];
    const end = (ours: readonly Round[], theirs: readonly Round[], profile: 'quiet' | 'small'): boolean =>
      isMet(found(figuresOf(ours, theirs, profile), 'from start to the end'));
    expect(end([slow, fast], [slow, fast], 'small')).toBe(true);
    expect(end([slow, fast], [fast, slow], 'small')).toBe(false);
    const whole = (profile: 'quiet' | 'small'): boolean =>
      isMet(found(figuresOf([round], [round], profile), 'from start to three'));
    expect([whole('small'), whole('quiet')]).toEqual([true, false]);
  });

  it('have times of their own on a machine on which kubeadm is fast, and on no other', () => {
    const titles = (theirs: Round): readonly string[] =>
      figuresOf([round], [theirs], 'quiet').map(({ title }) => title);
    expect(titles(round)).toContain('power cut: longest pause between writes, on a fast machine');
    expect(titles({ ...round, wholeSeconds: 71 }).join()).not.toContain('fast machine');
    expect(
      figuresOf([round], [round], 'small')
        .map(({ title }) => title)
        .join(),
    ).not.toContain('fast machine');
  });

  it('say for how long a pod was without names, and hold every death of a host to its limit', () => {
    const dead = { ...round, cuts: [{ ...cut, master: 'master1', without: { name: 31, service: 3 } }] };
    const figures = figuresOf([dead], [round], 'quiet');
    expect(isMet(found(figures, 'names in a pod: away at most, power cut'))).toBe(false);
    expect(isMet(found(figures, 'a service in a pod: away at most, power cut'))).toBe(true);
    expect(isMet(found(figures, 'names in a pod: away at most, growing'))).toBe(true);
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
