import { describe, expect, it } from 'vitest';
import { kubelet } from '../../source/checks/kubelet';
import { El7, settingsWith } from '../steps/prepare/el7';
import { found } from './found';

const settings = await settingsWith();
const FILE = '/etc/sysconfig/kubelet';
const check = kubelet(settings);
const withFile = (text: string): El7 =>
  new El7({ [FILE]: text, '/proc/sys/kernel/hostname': 'Master1\n' })
    .unit('docker.service', 'active', 'enabled')
    .answer(
      'ip -4 -o addr show scope global',
      '2: eth0    inet 10.0.0.11/24 scope global eth0\n3: eth1    inet 10.1.0.11/24 scope global eth1\n',
    )
    .answer('hostname', 'master1\n')
    .answer('getent ahostsv4 master1', '10.0.0.11 STREAM master1\n');
const given = async (flags: string): Promise<string> =>
  (await found(check, withFile(`KUBELET_EXTRA_ARGS=${flags}\n`)))
    .map(({ level, message }) => `${level} ${message}`)
    .join('\n');

describe("the kubelet's flags", () => {
  it('are well where there are none, and where they do not contradict anything', async () => {
    expect(await given('')).toMatch(/^ok it is given none/);
    expect((await found(check, withFile('').drop(FILE)))[0]?.level).toBe('ok');
    expect(
      await given('--node-labels=a=b --max-pods=50 --node-ip=10.0.0.11 --hostname-override=master1'),
    ).toBe(`ok kept from ${FILE}: --node-labels, --max-pods, --node-ip, --hostname-override`);
  });

  it.each([
    ['--hostname-override=10.0.0.11', /kubeadm names the node master1/],
    ['--hostname_override=10.0.0.11', /kubeadm names the node master1/],
    ['--hostname-override 10.0.0.11', /kubeadm names the node master1/],
    ['--hostname-override="10.0.0.11"', /kubeadm names the node master1/],
    ['--container-runtime=remote', /with docker/],
    ['--container-runtime-endpoint=unix:///run/containerd/containerd.sock', /with docker/],
    ['--docker-endpoint=tcp://10.0.0.1:2375', /docker of this host/],
    ['--node-ip=10.9.9.9', /10\.9\.9\.9 is no address of this host, which has 10\.0\.0\.11, 10\.1\.0\.11/],
    ['--config=/etc/kubelet.yaml', /config\.yaml/],
    ['--kubeconfig=/root/.kube/config', /kubelet\.conf/],
    ['--pod-manifest-path=/etc/kubelet.d', /\/etc\/kubernetes\/manifests/],
    ['--network-plugin=kubenet', /CNI/],
    ['--cni-conf-dir=/etc/cni', /net\.d/],
    ['--cni-bin-dir=/usr/libexec/cni', /\/opt\/cni\/bin/],
    ['--cluster-dns=10.0.0.10', /CLUSTER_DNS is 10\.96\.0\.10/],
    ['--cluster-domain=site.local', /CLUSTER_DOMAIN is cluster\.local/],
    ['--register-node=false', /never be in the cluster/],
    ['--port=10350', /10250/],
    ['--address=127.0.0.1', /10250/],
    ['--healthz-port=0', /10248/],
    ['--allow-privileged=true', /no such flag/],
    ['--cadvisor-port=0', /no such flag/],
  ])('%s is fatal, and named with why', async (flag, why) => {
    const told = await given(`--v=2 ${flag}`);
    expect(told).toMatch(/^fatal /);
    expect(told.split('\n')).toHaveLength(1);
    expect(told).toMatch(why);
  });

  it.each([
    ['--cgroup-driver=cgroupfs', /replaced by --cgroup-driver=systemd/],
    [
      '--pod-infra-container-image=k8s.gcr.io/pause:3.2',
      /replaced by --pod-infra-container-image=10\.0\.0\.5/,
    ],
    ['--node-ip=10.1.0.11', /takes 10\.0\.0\.11 for the address/],
    ['--root-dir=/data/kubelet', /which is kept; reset/],
    ['--fail-swap-on=false', /swap will be switched off/],
  ])('%s is a warning', async (flag, what) => {
    const told = await given(flag);
    expect(told).toMatch(/^warning /);
    expect(told).toMatch(what);
  });

  it('tells all at once, with what is in the file and has no effect', async () => {
    const text =
      'export KUBELET_EXTRA_ARGS=--v=4\nKUBELET_EXTRA_ARGS=--v=3\nKUBELET_EXTRA_ARGS=--port=1 --config=x\n';
    const findings = await found(check, withFile(text));
    expect(findings.map(({ level }) => level)).toEqual(['warning', 'warning', 'fatal', 'fatal']);
    expect(findings[0]?.message).toContain('line 1 of');
    expect(findings[1]?.message).toContain('2 times (lines 2, 3)');
  });

  it('names an open quote', async () => {
    expect(await given('"--v=2')).toMatch(/^fatal A quote is left open/);
    expect(await given(`'--a="x'`)).toMatch(/^fatal A quote is left open/);
  });

  it('asks a kubelet that is there at the wanted version', async () => {
    const host = withFile('KUBELET_EXTRA_ARGS=--made-up=1\n');
    host.packages.set('kubelet', '1.20.2');
    host.answer('kubelet --version --made-up=1', { code: 255, stderr: 'F1 x] unknown flag: --made-up\n' });
    const [finding] = await found(check, host);
    expect(finding?.message).toContain(
      'does not start with the flags in /etc/sysconfig/kubelet: unknown flag: --made-up',
    );
    host.packages.set('kubelet', '1.19.16');
    expect((await found(check, host))[0]?.level).toBe('ok');
  });
});
