import { describe, expect, it } from 'vitest';
import type { MemberStatus } from '../../source/engine/event';
import { rowText } from '../../source/screens/frame/rows';
import { memberRows, quorumText } from '../../source/screens/run/member-rows';
import { EMPTY_RUN } from '../../source/screens/state/run-types';
import { after, member, texts } from './support/runs';

describe('the quorum line', () => {
  const lines: readonly (readonly [string, readonly MemberStatus[]])[] = [
    ['not begun yet', [member('a', 'absent'), member('b', 'absent')]],
    ['no member answers yet', [member('a', 'starting'), member('b', 'absent')]],
    ['1 voter · quorum 1 · may lose 0', [member('a', 'leader'), member('b', 'learner')]],
    ['2 voters · quorum 2 · may lose 0', [member('a', 'leader'), member('b', 'voter')]],
    ['3 voters · quorum 2 · may lose 1', [member('a', 'leader'), member('b', 'voter'), member('c', 'voter')]],
    [
      '2 of 3 voters healthy · quorum 2 · may lose 0 more',
      [member('a', 'leader'), member('b', 'voter'), member('c', 'voter', { healthy: false })],
    ],
    [
      '1 of 2 voters healthy · quorum 2 · too few: nothing can be written',
      [member('a', 'leader'), member('b', 'voter', { healthy: false })],
    ],
  ];
  it.each(lines)('is "%s"', (line, members) => {
    expect(quorumText(members)).toBe(line);
  });

  it('says what the next member changes, until all are voters', () => {
    const [two] = memberRows(
      { ...EMPTY_RUN, members: [member('a', 'leader'), member('b', 'voter'), member('c', 'learner')] },
      80,
    );
    expect(rowText(two ?? [])).toBe(
      ' etcd   2 voters · quorum 2 · may lose 0 › with c: quorum 2, may lose 1',
    );
  });
});

describe('a member', () => {
  it('is drawn with its last ten answers, of which slow ones stand out', () => {
    const run = after(
      [900, 1, 3, 7, 30, 60, 110, 250, 600, 1, 2].map(roundTripMs => ({
        type: 'member',
        member: member('master1', 'leader', { roundTripMs, databaseBytes: 2_097_152 }),
      })),
    );
    const [, row] = texts([...memberRows(run, 80)]);
    expect(row).toBe(' ★ master1 leader   10.0.0.1        ok             2.0 ms    2.1 MB  ▁▂▃▄▅▆▇█▁▂');
    expect(row).toHaveLength(79);
  });

  it('that learns says how far it is behind, also while it is not healthy', () => {
    const learner = { healthy: false, lag: 12, lastError: 'RAFT NO LEADER' };
    const row = (more: Partial<MemberStatus>) =>
      texts([
        ...memberRows({ ...EMPTY_RUN, members: [member('m', 'learner', { ...learner, ...more })] }, 80),
      ])[1];
    expect(row({})).toContain('12 behind');
    expect(row({ lag: 0 })).toContain('in step');
  });

  it('that does not answer says why, with both ends of the reason', () => {
    const lastError = `connect ECONNREFUSED of ${'a long way '.repeat(12)}to 10.0.0.1:2381`;
    const members = [member('m', 'voter', { healthy: false, lastError })];
    const [, row = ''] = texts([...memberRows({ ...EMPTY_RUN, members }, 80)]);
    expect(row).toMatch(/connect ECONN.*… .*10\.0\.0\.1:2381$/);
    expect(row.length).toBeLessThan(80);
  });
});
