import { describe as describeChange } from '../../../source/changes/describe';
import { describe, expect, it } from 'vitest';
import { kubelet } from '../../../source/steps/prepare/kubelet';
import { withArguments } from '../../../source/steps/prepare/kubelet-arguments';
import { El7, apply, planOf, settingsWith } from './el7';

const settings = await settingsWith({ systemReserved: 'cpu=200m,memory=500Mi' });
const FILE = '/etc/sysconfig/kubelet';
const withKubelet = (): El7 =>
  new El7({ [FILE]: 'KUBELET_EXTRA_ARGS=\n' })
    .unit('docker.service', 'active', 'enabled')
    .unit('kubelet.service', 'inactive', 'disabled');
const value = (host: El7): string =>
  (/^KUBELET_EXTRA_ARGS="(.*)"$/m.exec(host.text(FILE) ?? '') ?? [])[1] ?? '';

describe('kubelet', () => {
  it('is given the pause image, what is reserved, and the cgroup driver of docker, and is enabled but not started', async () => {
    const host = withKubelet();
    host.cgroupDriver = 'cgroupfs';
    const changes = await apply(kubelet(settings, []), host);
    expect(value(host)).toBe(
      `--pod-infra-container-image=${settings.images.pause} --system-reserved=cpu=200m,memory=500Mi --cgroup-driver=cgroupfs`,
    );
    expect(changes.flatMap(change => (change.kind === 'service' ? [change.action] : []))).toEqual([
      'reload-units',
      'enable',
    ]);
  });

  it('follows docker when its driver changes', async () => {
    const host = withKubelet();
    await apply(kubelet(settings, []), host);
    host.cgroupDriver = 'cgroupfs';
    await apply(kubelet(settings, []), host);
    expect(value(host).match(/--cgroup-driver=\w+/g)).toEqual(['--cgroup-driver=cgroupfs']);
  });

  it('says in the plan that the driver is not known before docker runs', async () => {
    const host = withKubelet().unit('docker.service', 'inactive', 'disabled');
    const [write] = await planOf(kubelet(settings, []), host);
    const content = write === undefined ? '' : describeChange(write).detail.join('\n');
    expect(content).toContain('# --cgroup-driver is added once docker runs');
    expect(content).not.toContain('--cgroup-driver=');
  });

  it('keeps the driver while docker is stopped', async () => {
    const host = withKubelet();
    host.cgroupDriver = 'cgroupfs';
    await apply(kubelet(settings, []), host);
    host.unit('docker.service', 'inactive', 'enabled');
    expect(await planOf(kubelet(settings, []), host)).toEqual([]);
  });

  it('restarts one that runs with other arguments, and only one of kubeadm', async () => {
    const host = withKubelet();
    await apply(kubelet(settings, []), host);
    host.unit('kubelet.service', 'active', 'enabled');
    host.put('/proc/4711/cmdline', 'kubelet\0--pod-manifest-path=/etc/kubernetes/manifests\0');
    expect(await planOf(kubelet(settings, []), host)).toEqual([]);
    host.put(
      '/proc/4711/cmdline',
      'kubelet\0--config=/var/lib/kubelet/config.yaml\0--cgroup-driver=cgroupfs\0',
    );
    const changes = await apply(kubelet(settings, []), host);
    expect(changes.map(change => change.kind === 'service' && change.action)).toEqual(['restart']);
  });
});

describe('the search for credentials of AWS, which delays every start of the kubelet', () => {
  const DROP_IN = '/etc/systemd/system/kubelet.service.d/10-kube-el7-install-no-metadata.conf';
  const dmi = '/sys/class/dmi/id';

  it('is left out on a host that is not one of AWS', async () => {
    const host = withKubelet().put(`${dmi}/sys_vendor`, 'VMware, Inc.\n');
    await apply(kubelet(settings, []), host);
    expect(host.text(DROP_IN)).toBe('[Service]\nEnvironment=AWS_EC2_METADATA_DISABLED=true\n');
  });

  it.each([
    [`${dmi}/sys_vendor`, 'Amazon EC2\n'],
    [`${dmi}/bios_version`, '4.11.amazon\n'],
    [`${dmi}/product_uuid`, 'EC2A1B2C-0000-0000-0000-000000000000\n'],
    ['/sys/hypervisor/uuid', 'ec2a1b2c-0000-0000-0000-000000000000\n'],
  ])('stays on AWS, told by %s', async (path, text) => {
    const host = withKubelet().put(path, text).put(DROP_IN, 'of an image made elsewhere');
    await apply(kubelet(settings, []), host);
    expect(host.text(DROP_IN)).toBeUndefined();
  });
});

describe('KUBELET_EXTRA_ARGS', () => {
  const once = (text: string): string => withArguments(text, ['--cgroup-driver=systemd'], true);

  it.each([
    ['KUBELET_EXTRA_ARGS=\n', '--cgroup-driver=systemd'],
    ['', '--cgroup-driver=systemd'],
    ['KUBELET_EXTRA_ARGS="--node-ip=10.0.0.1 --v=2"\n', '--node-ip=10.0.0.1 --v=2 --cgroup-driver=systemd'],
    ["KUBELET_EXTRA_ARGS='--cgroup-driver cgroupfs --v=2'\n", '--v=2 --cgroup-driver=systemd'],
    ['KUBELET_EXTRA_ARGS=--v=1\nKUBELET_EXTRA_ARGS=--v=2\n', '--v=2 --cgroup-driver=systemd'],
    ['KUBELET_EXTRA_ARGS=--system-reserved=cpu=1 --v=2\n', '--v=2 --cgroup-driver=systemd'],
  ])('%j becomes %j, and stays so', (text, expected) => {
    const result = once(text);
    expect(result.match(/^KUBELET_EXTRA_ARGS=.*$/gm)).toEqual([`KUBELET_EXTRA_ARGS="${expected}"`]);
    expect(once(result)).toBe(result);
  });

  it('keeps other lines', () => {
    expect(once('# mine\nHTTPS_PROXY=x\nKUBELET_EXTRA_ARGS=\n')).toMatch(/^# mine\nHTTPS_PROXY=x\n/);
  });
});
