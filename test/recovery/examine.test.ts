import type * as crypto from 'node:crypto';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import type { Arguments } from '../../source/arguments';
import { sourceOf, verdictCheck } from '../../source/recovery/check';
import { examine } from '../../source/recovery/examine';
import { recoveryWork } from '../../source/recovery/work';
import { installed, type Installed } from '../steps/readd/installed';
import { ReaddHost } from '../steps/readd/readd-host';
import { FakeHost } from '../support/fake-host';
import { settings as settingsOf } from '../variables/told';
import { configurationOf } from './recorded';

vi.mock('node:crypto', async original => {
  const { withPooledKeys } = await import('../support/pooled-keys');
  return withPooledKeys(await original<typeof crypto>());
});

const TOLD = { vip: '10.0.0.100', masters: 'master1,master2,master3' };
const RESTORE = '/var/lib/kube-el7-install/restore.json';
const SNAPSHOT = '/root/20261125T175223Z.db';

let made: Installed;

beforeAll(async () => {
  made = await installed(await settingsOf(TOLD), await configurationOf(TOLD));
}, 60_000);

const given = (more: Partial<Arguments> = {}): Arguments =>
  ({ command: 'readd-member', ...more }) as Arguments;
const date = (ahead: number) => ({ date: new Date(Date.now() + ahead).toUTCString() });
const BODY = { status: 200, headers: {}, roundTripMs: 1 };

function heads(...all: readonly Readonly<Record<string, string>>[]): ReaddHost {
  const host = new ReaddHost(made);
  for (const [at, head] of all.entries()) host.heads.set(`master${at + 1}`, head);
  return host;
}

/** Two of three are gone for good; etcd is still asked here, and agrees on nothing. */
function lost(): ReaddHost {
  const host = new ReaddHost(made);
  for (const name of ['master2', 'master3']) host.broken.add(name);
  return host
    .answer(/^sh -c set -e\nhead /, `${'c'.repeat(64)}\n${'c'.repeat(64)}`)
    .answer(/^docker |etcdctl version$/, 'sha256:1\n')
    .answer(/snapshot status /, '{"hash":7,"revision":500}')
    .respond(/6443/, { error: 'connect ECONNREFUSED' })
    .respond(/v3\/maintenance\/status$/, { error: 'connect ECONNREFUSED' })
    .put(SNAPSHOT, 'a snapshot');
}

describe('what is found of three masters', () => {
  const ID = { 'x-etcd-cluster-id': 'c1' };

  it.each<readonly [string, () => ReaddHost, string, string]>([
    ['all well', () => heads({ ...ID, ...date(0) }, { ...ID, ...date(0) }, ID), 'whole', 'well'],
    ['one silent', () => lostOne(), 'wait', 'unreachable'],
    ['one of another cluster', () => heads(ID, ID, { 'x-etcd-cluster-id': 'ff' }), 'readd', 'other-cluster'],
    [
      'one whose clock is an hour ahead',
      () => heads(ID, ID, { ...ID, ...date(3_600_000) }),
      'wait',
      'clock-off',
    ],
    ['one with an empty disk', () => new ReaddHost(made).empty('master3'), 'readd', 'wiped'],
    [
      'one at another address',
      () => new ReaddHost(made).replace('master3', '10.0.0.13'),
      'readd',
      'address-changed',
    ],
    [
      'one whose etcd says that its data is damaged',
      () => lostOne().answer(/^kubectl .* logs /, 'ok\n{"error":"walpb: crc mismatch"}\n'),
      'readd',
      'corrupt',
    ],
    ['a learner left behind', () => learner(), 'readd', 'learner'],
    [
      'one that is about to be swapped',
      () => swapping(host => host.pods.set('master3', 'etcd-init')),
      'readd',
      'learner',
    ],
    [
      'one whose Job was not removed',
      () => swapping(host => host.jobs.set('master3', 'Complete')),
      'readd',
      'learner',
    ],
  ])('%s', async (_, begin, verdict, condition) => {
    const host = begin();
    const found = await examine(host);
    expect([found?.verdict, found?.members[2]?.condition]).toEqual([verdict, condition]);
    expect(host.changes).toEqual([]);
  });

  it('is told of none that is no master', async () => {
    expect(await examine(new FakeHost())).toBeUndefined();
    expect(await verdictCheck(given()).run(new FakeHost())).toEqual([]);
    expect(await recoveryWork(new FakeHost(), given())).toMatchObject({
      stages: [],
      refused: { code: 'recovery-refused' },
    });
  });

  it('counts no etcd of another cluster where the quorum is asked for', async () => {
    const host = heads(ID, ID, { 'x-etcd-cluster-id': 'ff' });
    expect((await examine(host))?.quorum[0]).toBe('now 2 of 3 voters, quorum 2');
  });

  function lostOne(): ReaddHost {
    const host = new ReaddHost(made);
    host.broken.add('master3');
    return host;
  }

  function swapping(begin: (host: ReaddHost) => void): ReaddHost {
    const host = new ReaddHost(made);
    host.turns.set('master3', 'cluster');
    begin(host);
    return host;
  }

  function learner(): ReaddHost {
    const host = new ReaddHost(made);
    host.members = host.members.map((one, at) => (at === 2 ? { ...one, learner: true } : one));
    return host;
  }
});

describe('the check before anything is done', () => {
  it('passes where one can be put back, with the arithmetic', async () => {
    const findings = await verdictCheck(given()).run(new ReaddHost(made).empty('master3'));
    expect(findings.map(({ level }) => level)).toEqual(['ok', 'ok', 'warning', 'ok']);
    expect(findings[3]?.message).toMatch(/Quorum: now 2 of 3 voters, quorum 2; after remove 2 of 2/);
  });

  it('looks again where voters that answer have not agreed on a leader yet', async () => {
    let unled = 6;
    const host = new ReaddHost(made)
      .empty('master3')
      .respond(({ url }) => url.includes(':2381/health') && (unled -= 1) >= 0, {
        ...BODY,
        status: 503,
        body: '{"health":"false"}',
      });
    expect((await examine(host))?.summary).toMatch(/have not agreed on a leader yet/);
    unled = 3;
    const findings = await verdictCheck(given(), 10).run(host);
    expect(findings.at(-1)).toMatchObject({ level: 'ok' });
    expect(unled).toBeLessThan(0);
  });

  it('is fatal where somebody else has to do something', async () => {
    const host = heads({}, {}, date(3_600_000));
    const findings = await verdictCheck(given()).run(host);
    expect(findings.at(-1)).toMatchObject({
      level: 'fatal',
      fix: expect.stringMatching(/^Set it/) as string,
    });
    // A run that the checks have let through before that must not end as if all were well.
    const { stages, refused } = await recoveryWork(host, given());
    expect(stages).toEqual([]);
    expect(refused?.message).toMatch(/does not hold any more: The clock of master3 is off/);
    expect(refused?.hint).toMatch(/^Set it .* Nothing was changed\. Run the same command again\.$/);
  });

  it('looks only at who was asked for', async () => {
    const host = new ReaddHost(made).empty('master3');
    expect((await verdictCheck(given({ words: ['master2'] })).run(host)).at(-1)?.message).toMatch(
      /^Nothing is the matter with master2/,
    );
    expect(await recoveryWork(host, given({ words: ['master2'] }))).toEqual({
      stages: [],
      notes: ['Nothing is the matter with master2.'],
    });
    expect((await recoveryWork(host, given({ words: ['MASTER3'] }))).stages.map(({ id }) => id)).toEqual([
      'save',
      'out',
      'add',
      'tell',
      'verify',
    ]);
  });
});

describe('where the quorum is lost', () => {
  it('nothing is restored without its own word, whatever else is agreed to', async () => {
    for (const more of [{}, { yes: true }, { snapshot: SNAPSHOT }]) {
      const findings = await verdictCheck(given(more)).run(lost());
      expect(findings.at(-1)?.level).toBe('fatal');
      expect((await recoveryWork(lost(), given(more))).stages).toEqual([]);
    }
  });

  it('what is restored from is what was named, and says what is lost', async () => {
    const told = given({ acceptDataLoss: true, snapshot: SNAPSHOT });
    const findings = await verdictCheck(told).run(lost());
    expect(findings.at(-1)).toMatchObject({ level: 'warning' });
    const { stages, notes } = await recoveryWork(lost(), told);
    expect(stages.length).toBeGreaterThan(0);
    expect(notes?.join(' ')).toContain('Lost is everything after revision 500');
  });

  it('a snapshot that is not there, or nothing at all, is refused even then', async () => {
    const none = given({ acceptDataLoss: true, snapshot: '/root/none.db' });
    const findings = await verdictCheck(none).run(lost().put(SNAPSHOT, 'x'));
    expect(findings.at(-1)?.level).toBe('fatal');
    expect(findings.at(-1)?.fix).toMatch(/none\.db/);
    expect((await recoveryWork(lost(), none)).stages).toEqual([]);
  });

  it('a restore that was begun comes before everything else', async () => {
    const attempt = {
      id: '20261125T181553Z',
      source: SNAPSHOT,
      revision: 500,
      known: 500,
      own: '/var/lib/etcd/member',
    };
    const found = await examine(lost().put(RESTORE, JSON.stringify(attempt)), SNAPSHOT);
    expect(found).toMatchObject({
      verdict: 'quorum-lost',
      summary: 'A restore of etcd was begun here, and is not done.',
    });
    expect(found && sourceOf(found, given({ snapshot: SNAPSHOT }))?.revision).toBe(500);
    expect(found && sourceOf(found, given({ snapshot: '/root/none.db' }))).toBeUndefined();
  });
});
