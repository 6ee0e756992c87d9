import type { Check, Finding } from '../engine/check';
import { ask, lines, readText } from '../steps/prepare/ask';
import { fatal, ok, warning } from './finding';

/** kubelet and docker do not start without one of these; pids is demanded from 1.14 whatever the feature gates say (kubernetes/kubernetes issue 79046). */
const CONTROLLERS = ['cpu', 'cpuacct', 'cpuset', 'devices', 'freezer', 'memory', 'pids'] as const;

/** The first kernel of EL7 on which containers with a memory limit do not leak (opencontainers/runc issue 1725, docker/for-linux issue 841). */
const KMEM_FIXED = [1062, 4] as const;

/** The kernel's version and its cgroup controllers. */
export const kernel: Check = {
  id: 'kernel',
  title: 'Kernel and cgroups',
  run: async host => {
    const release = (await ask(host, 'uname', ['-r'])).stdout.trim();
    const cgroups = await readText(host, '/proc/cgroups');
    const cmdline = await readText(host, '/proc/cmdline');
    return [...version(release, cmdline), ...controllers(cgroups, release)];
  },
};

function version(release: string, cmdline: string): readonly Finding[] {
  const [major = 0, minor = 0] = release.split('.').map(Number);
  if (major < 3 || (major === 3 && minor < 10)) {
    return [
      fatal(`kernel ${release} is older than 3.10`, 'Update the kernel (yum update kernel) and boot it.'),
    ];
  }
  const [, build, part] = /^3\.10\.0-(\d+)(?:\.(\d+))?.*\.el7/.exec(release) ?? [];
  const leaks =
    build !== undefined &&
    (Number(build) < KMEM_FIXED[0] || (Number(build) === KMEM_FIXED[0] && Number(part ?? 0) < KMEM_FIXED[1]));
  if (leaks && !/\bcgroup\.memory=nokmem\b/.test(cmdline)) {
    return [
      warning(
        `kernel ${release} leaks memory with every container that has a memory limit, until new ones cannot be started`,
        'Update to 3.10.0-1062.4.1 or later and boot it; or boot with cgroup.memory=nokmem.',
      ),
    ];
  }
  return [ok(`kernel ${release}`)];
}

function controllers(cgroups: string, release: string): readonly Finding[] {
  // name, hierarchy, number of cgroups, enabled
  const rows = lines(cgroups).map(line => line.split('\t'));
  const missing = CONTROLLERS.filter(name => !rows.some(row => row[0] === name && row[3] === '1'));
  if (missing.length === 0) return [ok(`cgroup controllers: ${CONTROLLERS.join(', ')}`)];
  const switchedOff = missing.filter(name => rows.some(row => row[0] === name));
  const what = `the kernel has no cgroup controller ${missing.join(', ')}; the kubelet does not start without`;
  return [
    fatal(
      what,
      switchedOff.length > 0
        ? `Take cgroup_disable=${switchedOff.join(',')} from the kernel's command line (/etc/default/grub) and boot again.`
        : `Update the kernel ${release} and boot the new one; EL7's have pids from 3.10.0-514.`,
    ),
  ];
}
