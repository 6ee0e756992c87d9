import type * as crypto from 'node:crypto';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import type { Change } from '../../../source/engine/change';
import { verdictCheck } from '../../../source/recovery/check';
import { examine } from '../../../source/recovery/examine';
import { recoveryWork } from '../../../source/recovery/work';
import { settings as settingsOf } from '../../variables/told';
import { configurationOf } from '../../recovery/recorded';
import { apply } from '../etcd-apply';
import { MASTERS } from '../etcd-host';
import { AlarmedHost, QUOTA } from './alarmed-host';
import { installed, type Installed } from './installed';

vi.mock('node:crypto', async original => {
  const { withPooledKeys } = await import('../../support/pooled-keys');
  return withPooledKeys(await original<typeof crypto>());
});

const GIVEN = { command: 'readd-member' } as never;
const TOLD = { vip: '10.0.0.100', masters: 'master1,master2,master3' };

let made: Installed;

beforeAll(async () => {
  made = await installed(await settingsOf(TOLD), await configurationOf(TOLD));
}, 60_000);

async function mend(
  host: AlarmedHost,
  before: (change: Change) => void = () => undefined,
): Promise<readonly string[]> {
  const { stages } = await recoveryWork(host, GIVEN);
  const steps = stages.flatMap(stage => stage.steps);
  return apply(
    steps.filter(({ id }) => id !== 'etcdctl' && id !== 'verify-cluster'),
    host,
    before,
  );
}

const full = (release?: AlarmedHost['release']) =>
  new AlarmedHost(made, MASTERS[0], release).fill('master1').raise('NOSPACE', 'master1');
/** master3's data differ, and etcd says so of whom it says. */
const corrupt = (blamed: string | undefined = 'master3', release?: AlarmedHost['release']) => {
  const host = new AlarmedHost(made, MASTERS[0], release).raise('CORRUPT', blamed);
  host.hashes.set('master3', 78);
  return host;
};

describe('an alarm is no lost quorum and no missing leader', () => {
  it.each(['3.3.15', '3.4.13', '3.4.23', '3.5.6'] as const)('with etcd %s', async release => {
    const found = await examine(full(release));
    expect(found).toMatchObject({ verdict: 'readd', readd: [], quorum: ['now 3 of 3 voters, quorum 2'] });
    expect(found?.summary).toMatch(
      /^etcd is full and refuses writes \(alarm NOSPACE\): master1: its database has 2\.0 GiB of a quota of 2\.0 GiB/,
    );
    expect(found?.members.map(({ condition }) => condition)).toEqual(['full', 'well', 'well']);
    expect(found?.members.map(({ healthy }) => healthy)).toEqual([true, true, true]);
    expect(found?.willDo).toEqual([
      'save a snapshot of etcd on master1 and master2, and verify it',
      'compact etcd to its newest revision',
      'defragment its members one at a time, the leader last',
      'see that each has become smaller than its quota, and clear the alarm NOSPACE',
    ]);
    expect(found?.hint).toMatch(/--quota-backend-bytes/);
    const findings = await verdictCheck(GIVEN).run(full(release));
    expect(findings.map(({ level }) => level)).toEqual(['warning', 'ok', 'ok', 'ok']);
  });

  it('but one without a leader is said to have none, alarm or not', async () => {
    const host = full();
    for (const name of ['master2', 'master3']) host.broken.add(name);
    expect((await examine(host))?.verdict).toBe('quorum-lost');
  });
});

describe('a full etcd', () => {
  it('is saved, compacted, defragmented with its leader last, and takes writes again', async () => {
    const host = full();
    host.raise('NOSPACE', 'master2').fill('master2');
    await mend(host);
    expect(host.deeds).toEqual([
      'compact',
      'defrag master2',
      'defrag master3',
      'defrag master1',
      'clear NOSPACE',
      'clear NOSPACE',
    ]);
    expect(await examine(host)).toMatchObject({ verdict: 'whole' });
    const saved = [...host.copies].map(copy => copy.replace(/\d{8}T\d{6}Z/, 'TIME'));
    expect(saved).toEqual(['master2 /var/lib/kube-el7-install/snapshots/TIME-before-clearing-NOSPACE']);
    expect(await mend(host)).toEqual([]);
  });

  it.each([
    ['all of it', QUOTA + 1],
    ['nearly all of it', Math.round(0.97 * QUOTA)],
  ])('keeps its alarm where %s is in use, and it is said what helps', async (_, live) => {
    const host = full().fill('master1', { live });
    const { stages } = await recoveryWork(host, GIVEN);
    const step = stages.flatMap(stage => stage.steps).find(({ id }) => id === 'etcd-make-room');
    await expect(mend(host)).rejects.toThrow();
    expect(host.alarms).toHaveLength(1);
    const told = await step?.diagnose?.(host, { code: 'command-failed', message: 'exit code 1' });
    expect(told).toMatchObject({ code: 'etcd-full' });
    expect(told?.message).toMatch(/master1: its database has (?:2\.0|1\.9) GiB of a quota of 2\.0 GiB/);
    expect(told?.hint).toMatch(/--quota-backend-bytes=8589934592/);
  });

  it('has room again before a master is put back', async () => {
    const host = full();
    host.empty('master3');
    const found = await examine(host);
    expect(found).toMatchObject({ verdict: 'readd', readd: ['master3'] });
    await mend(host);
    expect(host.deeds.slice(0, 2)).toEqual(['compact', 'defrag master2']);
    expect(host.deeds.indexOf('clear NOSPACE')).toBeLessThan(host.deeds.indexOf('remove master3'));
    expect(await examine(host)).toMatchObject({ verdict: 'whole' });
  });

  it('ends the same when it is killed before any change', () => killedAnywhere(full));
});

describe('members whose data differ', () => {
  it.each([
    ['as etcd says', 'master3'],
    ['though etcd blames another one', 'master1'],
    ['though etcd blames nobody', undefined],
  ])('are found by their hashes, %s', async (_, blamed) => {
    const found = await examine(corrupt(blamed));
    expect(found?.members.map(({ condition }) => condition)).toEqual(['well', 'well', 'corrupt']);
    expect(found).toMatchObject({ verdict: 'readd', readd: ['master3'] });
    expect(found?.summary).toMatch(
      /^etcd refuses writes \(alarm CORRUPT\): the data of master3 differ from those of master1 and master2\./,
    );
    expect(found?.willDo.slice(0, 3)).toEqual([
      'save a snapshot of etcd on master1 and master2, and verify it',
      'take master3 (a3) out of etcd',
      'see that all that are left have the same data, and clear the alarm CORRUPT',
    ]);
  });

  it.each(['3.3.15', '3.4.13', '3.4.23', '3.5.6'] as const)(
    'are one again with etcd %s: the one that differs goes out first, then etcd takes writes, then it comes back empty',
    async release => {
      const host = corrupt('master3', release);
      await mend(host);
      expect(host.deeds.slice(0, 2)).toEqual(['remove master3', 'clear CORRUPT']);
      // Its host leaves what it had before: it does not start anew under the cluster pod's manifest.
      const turns = host.executed.flatMap(line => /"etcd-turn":"(\w+)/.exec(line)?.[1] ?? []);
      expect(turns).toEqual(['out', 'start', 'vote', 'cluster']);
      expect([...host.who].sort()).toEqual(['master1', 'master2', 'master3']);
      expect(host.members.find(({ name }) => name === 'master3')?.id).not.toBe('163');
      expect([...host.turns.values()]).toEqual(['cluster', 'cluster', 'cluster']);
    },
  );

  it('end the same when it is killed before any change', () => killedAnywhere(corrupt));

  it('are left alone where no majority agrees, and both sides are named', async () => {
    const host = corrupt();
    host.hashes.set('master2', 79);
    const found = await examine(host);
    expect(found).toMatchObject({ verdict: 'wait', readd: [], willDo: [] });
    expect(found?.summary).toMatch(
      /no majority of the 3 voters agrees: master1 has one set of data; master2 has one set of data; master3 has one set of data/,
    );
    expect(await recoveryWork(host, GIVEN)).toMatchObject({
      stages: [],
      refused: { code: 'recovery-refused' },
    });
  });

  it('are not mended from the side that differs', async () => {
    const host = new AlarmedHost(made, MASTERS[2]).raise('CORRUPT', 'master3');
    host.hashes.set('master3', 78);
    expect(await examine(host)).toMatchObject({
      verdict: 'wait',
      hint: 'The member that differs is put back from one that is right: run this on master1 and master2.',
    });
  });

  it('are the same after all: only the alarm is cleared', async () => {
    const host = new AlarmedHost(made).raise('CORRUPT', 'master2');
    expect((await examine(host))?.summary).toBe(
      'etcd refuses writes (alarm CORRUPT): master1, master2 and master3 have the same data at revision 4711.',
    );
    await mend(host);
    expect(host.deeds).toEqual(['clear CORRUPT']);
  });

  it('keep the alarm where they differ again by the time that it is cleared', async () => {
    const host = new AlarmedHost(made).raise('CORRUPT', 'master2');
    const { stages } = await recoveryWork(host, GIVEN);
    const steps = stages.flatMap(stage => stage.steps).filter(({ id }) => id === 'etcd-clear-corrupt');
    host.hashes.set('master2', 80);
    await expect(apply(steps, host)).rejects.toThrow(/The alarm CORRUPT stays/);
    expect(host.alarms).toHaveLength(1);
  });

  it('are not guessed where one does not start because it differs from another', async () => {
    const host = new AlarmedHost(made);
    host.broken.add('master3');
    host.answer(/^kubectl .* logs /, 'etcdmain: 3 found data inconsistency with peers\n');
    expect((await examine(host))?.members[2]?.condition).toBe('corrupt');
    // It may be the one that is right: those that run do not agree either.
    host.hashes.set('master2', 79);
    const found = await examine(host);
    expect(found?.members[2]?.condition).toBe('unreachable');
    expect(found).toMatchObject({ verdict: 'wait', readd: [] });
  });

  it('and no room: first they are one again, then there is room', async () => {
    const host = corrupt().fill('master1').raise('NOSPACE', 'master1');
    await mend(host);
    expect(host.deeds.filter(deed => !deed.startsWith('defrag'))).toEqual([
      ...['remove master3', 'clear CORRUPT', 'compact', 'clear NOSPACE'],
    ]);
    expect(host.who).toHaveLength(3);
  });
});

async function killedAnywhere(begin: () => AlarmedHost): Promise<void> {
  const whole = begin();
  const moments: AlarmedHost[] = [];
  await mend(whole, () => moments.push(whole.copy()));
  expect(moments.length).toBeGreaterThan(8);
  for (const host of moments) {
    await mend(host);
    // What was put back has the same data as the one that it was put back from.
    host.hashes.set('master3', 77);
    expect(await examine(host)).toMatchObject({ verdict: 'whole' });
    expect([...host.who].sort()).toEqual([...whole.who].sort());
  }
}
