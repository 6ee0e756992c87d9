import { describe as describeChange } from '../../../source/changes/describe';
import { describe, expect, it } from 'vitest';
import { kubelet } from '../../../source/steps/prepare/kubelet';
import { parseEnvironmentFile, wordsOf } from '../../../source/steps/prepare/environment-file';
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
  const once = (text: string): string =>
    withArguments(text, ['--cgroup-driver=systemd'], true) ?? 'undefined';

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

  const words = (text: string): readonly string[] => {
    const value = parseEnvironmentFile(text).find(({ name }) => name === 'KUBELET_EXTRA_ARGS')?.value;
    return wordsOf(value ?? '')?.map(one => one.text) ?? [];
  };

  it.each([
    [
      'quotes inside',
      'KUBELET_EXTRA_ARGS=--feature-gates="FeatureA=false,FeatureB=true" --v=2\n',
      ['--feature-gates=FeatureA=false,FeatureB=true', '--v=2'],
    ],
    [
      'continued lines',
      'KUBELET_EXTRA_ARGS="--node-labels=a=b \\\n  --fail-swap-on=false \\\n  --cgroup-driver=cgroupfs"',
      ['--node-labels=a=b', '--fail-swap-on=false'],
    ],
    [
      'a blank in a value',
      `KUBELET_EXTRA_ARGS="--node-labels='a b' --v=2"\n`,
      ['--node-labels=a b', '--v=2'],
    ],
    ['both quotes', `KUBELET_EXTRA_ARGS=--a="x y" --b='z'\n`, ['--a=x y', '--b=z']],
    ['a backslash', 'KUBELET_EXTRA_ARGS=--a=x\\\\\\\\y\n', ['--a=x\\y']],
    ['carriage returns', 'HTTP_PROXY=x\r\nKUBELET_EXTRA_ARGS=--v=2\r\n', ['--v=2']],
    ['underscores', 'KUBELET_EXTRA_ARGS=--cgroup_driver=cgroupfs --v=2\n', ['--v=2']],
    ['a line break in quotes', 'KUBELET_EXTRA_ARGS="--v=2\n--max-pods=50"\n', ['--v=2', '--max-pods=50']],
  ])('keeps what is not ours: %s', (_, text, kept) => {
    const result = once(text);
    expect(words(result)).toEqual([...kept, '--cgroup-driver=systemd']);
    expect(parseEnvironmentFile(result).filter(({ name }) => name !== 'KUBELET_EXTRA_ARGS')).toHaveLength(
      text.includes('HTTP_PROXY') ? 1 : 0,
    );
    expect(once(result)).toBe(result);
  });

  it.each([
    '# mine\nHTTPS_PROXY=x\n',
    '# mine\r\nHTTPS_PROXY=x\r\n',
    'export KUBELET_EXTRA_ARGS=--v=2\n',
    '# a comment that goes on \\\nHTTPS_PROXY=x \\\n',
    'HTTPS_PROXY="x\n',
  ])('keeps other text to the byte, and is read beside it: %j', text => {
    const result = once(text);
    expect(result).toContain(text);
    expect(words(result)).toEqual(['--cgroup-driver=systemd']);
    expect(once(result)).toBe(result);
  });

  it('stays where it stood', () => {
    const result = once('A=1\nKUBELET_EXTRA_ARGS=\n\n# below\nB=2\n');
    expect(result).toMatch(/^A=1\n#[^]*\nKUBELET_EXTRA_ARGS="--cgroup-driver=systemd"\n\n# below\nB=2\n$/);
  });

  it.each(['KUBELET_EXTRA_ARGS="--v=2\nA=1\n', `KUBELET_EXTRA_ARGS='--a="x'\n`])(
    'is not guessed where a quote is left open: %j',
    async text => {
      expect(withArguments(text, [], true)).toBeUndefined();
      const host = withKubelet().put(FILE, text);
      await expect(planOf(kubelet(settings, []), host)).rejects.toMatchObject({
        report: { code: 'kubelet-arguments', message: expect.stringContaining('quote') as string },
      });
      expect(host.changes).toEqual([]);
    },
  );

  it('is not written where the installed kubelet does not take it', async () => {
    const host = withKubelet().put(FILE, 'KUBELET_EXTRA_ARGS=--containerized\n');
    host.packages.set('kubelet', '1.20.2');
    host.answer(/^kubelet --version .*--containerized/, {
      code: 255,
      stderr: 'F1130 15:57:33.1 4711 server.go:157] unknown flag: --containerized\ngoroutine 1 [running]:\n',
    });
    await expect(planOf(kubelet(settings, []), host)).rejects.toMatchObject({
      report: {
        message: expect.stringMatching(
          /1\.20\.2 does not start .*: unknown flag: --containerized$/,
        ) as string,
      },
    });
  });
});
