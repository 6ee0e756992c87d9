import { describe, expect, it } from 'vitest';
import { departure } from '../../source/checks/reset';
import { takingBack } from '../../source/checks/undo';
import { UNDO } from '../../source/steps/paths';
import {
  controlPlanePod,
  KUBEADM_FILES,
  kubeadmEtcd,
  kubeadmMaster,
  MANIFESTS,
} from '../cluster/kubeadm-host';
import type { ResetHost } from '../steps/reset/reset-host';
import { found } from './found';

const ETCD = `${MANIFESTS}/etcd.yaml`;
const unasked = { unasked: true, acceptsLoss: false };
const accepting = { unasked: true, acceptsLoss: true };

async function messages(host: ResetHost, said = unasked): Promise<readonly string[]> {
  const all = await found(departure(said), host);
  return all.map(({ level, message, fix = '' }) => `${level}: ${message} | ${fix}`);
}

describe('the departure of a master that kubeadm made', () => {
  it('is named, and refused without --accept-data-loss where it is the last one', async () => {
    const said = await messages(kubeadmMaster());
    expect(said[0]).toMatch(
      /^warning: this host is a master of a cluster that kubeadm made, not this installer \(.*etcd\.yaml\)/,
    );
    expect(said[1]).toMatch(
      /^fatal: master1 is the cluster's only master: .* all that etcd has \| Say --accept-data-loss/,
    );
    expect((await messages(kubeadmMaster(), accepting))[1]).toMatch(/^warning: /);
  });

  it.each<[string, Readonly<Record<string, string | undefined>>]>([
    ['under a name of this product', { [ETCD]: undefined, [`${MANIFESTS}/etcd-init.yaml`]: kubeadmEtcd() }],
    ['over records that this product left', { '/var/lib/kube-el7-install/join-worker': 'kubeadm join' }],
    [
      'with its data elsewhere',
      { [ETCD]: kubeadmEtcd({ data: '/data/etcd' }), '/data/etcd/member/snap/db': 'x' },
    ],
  ])('is refused likewise %s', async (_, files) => {
    expect((await messages(kubeadmMaster(1, files)))[1]).toMatch(
      /^fatal: master1 is the cluster's only master/,
    );
  });

  it.each<[string, (host: ResetHost) => void]>([
    ['etcd does not answer', host => host.broken.add('master1')],
    ['its manifest was set aside', host => host.drop(ETCD)],
    [
      'all manifests were set aside',
      host => {
        Object.keys(KUBEADM_FILES)
          .filter(path => path.startsWith(MANIFESTS))
          .forEach(path => host.drop(path));
      },
    ],
    [
      'its member has an address that is none of this host',
      host => (host.members = host.members.map(one => ({ ...one, name: 'x', url: 'https://10.9.9.9:2380' }))),
    ],
  ])('is refused where it cannot be known, since %s', async (_, change) => {
    const host = kubeadmMaster();
    change(host);
    const said = await messages(host);
    expect(said.filter(one => one.startsWith('fatal'))).toHaveLength(1);
    expect(said.join()).toContain('--accept-data-loss');
    expect((await messages(host, accepting)).filter(one => one.startsWith('fatal'))).toEqual([]);
  });

  it('is free for one of three that are well, with the arithmetic, and refused where it costs the quorum', async () => {
    expect((await messages(kubeadmMaster(3)))[1]).toContain(
      'now 3 of 3 voters are healthy, quorum 2; without this host 2 of 2',
    );
    const host = kubeadmMaster(3);
    host.broken.add('master3');
    expect((await messages(host, accepting))[1]).toMatch(/^fatal: the cluster needs master1: now 2 of 3/);
  });

  it('leaves an etcd on other hosts alone, and says so', async () => {
    const apiserver = controlPlanePod(
      'kube-apiserver',
      '--etcd-servers=https://10.7.0.1:2379,https://10.7.0.2:2379',
    );
    const files = {
      [ETCD]: undefined,
      '/var/lib/etcd/member/snap/db': undefined,
      [`${MANIFESTS}/kube-apiserver.yaml`]: apiserver,
    };
    const said = await messages(kubeadmMaster(1, files));
    expect(said[1]).toMatch(
      /^warning: master1 is a master whose etcd is on other hosts \(https:\/\/10\.7\.0\.1:2379, /,
    );
  });

  it.each<[string, Readonly<Record<string, string | undefined>>, RegExp]>([
    [
      'an etcd that nobody knows of',
      { [ETCD]: undefined, '/var/lib/etcd/member/snap/db': undefined },
      /asks an etcd on this host \(https:\/\/127\.0\.0\.1:2379\)/,
    ],
    ['k3s', { '/var/lib/rancher/k3s/server/db/state.db': 'x' }, /k3s-uninstall\.sh/],
    [
      'another runtime',
      { '/var/lib/kubelet/kubeadm-flags.env': '--container-runtime-endpoint=unix:///run/crio/crio.sock' },
      /crio\.sock.*etcdctl snapshot save/,
    ],
  ])('is refused whatever is accepted for %s, with what to do', async (_, files, why) => {
    const said = await messages(kubeadmMaster(1, files), accepting);
    expect(said).toHaveLength(1);
    expect(said[0]).toMatch(/^fatal: /);
    expect(said[0]).toMatch(why);
  });

  it("of a worker with somebody else's etcd leaves that alone, and says so", async () => {
    const host = kubeadmMaster();
    for (const [path] of host.modes()) if (!/kubelet\.conf|\/var\/lib\/etcd/.test(path)) host.drop(path);
    const said = await messages(host);
    expect(said[0]).toMatch(/^warning: master1 is a worker/);
    expect(said[1]).toMatch(/^warning: data of an etcd .* is left as it is: \/var\/lib\/etcd \|/);
  });
});

it('is refused where an etcd under systemd has its certificates in what reset empties', async () => {
  const unit =
    'ExecStart=/usr/bin/etcd --data-dir=/srv/etcd --cert-file=/etc/kubernetes/pki/etcd/server.crt\n';
  const host = kubeadmMaster(1, {
    '/etc/systemd/system/etcd.service': unit,
    '/srv/etcd/member/snap/db': 'x',
  });
  for (const [path] of host.modes())
    if (/manifests|\/var\/lib\/etcd|apiserver|manager/.test(path)) host.drop(path);
  const [said] = await messages(host, accepting);
  expect(said).toMatch(
    /^fatal: an etcd .* reads files below \/etc\/kubernetes, .*: \/srv\/etcd \(etcd\.service of systemd\)/,
  );
});

describe('taking back', () => {
  const packages = { kind: 'packages', packages: ['kubelet'], before: 'x' };

  function prepared(host: ResetHost, inverse: object = packages): ResetHost {
    const header = { v: 1, run: 'run1', command: 'prepare', time: '2026-11-25T18:00:00Z', others: [] };
    const entry = { n: 1, step: 's', title: 'S', inverse };
    return host.put(`${UNDO}/run1.jsonl`, `${JSON.stringify(header)}\n${JSON.stringify(entry)}\n`);
  }

  it('takes nothing from under a cluster that another tool made', async () => {
    const [finding] = await found(takingBack([]), prepared(kubeadmMaster()));
    expect(finding).toMatchObject({ level: 'fatal' });
    expect(finding?.message).toContain('a master of a cluster that kubeadm made');
    const cluster = { kind: 'cluster', finished: false };
    expect((await found(takingBack([]), prepared(kubeadmMaster(), cluster)))[0]?.level).toBe('fatal');
  });

  it('takes docker and the kubelet from under no worker, and goes on with what a worker does without', async () => {
    const worker = (inverse: object): ResetHost => {
      const host = kubeadmMaster();
      for (const [path] of host.modes()) if (!path.endsWith('kubelet.conf')) host.drop(path);
      return prepared(host, inverse);
    };
    const [finding] = await found(takingBack([]), worker(packages));
    expect(finding?.message).toContain('this host is a worker of a cluster (/etc/kubernetes/kubelet.conf)');
    const path = { kind: 'path', path: '/etc/motd', former: { was: 'absent' } };
    expect((await found(takingBack([]), worker(path)))[0]?.level).toBe('ok');
  });
});
