import { describe, expect, it } from 'vitest';
import { attemptOf, parseTurn, turnText, type EtcdTurn } from '../../source/kubernetes/master-secret';

const TURNS: readonly (readonly [string, EtcdTurn])[] = [
  ['wait', { kind: 'wait' }],
  ['start 8e9e05c52164694d', { kind: 'start', attempt: '8e9e05c52164694d' }],
  ['vote 8e9e05c52164694d', { kind: 'vote', attempt: '8e9e05c52164694d' }],
  ['cluster', { kind: 'cluster' }],
  ['out', { kind: 'out' }],
];

describe('the turn of etcd on a master', () => {
  it.each(TURNS)('%s is read as it was written', (text, turn) => {
    expect(turnText(turn)).toBe(text);
    expect(parseTurn(text)).toEqual(turn);
  });

  it.each(['', 'start', 'vote', 'vote ', 'promote 1'])('waits where "%s" is not understood', text => {
    expect(parseTurn(text).kind).toBe('wait');
  });

  it('has the attempt that its init pod was told to start with', () => {
    expect(TURNS.map(([, turn]) => attemptOf(turn))).toEqual([
      ...[undefined, '8e9e05c52164694d', '8e9e05c52164694d', undefined, undefined],
    ]);
    expect(attemptOf(undefined)).toBeUndefined();
  });
});
