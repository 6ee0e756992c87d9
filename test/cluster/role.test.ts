import { describe, expect, it } from 'vitest';
import { readRole } from '../../source/cluster/role';
import { FakeHost } from '../support/fake-host';
import { controlPlanePod, KUBEADM_FILES, kubeadmEtcd, MANIFESTS, ourEtcd } from './kubeadm-host';

const STATE = '/var/lib/kube-el7-install';
const ETCD = `${MANIFESTS}/etcd.yaml`;
const KUBELET = '/etc/kubernetes/kubelet.conf';
const DATA = { '/var/lib/etcd/member/wal/0.wal': 'x' };
const APISERVER = { [`${MANIFESTS}/kube-apiserver.yaml`]: controlPlanePod('kube-apiserver') };
const KEPT = { '/etc/kubernetes/kube-el7-install/kubeadm-init.yaml': 'x' };
const CONFIG = { [`${STATE}/kubeadm-init.yaml`]: 'x' };
const FINISHED = { [`${STATE}/join-worker`]: 'kubeadm join' };

type Files = Readonly<Record<string, string>>;
const without = (...paths: readonly string[]): Files =>
  Object.fromEntries(Object.entries(KUBEADM_FILES).filter(([path]) => !paths.includes(path)));
const role = (files: Files) => readRole(new FakeHost(files));

describe('a host of this product', () => {
  it.each<[string, Files, string, string]>([
    ['a new one', {}, 'nothing', 'unknown'],
    ['one that was prepared', { [`${STATE}/journal.jsonl`]: '' }, 'prepared', 'unknown'],
    ['one cut off before etcd', { '/etc/kubernetes/pki/ca.crt': 'x' }, 'begun', 'unknown'],
    ['one with the token made', { [`${STATE}/bootstrap-token`]: 'x' }, 'begun', 'ours'],
    ['one whose etcd is there', { [`${MANIFESTS}/etcd-init.yaml`]: ourEtcd(), ...DATA }, 'begun', 'ours'],
    [
      'one on which etcd is swapped',
      { [`${MANIFESTS}/.etcd-init.yaml`]: ourEtcd(), ...DATA },
      'begun',
      'ours',
    ],
    [
      'one whose kubeadm init was cut off',
      { ...CONFIG, ...APISERVER, ...DATA, [`${MANIFESTS}/etcd-init.yaml`]: ourEtcd() },
      'begun',
      'ours',
    ],
    ['a finished one', { ...CONFIG, ...FINISHED, ...APISERVER, [KUBELET]: 'x', ...DATA }, 'master', 'ours'],
    [
      'a joined one, its manifest edited',
      { ...KEPT, ...APISERVER, [`${MANIFESTS}/etcd-cluster.yaml`]: 'x' },
      'master',
      'ours',
    ],
    [
      'one that is being made',
      { '/etc/kubernetes/kube-el7-install/written': 'x', ...APISERVER },
      'begun',
      'ours',
    ],
    [
      'one that a restore has hidden',
      { ...KEPT, ...FINISHED, [`${MANIFESTS}/.etcd-init.yaml`]: ourEtcd() },
      'master',
      'ours',
    ],
    ['one that kubeadm reset ran on', { ...CONFIG, ...FINISHED, ...DATA }, 'master', 'ours'],
    ['a worker', { [KUBELET]: 'x', '/etc/kubernetes/pki/ca.crt': 'x' }, 'worker', 'unknown'],
    ['a worker that joins', { '/etc/kubernetes/bootstrap-kubelet.conf': 'x' }, 'worker', 'unknown'],
  ])('%s', async (_, files, kind, maker) => {
    expect(await role(files)).toMatchObject({ kind, maker, strays: [] });
  });

  it('counts a copy of its own manifest for what it is', async () => {
    const copies = {
      [`${MANIFESTS}/etcd-init.yaml`]: ourEtcd(),
      [`${MANIFESTS}/etcd-init.yaml.bak`]: ourEtcd(),
    };
    const found = await role({ ...CONFIG, ...copies });
    expect([found.maker, found.beyond]).toEqual(['ours', undefined]);
  });

  it('is not taken apart while another etcd lies beside its own', async () => {
    const found = await role({
      ...CONFIG,
      ...FINISHED,
      [`${MANIFESTS}/etcd-init.yaml`]: ourEtcd(),
      [ETCD]: kubeadmEtcd(),
    });
    expect([found.maker, found.beyond]).toEqual(['ours', expect.stringContaining(ETCD)]);
  });
});

describe('what kubeadm made', () => {
  it.each<[string, Files]>([
    ['as it leaves it', KUBEADM_FILES],
    [
      'with its data elsewhere',
      { ...without('/var/lib/etcd/member/snap/db'), [ETCD]: kubeadmEtcd({ data: '/data/etcd' }) },
    ],
    ['with etcd down and its data there', without(`${MANIFESTS}/kube-apiserver.yaml`)],
    [
      'under a name that this product uses',
      { ...without(ETCD), [`${MANIFESTS}/etcd-init.yaml`]: kubeadmEtcd() },
    ],
    [
      'with an etcd manifest that ends in .manifest',
      { ...without(ETCD), [`${MANIFESTS}/etcd.manifest`]: kubeadmEtcd() },
    ],
    [
      'with the manifests set aside',
      without(ETCD, ...Object.keys(KUBEADM_FILES).filter(path => path.startsWith(MANIFESTS))),
    ],
    ['cut off before the kubelet', { ...without(KUBELET, `${MANIFESTS}/kube-apiserver.yaml`) }],
    ['over records that this product left', { ...KUBEADM_FILES, ...CONFIG, ...FINISHED }],
    ['after prepare', { ...KUBEADM_FILES, [`${STATE}/journal.jsonl`]: '' }],
    ['with its etcd elsewhere', { ...without(ETCD, '/var/lib/etcd/member/snap/db') }],
    ['an etcd host alone', { [ETCD]: kubeadmEtcd(), ...DATA }],
  ])('is a master, and not ours: %s', async (_, files) => {
    const found = await role(files);
    expect(found).toMatchObject({ kind: 'master', maker: 'other', strays: [] });
    expect(found.beyond).toBeUndefined();
    expect(found.evidence[0]).toMatch(/^\/(etc\/kubernetes|var\/lib\/etcd)/);
  });

  it('has its data where the pod has it on the host, not in its container', async () => {
    const found = await role({ ...KUBEADM_FILES, [ETCD]: kubeadmEtcd({ host: '/data/etcd' }) });
    expect(found.etcd).toMatchObject({ dataDirectory: '/data/etcd', access: { scheme: 'https' } });
  });

  it('is asked at the ports that its flags name, without TLS too', async () => {
    const flags = [
      '--advertise-client-urls=http://127.0.0.1:4001',
      '--initial-advertise-peer-urls=http://127.0.0.1:7001',
    ];
    const { etcd } = await role({ ...KUBEADM_FILES, [ETCD]: kubeadmEtcd({ flags }) });
    const ports = { clients: 4001, metrics: 4001, peers: 7001 };
    expect(etcd?.access).toEqual({ scheme: 'http', ports });
  });

  it.each<[string, Files, RegExp]>([
    [
      'its containers are not docker’s',
      {
        '/var/lib/kubelet/kubeadm-flags.env':
          'A="--container-runtime=remote --container-runtime-endpoint=unix:///run/containerd/containerd.sock"',
      },
      /containerd\.sock/,
    ],
    [
      'its kubelet reads another folder',
      { '/var/lib/kubelet/config.yaml': 'staticPodPath: /etc/kubelet.d\n' },
      /\/etc\/kubelet\.d/,
    ],
    ['etcd does not say where its data is', { [ETCD]: controlPlanePod('etcd', '--name=x') }, /does not tell/],
    ['etcd’s manifest is cut short', { [ETCD]: '' }, /cannot be read/],
    ['two etcds run here', { [`${MANIFESTS}/etcd-events.yaml`]: kubeadmEtcd() }, /several etcds/],
  ])('is not taken apart where %s', async (_, files, why) => {
    expect((await role({ ...KUBEADM_FILES, ...files })).beyond).toMatch(why);
  });

  it('is not taken apart where systemd runs its etcd', async () => {
    const unit = {
      '/usr/lib/systemd/system/etcd.service': '[Service]\nEnvironmentFile=-/etc/etcd/etcd.conf\n',
    };
    const conf = { '/etc/etcd/etcd.conf': '#[Member]\nETCD_DATA_DIR="/var/lib/etcd/default.etcd"\n' };
    const data = { '/var/lib/etcd/default.etcd/member/snap/db': 'x' };
    const files = { ...without(ETCD, '/var/lib/etcd/member/snap/db'), ...unit, ...conf, ...data };
    expect((await role(files)).beyond).toBe(
      'its etcd is run by systemd (etcd.service), with its data in /var/lib/etcd/default.etcd',
    );
  });
});

describe('what other tools made', () => {
  it.each<[string, Files, 'master' | 'worker']>([
    ['k3s', { '/var/lib/rancher/k3s/server/db/state.db': 'x' }, 'master'],
    ['k3s', { '/var/lib/rancher/k3s/agent/kubelet.kubeconfig': 'x' }, 'worker'],
    ['RKE2', { '/var/lib/rancher/rke2/server/db/etcd/member/wal/0.wal': 'x' }, 'master'],
    ['RKE', { '/etc/kubernetes/ssl/kube-etcd-ca.pem': 'x', '/opt/rke/a': 'x', ...DATA }, 'master'],
    ['k0s', { '/var/lib/k0s/etcd/member/wal/0.wal': 'x' }, 'master'],
    ['OpenShift 3', { '/etc/origin/master/master-config.yaml': 'x', ...DATA }, 'master'],
    ['OpenShift 3', { '/etc/origin/node/node-config.yaml': 'x' }, 'worker'],
    ['Kubespray', { ...without(ETCD), '/etc/etcd.env': 'ETCD_DATA_DIR=/var/lib/etcd\n' }, 'master'],
    ['minikube', { ...KUBEADM_FILES, '/var/lib/minikube/certs/ca.crt': 'x' }, 'master'],
  ])('%s', async (name, files, kind) => {
    const found = await role(files);
    expect(found).toMatchObject({ kind, maker: 'other', tool: { name } });
    expect(found.beyond).toContain(name);
  });

  it('counts nothing that an uninstallation has left empty', async () => {
    const host = new FakeHost();
    await host.makeDirectory('/var/lib/rancher/k3s/agent', 0o700);
    expect((await readRole(host)).kind).toBe('nothing');
  });
});

describe("somebody else's etcd", () => {
  const unit = {
    '/etc/systemd/system/etcd.service': 'ExecStart=/usr/local/bin/etcd --data-dir=/srv/etcd \\\n',
  };

  it.each<[string, Files, string, readonly object[]]>([
    ['data alone', DATA, 'nothing', [{ directory: '/var/lib/etcd' }]],
    ['on a worker', { [KUBELET]: 'x', ...DATA }, 'worker', [{ directory: '/var/lib/etcd' }]],
    [
      'under systemd, on a worker',
      { [KUBELET]: 'x', ...unit, '/srv/etcd/member/snap/db': 'x' },
      'worker',
      [{ directory: '/srv/etcd', unit: 'etcd.service' }],
    ],
    ['installed and never started', { ...unit, '/srv/etcd/README': 'x' }, 'nothing', []],
    [
      'beside ours',
      { ...CONFIG, ...FINISHED, ...DATA, '/var/lib/etcd/default.etcd/member/snap/db': 'x' },
      'master',
      [{ directory: '/var/lib/etcd/default.etcd' }],
    ],
    [
      'what this product keeps beside its data is none',
      { ...CONFIG, ...FINISHED, '/var/lib/etcd/member.before-1/member/snap/db': 'x' },
      'master',
      [],
    ],
  ])('%s', async (_, files, kind, strays) => {
    expect(await role(files)).toMatchObject({ kind, strays });
  });
});
