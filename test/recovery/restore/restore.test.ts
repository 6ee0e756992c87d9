import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  attemptFor,
  findSources,
  restoreNotes,
  restoreStages,
  unfinishedAttempt,
} from '../../../source/recovery/restore';
import { recorded, recordOf } from '../recorded';
import { WrittenLog } from '../wal/written';
import { apply, APISERVER, CLUSTER, INIT, RestoreHost, SECRET_FILES } from './restore-host';

const NOW = new Date('2026-11-25T18:15:53Z');
const ASIDE = '/var/lib/etcd/member.before-restore-20261125T181553Z';
const SNAPSHOT = '/var/lib/kube-el7-install/snapshots/20261125T175223Z-before-master2.db';
const LOG_FILE = 'wal/0000000000000000-0000000000000000.wal';

beforeAll(recorded);

function withSnapshot(host: RestoreHost, text = 'revision 500'): RestoreHost {
  return host.put(SNAPSHOT, text).put(SNAPSHOT.replace('.db', '.json'), '{"hash":7,"revision":500}');
}

async function stagesFor(host: RestoreHost, id: string): Promise<ReturnType<typeof restoreStages>> {
  const { sources, known } = await findSources(host, host.record);
  const source = sources.find(one => one.id === id);
  if (source === undefined) throw new Error(`no source ${id}`);
  return restoreStages(host.record, source, { attempt: await attemptFor(host, source, known, NOW) });
}

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

describe('a restore', () => {
  for (const [count, place] of [
    [1, 0],
    [2, 1],
    [3, 0],
    [3, 1],
    [5, 4],
  ] as const) {
    for (const id of ['member', SNAPSHOT]) {
      const from = id === 'member' ? 'its own data' : 'a snapshot';
      it(`makes a cluster of one of ${from} on master${place + 1} of ${count}, and a second run has nothing to do`, async () => {
        const record = recordOf(count, place);
        const host = withSnapshot(new RestoreHost(record));
        const stages = await stagesFor(host, id);
        await apply(stages, host);
        expectRestored(host, id === 'member' ? 900 : 500);
        expect((await apply(stages.slice(1), host)).length).toBe(0);
      });
    }
  }

  it('lets the tail of the log count, in the copy alone', async () => {
    const host = new RestoreHost(recordOf(3));
    const before = host.text(`/var/lib/etcd/member/${LOG_FILE}`);
    const lengths: number[] = [];
    await apply(await stagesFor(host, 'member'), host, (_, { id }) => {
      const copy = host.modes().find(([path]) => path.endsWith(`copy/member/${LOG_FILE}`))?.[0];
      if (id === 'restore-extract') lengths.push(Buffer.byteLength(host.text(copy ?? '') ?? ''));
    });
    expect(Math.min(...lengths)).toBeGreaterThan(Buffer.byteLength(before ?? ''));
    expect(host.text(`${ASIDE}/${LOG_FILE}`)).toBe(before);
  });

  it('says what is to be done where the revision goes back too far to be raised', async () => {
    const host = withSnapshot(new RestoreHost(recordOf(3)));
    host.put('/var/lib/etcd/member/snap/db', 'of the old cluster, revision 300000', 0o600);
    const { sources, known } = await findSources(host, host.record);
    const [own, old] = sources;
    if (own === undefined || old === undefined) throw new Error('not both sources');
    expect(restoreNotes(await attemptFor(host, own, known, NOW))).toEqual([]);
    const attempt = await attemptFor(host, old, known, NOW);
    expect(restoreNotes(attempt).join()).toContain('from 300000 to 500');
    await apply(restoreStages(host.record, old, { attempt }), host);
    expect(host.etcd).toContain('revision 500');
  });

  it('is refused where another member answers, and where there is a quorum; nothing is changed', async () => {
    const host = withSnapshot(new RestoreHost(recordOf(3)));
    const stages = await stagesFor(host, 'member');
    host.others.add('10.0.0.3');
    await expect(apply(stages, host)).rejects.toMatchObject({ report: { code: 'quorum-not-lost' } });
    expect(host.changes).toEqual([]);
    host.others.clear();
    await apply(stages, host);
    const source = { id: 'member', revision: 900, time: '', loss: '' };
    const attempt = await attemptFor(host, source, 900, new Date('2026-11-25T19:00:00Z'));
    await expect(apply(restoreStages(host.record, source, { attempt }), host)).rejects.toMatchObject({
      report: { code: 'quorum-not-lost' },
    });
  });

  it('stops before anything is ended where somebody came back in between', async () => {
    const host = new RestoreHost(recordOf(3));
    const stages = await stagesFor(host, 'member');
    const back = apply(stages, host, (_, { id }) => {
      if (id === 'restore-safety') host.others.add('10.0.0.2');
    });
    await expect(back).rejects.toMatchObject({ report: { code: 'quorum-not-lost' } });
    expect([host.runs(CLUSTER), host.runs(APISERVER)]).toEqual([true, true]);
  });

  it('ends the same when it is cut off before any of its changes and run again', async () => {
    for (const id of ['member', SNAPSHOT]) {
      for (let cut = 0; ; cut += 1) {
        const host = withSnapshot(new RestoreHost(recordOf(3, 1)));
        let count = 0;
        const outcome = await apply(await stagesFor(host, id), host, () => {
          if (count === cut) throw new Error('cut off');
          count += 1;
        }).catch((error: unknown) => String(error));
        if (typeof outcome !== 'string') break;
        expect(outcome).toContain('cut off');
        // The last thing to go is what tells that there is something left to do.
        if ((await unfinishedAttempt(host)) === undefined && count > 5) continue;
        await apply(await stagesFor(host, id), host);
        expectRestored(host, id === 'member' ? 900 : 500);
      }
    }
  });

  it("takes this host's own data again, where a snapshot was put in its place and the operator thinks better of it", async () => {
    const host = withSnapshot(new RestoreHost(recordOf(3)));
    const cut = apply(await stagesFor(host, SNAPSHOT), host, (_, { id }) => {
      if (id === 'restore-start') throw new Error('cut off');
    });
    await expect(cut).rejects.toThrow('cut off');
    const { sources } = await findSources(host, host.record);
    const own = sources.find(({ id }) => id === 'member');
    if (own === undefined) throw new Error('its own data is no source');
    expect(own.revision).toBe(900);
    const attempt = await attemptFor(host, own, 900, new Date('2026-11-25T19:00:00Z'));
    expect(attempt).toMatchObject({ id: '20261125T190000Z', own: ASIDE });
    await apply(restoreStages(host.record, { id: 'member' }, { attempt }), host);
    expect(host.etcd).toMatch(/^of a new cluster kube-el7-install-restore-20261125T190000Z/);
    expect(host.text(`${ASIDE}/snap/db`)).toBe('of the old cluster, revision 900');
  });

  it('says why etcd does not open its copy, where it ends only then', async () => {
    const host = new RestoreHost(recordOf(3)).answer(/^docker logs /, {
      stderr: '2026-11-30 12:57:50.47 C | etcdserver: write /x: no space left on device\n',
    });
    const steps = (await stagesFor(host, 'member')).flatMap(stage => stage.steps);
    const extract = steps.find(({ id }) => id === 'restore-extract');
    const failure = { code: 'timed-out', message: 'It took too long.', hint: 'Look.' };
    expect(await extract?.diagnose?.(host, failure)).toMatchObject({
      message: "etcd does not open the copy of this host's data: the disk of its data is full.",
      hint: expect.stringMatching(/^Nothing was replaced\./) as string,
      seen: ['etcdserver: write /x: no space left on device'],
    });
  });

  it('fails before anything is replaced where its copy turns out to be damaged', async () => {
    const host = new RestoreHost(recordOf(3));
    const stages = await stagesFor(host, 'member');
    const failing = apply(stages, host, (change, { id }) => {
      if (id !== 'restore-log' && id !== 'restore-copy') return;
      host.put(`/var/lib/etcd/member/${LOG_FILE}`, 'garbage in its place');
    });
    await expect(failing).rejects.toMatchObject({ report: { code: 'restore-log-damaged' } });
    expect(host.text('/var/lib/etcd/member/snap/db')).toBe('of the old cluster, revision 900');
  });
});

function expectRestored(host: RestoreHost, revision: number): void {
  const { here, masters } = host.record;
  expect(host.etcd).toMatch(/^of a new cluster kube-el7-install-restore-20261125T\d{6}Z, revision \d+$/);
  expect(Number(/revision (\d+)/.exec(host.etcd ?? '')?.[1])).toBeGreaterThanOrEqual(1900);
  const aside = host.modes().filter(([path]) => path.startsWith('/var/lib/etcd/member.before-restore-'));
  expect(aside.some(([path]) => host.text(path) === 'of the old cluster, revision 900')).toBe(true);
  expect(host.text(APISERVER)).toContain(`--etcd-servers=https://${here.address}:2379\n`);
  expect(host.text(APISERVER)).toContain('--tls=x');
  expect(host.text(APISERVER)).toMatch(/^# Restored by kube-el7-install, \d{8}T\d{6}Z: .*\napiVersion: v1\n/);
  for (const name of ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler'])
    expect(host.runs(`/etc/kubernetes/manifests/${name}.yaml`), name).toBe(true);
  expect(host.runs(masters.length < 2 ? INIT : CLUSTER)).toBe(true);
  for (const [name, data] of host.secrets) {
    const manifest =
      name === here.hostname
        ? (host.text(APISERVER) ?? '')
        : `    - --etcd-servers=https://${here.address}:2379\n`;
    expect(data.get('manifests.kube-apiserver.yaml')).toBe(manifest);
    expect(data.get('files')).toBe(SECRET_FILES(createHash('sha256').update(manifest).digest('hex')));
    expect(data.get('etcd-turn')).toBe(name === here.hostname ? 'cluster' : 'out');
  }
  expect(host.annotation).toMatch(new RegExp(`^\\d{8}T\\d{6}Z from \\S+, revision ${revision}$`));
  const left = host
    .modes()
    .filter(([path]) => /kube-el7-install-restore\/|\/restore\.json|\.etcd-init/.test(path));
  expect([left, host.container]).toEqual([[], false]);
}
