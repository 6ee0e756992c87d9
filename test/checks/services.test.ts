import { describe, expect, it } from 'vitest';
import { docker } from '../../source/checks/docker';
import { firewall } from '../../source/checks/firewall';
import { leftovers } from '../../source/checks/leftovers';
import { ports } from '../../source/checks/ports';
import { KUBEADM_CONFIG } from '../../source/steps/paths';
import { KUBEADM_FILES, ourEtcd } from '../cluster/kubeadm-host';
import { FakeHost } from '../support/fake-host';
import { El7, apply, settingsWith } from '../steps/prepare/el7';
import { firewalld } from '../../source/steps/prepare/firewalld';
import { found, levels } from './found';

const settings = await settingsWith();

describe('firewall', () => {
  it('tells of what will be opened, and is content when it is', async () => {
    const host = new El7().unit('firewalld.service', 'active', 'enabled');
    const [finding] = await firewall(settings).run(host);
    expect(finding?.level).toBe('warning');
    expect(finding?.message).toContain(
      '6443/tcp, 10250/tcp, 2379-2380/tcp, 2381/tcp, 8472/udp, protocol vrrp, packets of pods (10.244.0.0/16)',
    );
    await apply(firewalld(settings), host);
    expect((await firewall(settings).run(host)).map(one => one.level)).toEqual(['ok']);
  });

  it('warns of one that will only start at the next boot, and of rules that are not firewalld', async () => {
    expect(
      await levels(firewall(settings), new El7().unit('firewalld.service', 'inactive', 'enabled')),
    ).toEqual(['warning']);
    expect(await levels(firewall(settings), new El7().unit('iptables.service', 'active', 'enabled'))).toEqual(
      ['warning'],
    );
    expect(await levels(firewall(settings), new El7())).toEqual(['ok']);
  });
});

describe('ports', () => {
  const ss = (...rows: readonly string[]) =>
    new FakeHost().answer(
      'ss -ltnp',
      ['State Recv-Q Send-Q Local Address:Port Peer Address:Port', ...rows, ''].join('\n'),
    );
  const row = (address: string, program: string) =>
    `LISTEN 0 128 ${address} *:* users:(("${program}",pid=77,fd=3))`;

  it('is content with free ports, and with others that are taken', async () => {
    expect(await levels(ports('install'), ss(row('*:22', 'sshd'), row('127.0.0.1:10248', 'x')))).toEqual([
      'ok',
    ]);
  });

  it.each(['*:6443', ':::6443', '[::]:6443', '0.0.0.0:6443', '127.0.0.1:6443'])(
    'finds a program on %s',
    async address => {
      const [finding, ...others] = await found(ports('install'), ss(row(address, 'nginx')));
      expect(finding?.level).toBe('fatal');
      expect(finding?.message).toBe('port 6443 is taken by nginx (process 77), and kube-apiserver needs it');
      expect(others).toEqual([]);
    },
  );

  it('tells of each port, once for both families', async () => {
    const host = ss(row('0.0.0.0:2379', 'etcd'), row('[::]:2379', 'etcd'), row('*:2380', 'etcd'));
    expect(await levels(ports('install'), host)).toEqual(['fatal', 'fatal']);
  });

  it("knows its own run's programs by what that run left, and nothing else on their ports", async () => {
    const ours = { '/etc/kubernetes/manifests/etcd-init.yaml': ourEtcd() };
    const rows = [row('*:6443', 'kube-apiserver'), row('*:10257', 'kube-controller'), row('*:2379', 'etcd')];
    const answer = (...all: readonly string[]) =>
      new FakeHost(ours).answer('ss -ltnp', `State\n${all.join('\n')}\n`);
    expect(await levels(ports('install'), answer(...rows, row('10.0.0.1:2381', 'etcd')))).toEqual(['ok']);
    expect(await levels(ports('install'), answer(...rows, row('*:10250', 'nginx')))).toEqual(['fatal']);
    expect(await levels(ports('install'), ss(...rows))).toEqual(['fatal', 'fatal', 'fatal']);
  });

  it('needs no more than the kubelet of an image, which may have joined since', async () => {
    expect(await levels(ports('prepare'), ss(row('*:10250', 'kubelet'), row('*:6443', 'nginx')))).toEqual([
      'ok',
    ]);
    expect(await levels(ports('prepare'), ss(row('*:10250', 'nginx')))).toEqual(['fatal']);
  });

  it('asks again where a port is taken and nobody said by whom, as while the kubelet is started anew', async () => {
    const unnamed = 'LISTEN 0 128 *:10250 *:*';
    const host = new FakeHost({ '/etc/kubernetes/manifests/etcd-init.yaml': ourEtcd() });
    const answers = [unnamed, unnamed, row('*:10250', 'kubelet')];
    host.answer('ss -ltnp', () => `State\n${answers.shift() ?? ''}\n`);
    expect(await levels(ports('install', 1), host)).toEqual(['ok']);
    const [finding] = await found(ports('install', 1), host.answer('ss -ltnp', `State\n${unnamed}\n`));
    expect(finding?.message).toBe('port 10250 is taken by another program, and kubelet needs it');
    expect(host.calls.filter(call => JSON.stringify(call).includes('ss -ltnp'))).toHaveLength(3 + 5);
  });

  it('does not take silence for freedom', async () => {
    expect(await levels(ports('install'), new FakeHost().answer('ss -ltnp', { code: 127 }))).toEqual([
      'warning',
    ]);
  });
});

describe('docker', () => {
  const running = (instead: Partial<Pick<El7, 'storage' | 'cgroupDriver' | 'insecure'>> = {}) => {
    const host = new El7().unit('docker.service', 'active', 'enabled');
    host.packages.set('docker', '1.13.1');
    return Object.assign(host, instead);
  };
  const loop = {
    Driver: 'devicemapper',
    DriverStatus: [
      ['Data file', '/dev/loop0'],
      ['Data loop file', '/var/lib/docker/devicemapper/data'],
    ],
  };

  it.each([
    ['not there', new El7(), ['ok']],
    ['stopped', new El7().unit('docker.service', 'inactive', 'disabled'), ['ok']],
    ['running', running(), ['ok']],
    ['failed before', new El7().unit('docker.service', 'failed', 'enabled'), ['warning']],
    ['on a loop file', running({ storage: loop }), ['warning']],
    [
      'on a thin pool',
      running({ storage: { Driver: 'devicemapper', DriverStatus: [['Pool Name', 'x']] } }),
      ['ok'],
    ],
    ['on vfs', running({ storage: { Driver: 'vfs', DriverStatus: null } }), ['warning']],
    ['too old', running({ storage: { Driver: 'overlay2', ServerVersion: '1.12.6' } }), ['fatal']],
    ['without a cgroup driver', running({ cgroupDriver: 'none' }), ['fatal']],
    ['docker-latest instead', new El7().unit('docker-latest.service', 'active', 'enabled'), ['fatal']],
  ])('%s', async (_, host, expected) => {
    expect(await levels(docker(settings), host)).toEqual(expected);
  });

  it('is fatal where it runs and does not answer, or has a file that it cannot read', async () => {
    const host = running();
    host.dockerAnswers = false;
    expect(await levels(docker(settings), host)).toEqual(['fatal']);
    expect(await levels(docker(settings), new El7({ '/etc/docker/daemon.json': '{' }))).toEqual([
      'fatal',
      'ok',
    ]);
  });

  it('warns of a registry that is taken unverified although that was not asked for', async () => {
    const host = running({ insecure: ['10.0.0.5:5000'] });
    expect(await levels(docker(settings), host)).toEqual(['ok']);
    const verified = { ...settings, registry: { ...settings.registry, plainHttp: false } };
    expect(await levels(docker(verified), host)).toEqual(['warning', 'ok']);
  });
});

describe('leftovers', () => {
  const check = leftovers(settings, 'install');
  const MANIFESTS = '/etc/kubernetes/manifests';

  it('is content with a fresh host, and with what this installer left', async () => {
    const host = new El7({
      [KUBEADM_CONFIG]: '',
      [`${MANIFESTS}/etcd-init.yaml`]: '',
      [`${MANIFESTS}/kube-apiserver.yaml`]: '',
      '/var/lib/etcd/member/wal/0.wal': '',
      '/etc/kubernetes/kubelet.conf': '',
      '/etc/cni/net.d/10-flannel.conflist': '',
    });
    host.packages.set('kubelet', '1.20.2');
    expect(await levels(check, host)).toEqual(['ok']);
    expect(await levels(check, new El7())).toEqual(['ok']);
  });

  it('knows the pods of several masters, and passes over what the kubelet passes over', async () => {
    const host = new El7({
      [KUBEADM_CONFIG]: '',
      [`${MANIFESTS}/etcd-cluster.yaml`]: '',
      [`${MANIFESTS}/keepalived.yaml`]: '',
      [`${MANIFESTS}/.etcd-init.yaml`]: '',
      '/etc/kubernetes/kubelet.conf': '',
      '/var/lib/etcd/member/wal/0.wal': '',
    });
    host.packages.set('kubelet', '1.20.2');
    expect(await levels(check, host)).toEqual(['ok']);
  });

  it.each([
    [
      'pods of another installation',
      { [KUBEADM_CONFIG]: '', [`${MANIFESTS}/etcd-init.yaml`]: '', [`${MANIFESTS}/lb.manifest`]: '' },
    ],
    ['a master that kubeadm made', KUBEADM_FILES],
    ['a node of k3s', { '/var/lib/rancher/k3s/agent/x': '' }],
    ["the data of EL7's own etcd", { '/var/lib/etcd/default.etcd/member/wal/0.wal': '' }],
    ['a control plane that is not ours', { [`${MANIFESTS}/kube-apiserver.yaml`]: '' }],
    ['a node of another cluster', { '/etc/kubernetes/kubelet.conf': '' }],
    ["another etcd's data", { '/var/lib/etcd/member/wal/0.wal': '' }],
    ['a network that comes first', { '/etc/cni/net.d/05-other.conf': '' }],
  ])('%s', async (_, files) => {
    expect(await levels(check, new El7(files))).toEqual(['fatal']);
  });

  it('says of a cluster that another tool made what reset says of it, and lets prepare not touch it', async () => {
    for (const purpose of ['install', 'prepare'] as const) {
      const [finding] = await found(leftovers(settings, purpose), new El7(KUBEADM_FILES));
      expect(finding).toMatchObject({
        level: 'fatal',
        message: expect.stringMatching(
          /a master of a cluster that kubeadm made, not this installer \(.*etcd\.yaml\)$/,
        ) as string,
        fix: expect.stringContaining('kube-el7-install reset') as string,
      });
    }
  });

  it('lets a network that comes later stand, and what is no configuration', async () => {
    const host = new El7({ '/etc/cni/net.d/87-podman-bridge.conflist': '', '/etc/cni/net.d/00-README': '' });
    expect(await levels(check, host)).toEqual(['ok']);
  });

  it('does not upgrade a node by accident', async () => {
    const host = new El7({ '/etc/kubernetes/kubelet.conf': '' });
    host.packages.set('kubelet', '1.19.16');
    expect(await levels(leftovers(settings, 'prepare'), host)).toEqual(['fatal']);
    host.packages.set('kubelet', '1.20.2');
    expect(await levels(leftovers(settings, 'prepare'), host)).toEqual(['ok']);
  });
});
