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
import {
  apply,
  APISERVER,
  CLUSTER,
  INIT,
  LOG_FILE,
  RestoreHost,
  SECRET_FILES,
  SNAPSHOT,
  withSnapshot,
} from './restore-host';

const sum = (text: string): string => createHash('sha256').update(text).digest('hex');

const NOW = new Date('2026-11-25T18:15:53Z');
const ASIDE = '/var/lib/etcd/member.before-restore-20261125T181553Z';

beforeAll(recorded);

async function stagesFor(host: RestoreHost, id: string): Promise<ReturnType<typeof restoreStages>> {
  const { sources, known } = await findSources(host, host.record);
  const source = sources.find(one => one.id === id);
  if (source === undefined) throw new Error(`no source ${id}`);
  return restoreStages(host.record, source, { attempt: await attemptFor(host, source, known, NOW) });
}

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

  it('leaves the manifest of an apiserver as it is that asks the etcd beside it', async () => {
    const host = new RestoreHost(recordOf(3));
    const path = '/etc/kubernetes/manifests/kube-apiserver.yaml';
    const own = (host.text(path) ?? '').replace(/--etcd-servers=.*/, '--etcd-servers=https://127.0.0.1:2379');
    host.put(path, own, 0o600);
    for (const secret of host.secrets.values())
      secret.set('manifests.kube-apiserver.yaml', own).set('files', SECRET_FILES(sum(own)));
    await apply(await stagesFor(host, 'member'), host);
    expect(host.text(path)).toBe(own);
    for (const secret of host.secrets.values()) {
      expect(secret.get('manifests.kube-apiserver.yaml')).toBe(own);
      expect(secret.get('files')).toBe(SECRET_FILES(sum(own)));
    }
  });

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
  expect(host.text(APISERVER)).toContain(`--etcd-servers=https://127.0.0.1:2379\n`);
  expect(host.text(APISERVER)).toContain('--tls=x');
  expect(host.text(APISERVER)).toMatch(/^# Restored by kube-el7-install, \d{8}T\d{6}Z: .*\napiVersion: v1\n/);
  for (const name of ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler'])
    expect(host.runs(`/etc/kubernetes/manifests/${name}.yaml`), name).toBe(true);
  expect(host.runs(masters.length < 2 ? INIT : CLUSTER)).toBe(true);
  for (const [name, data] of host.secrets) {
    const manifest =
      name === here.hostname ? (host.text(APISERVER) ?? '') : `    - --etcd-servers=https://127.0.0.1:2379\n`;
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
