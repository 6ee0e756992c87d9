import { beforeAll, describe, expect, it } from 'vitest';
import { findSources } from '../../../source/recovery/restore';
import { recorded, recordOf } from '../recorded';
import { WrittenLog } from '../wal/written';
import { CLUSTER, INIT, LOG_FILE, RestoreHost, SNAPSHOT, withSnapshot } from './restore-host';

beforeAll(recorded);

describe('what a lost cluster can be made again from', () => {
  it("is this host's own data first, then its snapshots; each says what would be lost", async () => {
    const host = withSnapshot(new RestoreHost(recordOf(3)));
    const { sources, rejected, known } = await findSources(host, host.record);
    expect(sources.map(({ id, revision, time }) => [id, revision, time])).toEqual([
      ['member', 900, '2026-11-25T17:59:37Z'],
      [SNAPSHOT, 500, '2026-11-25T17:52:23Z'],
    ]);
    expect(sources.map(({ loss }) => loss)).toEqual([
      'Kept is all that etcd on master1 was ever given: up to revision 900 of 2026-11-25T17:59:37Z. Lost is what master2 and master3 agreed on without it, as in the last moment before they went; that cannot be counted from here.',
      "Lost is everything after revision 500 (2026-11-25T17:52:23Z): at least 400 changes, for this host's own etcd knows of revision 900.",
    ]);
    expect([rejected, known]).toEqual([[], 900]);
    expect(host.changes).toEqual([]);
  });

  it('is looked at by its files where etcd does not run', async () => {
    const host = new RestoreHost(recordOf(3)).drop(CLUSTER);
    const { sources } = await findSources(host, host.record);
    expect(sources[0]?.loss).toContain('ever given: up to revision 900');
  });

  it('leaves out what is damaged, and says why', async () => {
    const host = withSnapshot(new RestoreHost(recordOf(3)), 'damaged, revision 500');
    host.drop(`/var/lib/etcd/member/${LOG_FILE}`);
    const copy = '/var/lib/etcd/kube-el7-install-snapshots/20261125T170000Z-before-master3.db';
    host.put(copy, 'revision 400').put(copy.replace('.db', '.json'), '{"hash":7,"revision":401}');
    const { sources, rejected, known } = await findSources(host, host.record);
    expect(sources).toEqual([]);
    expect(rejected.map(({ id, reason }) => [id, reason.split(':')[0]])).toEqual([
      ['member', 'its log in /var/lib/etcd/member/wal is damaged or not there'],
      [SNAPSHOT, 'it is damaged or cut short'],
      [copy, 'it is not what was noted as it was taken'],
    ]);
    // Its database can be read, and what its log had beyond it cannot be known.
    expect(known).toBe(20_900);
  });

  it('does not offer data that etcd does not start with, says why, and counts from what its database shows', async () => {
    for (const [outcome, reason] of [
      [
        {
          code: 7,
          stdout: 'I | x\npanic: freepages: failed to get all reachable pages (page 0)\n\ngoroutine 1:\n',
        },
        'etcd does not start with a copy of it: its database is damaged (panic: freepages: failed to get all reachable pages (page 0))',
      ],
      [
        { code: 9, stdout: '2300 1000\n' },
        'takes 2300 MiB on the file system of /var/lib/etcd, which has 1000 MiB free',
      ],
      [{ code: 8 }, 'did not come up with a copy of it within 15 min'],
      [{ code: 124 }, 'did not come up with a copy of it within 15 min'],
      [
        { code: 125, stderr: "docker: Cannot connect to the Docker daemon.\nSee 'docker run --help'.\n" },
        'could not be tried: docker: Cannot connect to the Docker daemon',
      ],
    ] as const) {
      const host = withSnapshot(new RestoreHost(recordOf(1))).drop(INIT);
      host.opens = () => outcome;
      const { sources, rejected } = await findSources(host, host.record);
      expect(sources.map(({ id }) => id)).toEqual([SNAPSHOT]);
      expect(sources[0]?.loss).toContain(
        "at least 400 changes, for this host's own etcd knows of revision 900",
      );
      expect(rejected).toEqual([{ id: 'member', reason: expect.stringContaining(reason) as string }]);
      expect(host.changes).toEqual([]);
    }
  });

  it('tells the revision that etcd has after it was opened, not the one of its database', async () => {
    const host = new RestoreHost(recordOf(1)).drop(INIT);
    host.opens = () => '[{"Status":{"header":{"revision":912}}}]';
    const { sources, known } = await findSources(host, host.record);
    expect([sources[0]?.revision, known]).toEqual([912, 912]);
    expect(sources[0]?.loss).toBe(
      'Kept is all that etcd on master1 was ever given: up to revision 912 of 2026-11-25T17:59:37Z. Nothing is lost that had reached its disk.',
    );
  });

  it('does not say that nothing is lost where etcd passes over entries that were agreed on', async () => {
    const host = new RestoreHost(recordOf(1)).drop(INIT);
    const log = new WrittenLog().entry(1).state(1);
    const end = log.length;
    const bytes = Buffer.from(log.entry(2, 1500).state(2).entry(3).state(3).bytes);
    bytes.fill(0, 512, 1536);
    expect(end).toBeLessThan(512);
    host.put(`/var/lib/etcd/member/${LOG_FILE}`, bytes, 0o600);
    const { sources } = await findSources(host, host.record);
    expect(sources[0]?.loss).toBe(
      'Kept of all that etcd on master1 was ever given: up to revision 900 of 2026-11-25T17:59:37Z. The end of its log is damaged: its entries 2 to 3 cannot be read, and those of them that its database had not got yet are lost.',
    );
  });

  it('has etcd open the same data once', async () => {
    const host = new RestoreHost(recordOf(3)).answer(
      /^stat --format=%n/,
      '/var/lib/etcd/member/snap/db 1 2 3\n',
    );
    let count = 0;
    host.opens = () => ((count += 1), '{"revision":900}');
    await findSources(host, host.record);
    await findSources(host, host.record);
    expect(count).toBe(1);
  });

  it('may be a snapshot at a place of its own, too', async () => {
    const host = new RestoreHost(recordOf(3)).put('/root/a.db', 'revision 700');
    const { sources } = await findSources(host, host.record, '/root/a.db');
    expect(sources.map(({ id }) => id)).toEqual(['member', '/root/a.db']);
  });
});
