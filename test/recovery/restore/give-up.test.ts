import { beforeAll, describe, expect, it } from 'vitest';
import type { Arguments } from '../../../source/arguments';
import { verdictCheck } from '../../../source/recovery/check';
import { examine } from '../../../source/recovery/examine';
import { attemptFor, findSources, progressOf, restoreStages } from '../../../source/recovery/restore';
import { recoveryWork } from '../../../source/recovery/work';
import { toYaml } from '../../../source/kubernetes/yaml';
import { configurationOf, recorded, recordOf } from '../recorded';
import { apply, APISERVER, CLUSTER, RestoreHost } from './restore-host';

const NOW = new Date('2026-11-25T18:15:53Z');
const RESTORE = '/var/lib/kube-el7-install/restore.json';
const HIDDEN = '/etc/kubernetes/manifests/.etcd-init.yaml';
const MEMBER = '/var/lib/etcd/member';
const ASIDE = `${MEMBER}.before-restore-20261125T181553Z`;
const OTHERS = ['10.0.0.2', '10.0.0.3'];

let configuration: string;

beforeAll(async () => {
  await recorded();
  configuration = await configurationOf({ vip: '10.0.0.100', masters: 'master1,master2,master3' });
});

const given = (more: Partial<Arguments> = {}): Arguments =>
  ({ command: 'readd-member', planOnly: true, ...more }) as Arguments;

/** One of three masters, with everything by which it is known to be one. */
function master(): RestoreHost {
  const host = new RestoreHost(recordOf(3));
  host.put('/etc/kubernetes/kube-el7-install/kubeadm-init.yaml', configuration);
  host.put(APISERVER, toYaml({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'kube-apiserver' } }));
  return host
    .answer('hostname', 'master1\n')
    .respond(/maintenance\/alarm$/, { error: 'connect ECONNREFUSED' });
}

/** A restore of the host's own data is cut off before the first change of that step. */
async function cutOff(host: RestoreHost, before: string): Promise<RestoreHost> {
  const { sources, known } = await findSources(host, host.record);
  const [source] = sources;
  if (source === undefined) throw new Error('no source');
  const stages = restoreStages(host.record, source, { attempt: await attemptFor(host, source, known, NOW) });
  const cut = apply(stages, host, (_, { id }) => {
    if (id === before) throw new Error('killed');
  });
  await expect(cut).rejects.toThrow('killed');
  return host;
}

/** The other masters are there again, and with this one's etcd they are healthy. */
function others(host: RestoreHost, ...addresses: readonly string[]): RestoreHost {
  const answer = (body: string, status = 200) => ({ status, headers: {}, body, roundTripMs: 1 });
  for (const address of addresses) host.others.add(address);
  const quorate = () => addresses.length + (host.etcd === undefined ? 0 : 1) >= 2;
  host.respond(/:2381\/health$/, ({ url }) => {
    const { hostname } = new URL(url);
    const runs = hostname === '10.0.0.1' ? host.etcd !== undefined : host.others.has(hostname);
    if (!runs) return { error: 'connect ECONNREFUSED' };
    return quorate() ? answer('{"health":"true"}') : answer('{"health":"false"}', 503);
  });
  return host.respond(/10\.0\.0\.1:6443\/healthz$/, () =>
    host.runs(APISERVER) && host.etcd !== undefined ? answer('ok') : { error: 'connect ECONNREFUSED' },
  );
}

const files = (host: RestoreHost) =>
  host
    .modes()
    .filter(([path]) => !path.includes('/snapshots'))
    .map(([path]) => [path, host.text(path)]);

describe('a restore that was begun, and the others come back', () => {
  it.each(['restore-safety', 'restore-stop', 'restore-copy', 'restore-extract', 'restore-swap'])(
    'is given up by the plain command where it was cut off before %s, and all is as it was',
    async step => {
      const before = files(master());
      const host = others(await cutOff(master(), step), ...OTHERS);
      const found = await examine(host);
      expect(found).toMatchObject({ verdict: 'give-up', readd: [], mayGiveUp: true });
      expect(found?.summary).toMatch(/has replaced nothing, and /);
      expect((await verdictCheck(given()).run(host)).at(-1)?.level).toBe('warning');
      const { stages } = await recoveryWork(host, given());
      expect(await apply(stages, host)).toEqual(['restore-give-up']);
      expect(files(host).filter(([path]) => !path?.includes('.kube-el7-install'))).toEqual(before);
      expect([host.runs(CLUSTER), host.runs(APISERVER)]).toEqual([true, true]);
      expect(await examine(host)).not.toHaveProperty('mayGiveUp');
    },
  );

  it('is given up from wherever giving up was cut off', async () => {
    for (let cut = 0; cut < 6; cut += 1) {
      const host = others(await cutOff(master(), 'restore-copy'), ...OTHERS);
      let made = 0;
      const { stages } = await recoveryWork(host, given());
      const killed = apply(stages, host, () => {
        if (made >= cut) throw new Error('killed');
        made += 1;
      });
      await expect(killed).rejects.toThrow('killed');
      expect((await examine(host))?.verdict).toBe('give-up');
      await apply((await recoveryWork(host, given())).stages, host);
      expect([host.runs(CLUSTER), host.text(RESTORE), host.text(HIDDEN)]).toEqual([
        true,
        undefined,
        undefined,
      ]);
    }
  });

  it('has its data moved back where it was cut off between the two renames', async () => {
    const host = others(await cutOff(master(), 'restore-swap'), ...OTHERS);
    for (const [path, mode] of host.modes()) {
      if (!path.startsWith(`${MEMBER}/`)) continue;
      host.put(`${ASIDE}${path.slice(MEMBER.length)}`, (await host.read(path)) ?? '', mode).drop(path);
    }
    const { stages } = await recoveryWork(host, given());
    await apply(stages, host);
    expect(host.text(`${MEMBER}/snap/db`)).toBe('of the old cluster, revision 900');
    expect(host.runs(CLUSTER)).toBe(true);
  });

  it('is not gone on with whatever is accepted, and is told how it is given up instead of whom to power off', async () => {
    const host = others(await cutOff(master(), 'restore-copy'), '10.0.0.2');
    const said = given({ acceptDataLoss: true });
    const [finding] = (await verdictCheck(said).run(host)).slice(-1);
    expect(finding).toMatchObject({ level: 'fatal' });
    expect(finding?.fix).toContain('without --accept-data-loss: it gives the restore up');
    expect((await recoveryWork(host, said)).stages).toEqual([]);
    const { sources, known } = await findSources(host, host.record);
    const [source] = sources;
    if (source === undefined) throw new Error('no source');
    const stages = restoreStages(host.record, source, {
      attempt: await attemptFor(host, source, known, NOW),
    });
    await expect(apply(stages, host)).rejects.toMatchObject({
      report: {
        code: 'quorum-not-lost',
        hint: expect.stringMatching(/^Nothing was replaced yet: give the restore up/) as string,
      },
    });
  });
});

describe('a restore that was begun, and nobody is there', () => {
  it('is gone on with, or given up by its own word', async () => {
    const host = await cutOff(master(), 'restore-copy');
    const found = await examine(host);
    expect(found).toMatchObject({ verdict: 'quorum-lost', mayGiveUp: true });
    expect(found?.hint).toContain('--give-up-restore');
    expect((await verdictCheck(given()).run(host)).at(-1)?.level).toBe('fatal');
    const said = given({ giveUpRestore: true });
    expect((await verdictCheck(said).run(host)).at(-1)?.level).toBe('warning');
    await apply((await recoveryWork(host, said)).stages, host);
    expect([host.runs(CLUSTER), host.runs(APISERVER), host.text(RESTORE)]).toEqual([true, true, undefined]);
  });
});

describe('a restore that has replaced the data', () => {
  it('is not given up any more, whoever is there and whatever is said', async () => {
    const host = others(await cutOff(master(), 'restore-start'), ...OTHERS);
    expect(await examine(host)).toMatchObject({ verdict: 'quorum-lost' });
    expect(await examine(host)).not.toHaveProperty('mayGiveUp');
    const said = given({ giveUpRestore: true });
    expect((await verdictCheck(said).run(host)).at(-1)).toMatchObject({ level: 'fatal' });
    expect((await recoveryWork(host, said)).stages).toEqual([]);
    expect(host.text(`${ASIDE}/snap/db`)).toBe('of the old cluster, revision 900');
  });

  it('nor where there was no data of its own before, so that nothing lies aside', async () => {
    const host = master();
    for (const [path] of host.modes()) if (path.startsWith(`${MEMBER}/`)) host.drop(path);
    const snapshot = '/var/lib/kube-el7-install/snapshots/20261125T175223Z-before-master2.db';
    host.put(snapshot, 'revision 500').put(snapshot.replace('.db', '.json'), '{"hash":7,"revision":500}');
    await cutOff(host, 'restore-start');
    expect(host.text(`${MEMBER}/snap/db`)).toContain('of a new cluster');
    expect(await examine(others(host, ...OTHERS))).not.toHaveProperty('mayGiveUp');
  });

  it('nor by a later attempt, which finds the data of an earlier one', async () => {
    const attempt = { id: '20261125T181553Z', source: 'member', revision: 1, known: 1 };
    const host = new RestoreHost(recordOf(3));
    expect(await progressOf(host, { ...attempt, own: MEMBER })).toBe('untouched');
    expect(await progressOf(host, { ...attempt, own: `${MEMBER}.before-restore-x` })).toBe('replaced');
  });
});
