import { describe, expect, it } from 'vitest';
import type { ExaminedMember, MemberCondition } from '../../source/recovery/diagnosis';
import { verdictOf } from '../../source/recovery/verdict';
import { ALIVE, OLD, cluster, plain } from './examined-cluster';

describe('what is to be done', () => {
  it.each([
    [1, 'etcd has its one member, and that is well.'],
    [2, 'All 2 members of etcd are well: quorum 2 of 2, may lose 0.'],
    [3, 'All 3 members of etcd are well: quorum 2 of 3, may lose 1.'],
    [5, 'All 5 members of etcd are well: quorum 3 of 5, may lose 2.'],
  ])('is nothing where all of %d are well', (count, summary) => {
    const found = verdictOf(cluster(Array.from({ length: count }, () => 'well')));
    expect(found).toMatchObject({ verdict: 'whole', summary, readd: [], willDo: [] });
  });

  it.each<readonly [string, MemberCondition, Partial<ExaminedMember>, string]>([
    [
      'was replaced',
      'address-changed',
      { ...OLD, newAddress: '10.0.0.13' },
      'master3 was replaced: same name, new address 10.0.0.13.',
    ],
    [
      'was about to be taken out',
      'ended',
      OLD,
      'etcd on master3 was ended to be put back, and that was interrupted.',
    ],
    ['lost its data', 'wiped', OLD, "master3 is there with an empty disk: etcd's data is gone."],
    ['is of another cluster', 'other-cluster', OLD, 'master3 runs an etcd of another cluster.'],
    ['has damaged data', 'corrupt', OLD, 'The data of etcd on master3 is damaged.'],
    ['differs from the others, as etcd says', 'corrupt', ALIVE, 'The data of etcd on master3 is damaged.'],
  ])('is to put back the one that %s', (_, condition, more, summary) => {
    const found = verdictOf(cluster(['well', 'well', [condition, more]]));
    const now = more.healthy === true ? 3 : 2;
    expect(plain(found)).toEqual([
      'readd',
      'master3',
      `now ${now} of 3 voters, quorum 2; after remove 2 of 2, quorum 2; after add 3 of 3, quorum 2, may lose 1`,
    ]);
    expect(found.summary).toBe(summary);
    expect(found.willDo.slice(0, 5)).toEqual([
      'save a snapshot of etcd on master1 and master2, and verify it',
      'take master3 (a1b2) out of etcd',
      'move old data on master3 aside',
      'add master3 as a learner',
      'start it, and give it its vote once it has caught up',
    ]);
    expect(found.willDo.length).toBe(condition === 'address-changed' ? 6 : 5);
    expect(found.hint).toBeUndefined();
  });

  it.each<readonly [string, MemberCondition, Partial<ExaminedMember>, string]>([
    [
      'is no member',
      'absent',
      { role: 'none' },
      'now 2 of 2 voters, quorum 2; after add 3 of 3, quorum 2, may lose 1',
    ],
    [
      'is a learner left behind',
      'learner',
      { role: 'learner' },
      'now 2 of 2 voters, quorum 2; after add 3 of 3, quorum 2, may lose 1',
    ],
    [
      'never ran, with a vote',
      'never-started',
      {},
      'now 2 of 3 voters, quorum 2; after add 3 of 3, quorum 2, may lose 1',
    ],
    [
      'has its vote, and takes no clients',
      'learner',
      { healthy: true },
      'now 3 of 3 voters, quorum 2; after add 3 of 3, quorum 2, may lose 1',
    ],
  ])('is to bring to its end what was begun where one %s', (_, condition, more, quorum) => {
    const found = verdictOf(cluster(['well', 'well', [condition, more]]));
    expect(plain(found)).toEqual(['readd', 'master3', quorum]);
    expect(found.willDo.join('\n')).not.toContain('out of etcd');
  });

  it('is to put back several at once, in the order of the record', () => {
    const found = verdictOf(cluster(['well', 'well', ['wiped', OLD], 'well', ['wiped', { outgoing: 'c3' }]]));
    expect(plain(found)).toEqual([
      'readd',
      'master3 master5',
      'now 3 of 5 voters, quorum 3; after remove 3 of 3, quorum 2; after add 5 of 5, quorum 3, may lose 2',
    ]);
    expect(found.willDo).toContain('take master3 (a1b2), master5 (c3) out of etcd');
  });

  it.each([
    [
      'one of three',
      cluster(['well', 'well', ['wiped', OLD]], { learners: false }),
      'now 2 of 3 voters, quorum 2; after remove 2 of 2, quorum 2; while it starts 2 of 3, quorum 2; after add 3 of 3, quorum 2, may lose 1',
    ],
    [
      'the second of two',
      cluster(['well', ['absent', { role: 'none' }]], { learners: false }),
      'now 1 of 1 voters, quorum 1; while it starts 1 of 2, quorum 2, nothing is written until it runs; after add 2 of 2, quorum 2, may lose 0',
    ],
  ])(
    'counts a member that is added as a voter at once where etcd has no learners: %s',
    (_, examined, sums) => {
      const found = verdictOf(examined);
      expect(found.quorum.join('; ')).toBe(sums);
      expect(found.willDo.join('; ')).toMatch(
        /; add master\d, which counts as a voter at once: .*; start it$/,
      );
    },
  );

  it('has no second host to copy to where the other one is put back', () => {
    const { willDo } = verdictOf(cluster(['well', ['absent', { role: 'none' }]]));
    expect(willDo[0]).toBe('save a snapshot of etcd on master1, and verify it');
  });

  it('leaves alone whom nobody asked for, and tells of them', () => {
    const examined = cluster(['well', ['corrupt', ALIVE], ['wiped', OLD], 'well', 'well']);
    const found = verdictOf(examined, ['master3']);
    expect(plain(found).slice(0, 2)).toEqual(['readd', 'master3']);
    expect(found.hint).toMatch(/^master2 is left as found/);
    expect(verdictOf(examined, ['master5', 'master4'])).toMatchObject({
      verdict: 'whole',
      summary: 'Nothing is the matter with master5, master4.',
      readd: [],
    });
  });
});
