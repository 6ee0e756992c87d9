import { describe, expect, it } from 'vitest';
import type { Examined } from '../../source/recovery/examined';
import { verdictOf } from '../../source/recovery/verdict';
import { ALIVE, OLD, cluster, plain } from './examined-cluster';

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
      'where an alarm is raised that nobody here knows',
      cluster(['well', 'well', ['wiped', OLD]], { alarms: [{ member: 'a1', kind: 'number 7' }] }),
      /an alarm that this program does not know: number 7/,
      /etcdctl alarm list/,
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
    expect(found.hint).toMatch(/nothing is lost\. Only if/);
  });

  it('names who would have to come back', () => {
    expect(verdictOf(cluster(['well', gone, gone], { healthy: 0 })).hint).toMatch(
      /^If master2 and master3 can/,
    );
    expect(verdictOf(cluster([gone], { voters: 0 })).hint).toMatch(/^See what etcd says: .* nothing is lost/);
  });
});
