import { describe, expect, it } from 'vitest';
import { readPlace } from '../../../source/cluster/place';
import { changesOn } from '../../../source/changes';
import type { Change } from '../../../source/engine/change';
import { isMet } from '../../../source/steps/manifest';
import { endKeeping, findKeeping, RESET } from '../../../source/steps/reset/kept';
import { inSeries } from '../../../source/steps/reset/series';
import { takeDown } from '../../../source/steps/reset/take-down';
import { kubeadmEtcd, kubeadmMaster, MANIFESTS } from '../../cluster/kubeadm-host';
import { settingsWith } from '../prepare/el7';
import type { ResetHost } from './reset-host';

const NOW = new Date('2026-11-25T18:00:00Z');
const KEPT = '/var/lib/kube-el7-install/kept/20261125T180000Z';
const silent = { output: () => undefined, note: () => undefined, secret: () => undefined };

/** A reset without what prepares, as far as it comes before `before` ends it. */
async function reset(host: ResetHost, before: (change: Change) => void = () => undefined): Promise<void> {
  const [place, keeping] = [await readPlace(host), await findKeeping(host, RESET, { now: NOW, keeps: true })];
  const outlines = takeDown(await settingsWith(), place, keeping, RESET);
  const end = { id: 'end', title: '', steps: [(after: readonly string[]) => endKeeping(keeping, after)] };
  for (const step of inSeries([...outlines, end]).flatMap(({ steps }) => steps)) {
    for (const change of step.plan(await step.probe(host))) {
      before(change);
      if (change.kind !== 'await') await changesOn(host).perform(change, silent);
      else expect(await isMet(host, change.condition), change.condition.title).toBe(true);
    }
    expect(step.plan(await step.probe(host)), step.id).toEqual([]);
  }
}

const left = (host: ResetHost) =>
  host
    .modes()
    .map(([path]) => path)
    .filter(path => /^\/(etc\/kubernetes|var\/lib\/(etcd|kubelet)|data)\//.test(path));

describe('a master that kubeadm made', () => {
  it.each([
    ['in the usual place', '/var/lib/etcd'],
    ['elsewhere', '/data/etcd'],
  ])('has its etcd saved, through its own certificates, before its data goes that is %s', async (_, data) => {
    const files = { [`${MANIFESTS}/etcd.yaml`]: kubeadmEtcd({ data }), [`${data}/member/snap/db`]: 'data' };
    const host = kubeadmMaster(1, files);
    if (data !== '/var/lib/etcd') host.drop('/var/lib/etcd/member/snap/db');
    await reset(host);
    const saved = host.executed.findIndex(command => command.includes('snapshot save'));
    const verified = host.executed.findIndex(command => command.includes('snapshot status'));
    const gone = host.executed.findIndex(command => command.includes(`-- ${data}/member`));
    const taken = host.executed.findIndex(command => command.startsWith('kubeadm reset'));
    expect(saved).toBeGreaterThan(-1);
    expect([saved, verified, taken, gone]).toEqual([saved, verified, taken, gone].sort((a, b) => a - b));
    expect(host.executed[saved]).toContain('--cert=/etc/kubernetes/pki/etcd/healthcheck-client.crt');
    expect(host.text(`${KEPT}/etcd.db`)).toBe('etcd');
    expect(host.text(`${KEPT}/kubernetes/manifests/etcd.yaml`)).toContain('k8s.gcr.io/etcd');
    expect(left(host)).toEqual([]);
  });

  it('has its data moved aside, whole, where its etcd does not answer', async () => {
    const host = kubeadmMaster();
    host.broken.add('master1');
    await reset(host);
    expect(host.text(`${KEPT}/etcd/member/snap/db`)).toBe('data');
    expect(left(host)).toEqual([]);
  });

  it('loses no data wherever it is cut off, and comes to the same end', async () => {
    let count = 0;
    await reset(kubeadmMaster(), () => (count += 1));
    expect(count).toBeGreaterThan(20);
    for (let cut = 1; cut < count; cut += 1) {
      const host = kubeadmMaster();
      let made = 0;
      const killed = reset(host, () => {
        if (made >= cut) throw new Error('killed');
        made += 1;
      });
      await expect(killed).rejects.toThrow('killed');
      const kept = host.text(`${KEPT}/etcd.db`) ?? host.text('/var/lib/etcd/member/snap/db');
      expect(kept, `cut off after ${cut} changes`).toBeDefined();
      await reset(host);
      expect(left(host), `cut off after ${cut} changes`).toEqual([]);
      expect(host.text(`${KEPT}/etcd.db`)).toBe('etcd');
    }
  });

  it('is taken out of an etcd of three by one that stays', async () => {
    const host = kubeadmMaster(3);
    await reset(host);
    expect(host.members.map(({ name }) => name)).toEqual(['master2', 'master3']);
    expect(host.executed.find(command => command.includes('member remove'))).toContain(
      'https://10.0.0.2:2379',
    );
  });
});

describe("somebody else's etcd", () => {
  it('keeps its data on a worker, and beside that of a master of ours', async () => {
    const worker = kubeadmMaster(1, { '/var/lib/etcd/default.etcd/member/snap/db': 'theirs' });
    for (const [path] of worker.modes()) if (!/kubelet|\/var\/lib\/etcd/.test(path)) worker.drop(path);
    await reset(worker);
    expect(worker.text('/var/lib/etcd/member/snap/db')).toBe('data');
    expect(worker.text('/var/lib/etcd/default.etcd/member/snap/db')).toBe('theirs');
    const master = kubeadmMaster(1, {
      [`${MANIFESTS}/etcd.yaml`]: undefined,
      '/var/lib/kube-el7-install/join-worker': 'kubeadm join',
      '/var/lib/etcd/default.etcd/member/snap/db': 'theirs',
      '/var/lib/etcd/lost+found/1': 'x',
    });
    await reset(master);
    expect(master.text('/var/lib/etcd/member/snap/db')).toBeUndefined();
    expect(left(master)).toEqual(['/var/lib/etcd/default.etcd/member/snap/db', '/var/lib/etcd/lost+found/1']);
  });

  it('keeps its data on a host where ours has come no further than its configuration', async () => {
    const host = kubeadmMaster();
    for (const [path] of host.modes()) if (!/\/var\/lib\/etcd/.test(path)) host.drop(path);
    host.put('/var/lib/kube-el7-install/kubeadm-init.yaml', 'kind: ClusterConfiguration\n');
    await reset(host);
    expect(left(host)).toEqual(['/var/lib/etcd/member/snap/db']);
  });

  it('keeps the routes of a site whose cluster does not say what its pods have', async () => {
    const host = kubeadmMaster(1, { [`${MANIFESTS}/kube-controller-manager.yaml`]: undefined });
    await reset(host);
    expect(host.routes).toContain('10.244.1.0/24 via 10.0.0.2 dev eth0');
  });
});
