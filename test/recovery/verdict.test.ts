import { describe, expect, it } from 'vitest';
import type { Diagnosis, ExaminedMember, MemberCondition } from '../../source/recovery/diagnosis';
import type { Examined } from '../../source/recovery/examined';
import { verdictOf } from '../../source/recovery/verdict';
import { examinedMember } from '../screens/support/diagnoses';

const OLD = { outgoing: 'a1b2' };
const ALIVE = { ...OLD, healthy: true };

/** Masters by condition, master1 first, which all is seen from; all of their nodes are Ready. */
function cluster(
  conditions: readonly (MemberCondition | readonly [MemberCondition, Partial<ExaminedMember>])[],
  more: Partial<Examined> = {},
): Examined {
  const members = conditions.map((one, at) => {
    const [condition, rest] = typeof one === 'string' ? ([one, {}] as const) : one;
    return examinedMember(`master${at + 1}`, condition, rest);
  });
  const voters = members.filter(({ role }) => role === 'voter' || role === 'leader');
  const healthy = voters.filter(one => one.healthy).length;
  return {
    ...{ cluster: '10.0.0.100', here: 'master1', members, noSpace: false, learners: true },
    ready: members.map(({ name }) => name),
    heard: members.filter(({ condition }) => condition !== 'unreachable').map(({ name }) => name),
    ...{ voters: voters.length, healthy, alive: healthy },
    ...more,
  };
}

const plain = ({ verdict, readd, quorum }: Diagnosis) => [verdict, readd.join(' '), quorum.join('; ')];

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

describe('somebody else has to do something', () => {
  it.each<readonly [string, Examined, RegExp, RegExp]>([
    [
      'where a host is gone',
      cluster(['well', 'well', ['unreachable', { detail: 'no route to host' }]]),
      /^master3 is gone: no route to host\. The others go on\.$/,
      /set up a new one with the same name/,
    ],
    [
      'where two hosts are gone',
      cluster(['well', 'well', ['unreachable', { detail: 'a' }], 'well', ['unreachable', { detail: 'b' }]]),
      /^master3 and master5 are gone: master3: a; master5: b\. The others go on\.$/,
      /set up a new one/,
    ],
    [
      'where a new host has joined and is not Ready',
      cluster(['well', 'well', ['address-changed', { ...OLD, detail: 'its node now has another address' }]], {
        ready: ['master1', 'master2'],
      }),
      /^The host of master3 is there, and has not said yet that it is ready: its node now has another address\. The others go on\.$/,
      /has just joined takes a minute or two/,
    ],
    [
      'where a host that is heard of runs no etcd yet',
      cluster(['well', 'well', ['unreachable', { detail: 'refused' }]], { heard: ['master3'] }),
      /^The host of master3 is there, and has not said yet that it is ready: refused\./,
      /journalctl -u kubelet/,
    ],
    [
      'where only a clock is off',
      cluster(['well', 'well', ['clock-off', { healthy: true }]]),
      /^The clock of master3 is off; etcd is well apart from that\.$/,
      /^Set it/,
    ],
    [
      'where etcd is full',
      cluster(['well', 'well', ['wiped', OLD]], { noSpace: true }),
      /NOSPACE/,
      /etcdctl alarm disarm/,
    ],
    [
      'where nobody leads yet',
      cluster(['well', 'well', 'well'], { healthy: 0, alive: 2 }),
      /^2 of 3 voters answer, which is enough/,
      /Look again in a few seconds/,
    ],
    [
      'where it is this host itself',
      cluster([['wiped', { ...OLD, detail: "etcd's data is not there" }], 'well', 'well']),
      /^It is this host itself that is not well: etcd's data is not there\.$/,
      /run this on master2 and master3\.$/,
    ],
    [
      'where voters that answer have no leader',
      cluster(['well', 'well', 'well'], { healthy: 1 }),
      /^3 of 3 voters answer, which is enough, and they have not agreed on a leader yet\.$/,
      /whether the masters reach each other/,
    ],
    [
      'where a single one has no leader, which no other master is asked about',
      cluster(['well'], { healthy: 0 }),
      /^The one member of etcd answers, and is not healthy yet: it has no leader\.$/,
      /^(?!.*masters).*what the disk below \/var\/lib\/etcd does/,
    ],
  ])('%s', (_, examined, summary, hint) => {
    const found = verdictOf(examined);
    expect(found).toMatchObject({ verdict: 'wait', readd: [], willDo: [] });
    expect(found.summary).toMatch(summary);
    expect(found.hint).toMatch(hint);
  });

  it('where one could be put back and etcd has another voter that is silent, for it adds nobody then', () => {
    const found = verdictOf(
      cluster(['well', 'well', ['wiped', OLD], 'well', ['unreachable', { detail: 'no route' }]]),
    );
    expect(found).toMatchObject({ verdict: 'wait', readd: [], willDo: [] });
    expect(found.summary).toMatch(/^master3 cannot be put back yet: .* so is master5 \(no route\)\.$/);
    expect(found.hint).toMatch(/^It is possible as soon as master5 is well again/);
  });

  it('where only one of two that are silent is asked for', () => {
    const examined = cluster(['well', 'well', ['wiped', OLD], 'well', ['wiped', OLD]]);
    expect(verdictOf(examined, ['master3'])).toMatchObject({ verdict: 'wait', readd: [] });
    expect(verdictOf(examined, ['master3', 'master5']).verdict).toBe('readd');
  });

  it('where there would be a second learner', () => {
    const learner = ['learner', { role: 'learner' }] as const;
    const found = verdictOf(
      cluster(['well', 'well', ['absent', { role: 'none' }], learner], { ready: ['master3'] }),
    );
    expect(found.verdict).toBe('wait');
    expect(found.summary).toContain('master4');
  });
});

describe('it is refused', () => {
  it('to end one of two that are well, which would end the quorum with it', () => {
    const found = verdictOf(cluster(['well', ['corrupt', ALIVE]]));
    expect(found).toMatchObject({
      verdict: 'refused',
      readd: [],
      summary:
        'Taking master2 out would leave 1 healthy of 2 voters, and 2 must agree: nothing could be written any more.',
      hint: 'Take it out while it still answers (`etcdctl member remove a1b2`). Then look again.',
    });
  });

  it('to end one more where another one is gone, which says who has to come back', () => {
    const found = verdictOf(
      cluster(['well', ['corrupt', ALIVE], 'well', ['unreachable', { role: 'none' }]], { voters: 4 }),
    );
    expect(found).toMatchObject({
      verdict: 'refused',
      summary: expect.stringMatching(/2 healthy of 4/) as string,
    });
    expect(found.hint).toBe('It is possible as soon as master4 is well again. Then look again.');
  });

  it('for none of several that answer, as long as they go one at a time', () => {
    const found = verdictOf(cluster(['well', ['corrupt', ALIVE], ['corrupt', ALIVE]]));
    expect(plain(found)).toEqual([
      'readd',
      'master2',
      'now 3 of 3 voters, quorum 2; after remove 2 of 2, quorum 2; after add 3 of 3, quorum 2, may lose 1',
    ]);
    expect(found.hint).toMatch(/^master3 is left as found/);
  });
});

describe('the quorum is lost', () => {
  const gone = ['unreachable', {}] as const;

  it.each<readonly [string, Examined, string]>([
    [
      'with two of three',
      cluster(['well', gone, gone], { healthy: 0 }),
      "1 of etcd's 3 voters is left, and 2 must agree: nothing can be written until more come back.",
    ],
    [
      'with one of two',
      cluster(['well', gone], { healthy: 0 }),
      "1 of etcd's 2 voters is left, and 2 must agree: nothing can be written until more come back.",
    ],
    [
      'with three of five',
      cluster(['well', gone, gone, gone, 'well'], { healthy: 0 }),
      "2 of etcd's 5 voters are left, and 3 must agree: nothing can be written until more come back.",
    ],
    [
      'where nobody answers at all',
      cluster([gone], { voters: 0 }),
      'No member of etcd answers, so nothing can be read or written.',
    ],
  ])('%s', (_, examined, summary) => {
    const found = verdictOf(examined);
    expect(found).toMatchObject({ verdict: 'quorum-lost', summary, readd: [] });
    expect(found.hint).toMatch(/bring them back: then nothing is lost\. Only if they are gone for good/);
  });

  it('names who would have to come back', () => {
    expect(verdictOf(cluster(['well', gone, gone], { healthy: 0 })).hint).toMatch(
      /^If master2 and master3 can/,
    );
    expect(verdictOf(cluster([gone], { voters: 0 })).hint).toMatch(/^If the others can/);
  });
});
