import { existsSync, readFileSync } from 'node:fs';
import { v1Controllers } from './cgroups';

/** Whether the lab can run on this machine; the reason is one sentence for a person. */
type Availability = { readonly available: true } | { readonly available: false; readonly reason: string };

const neededControllers = [
  'cpu',
  'cpuacct',
  'cpuset',
  'memory',
  'devices',
  'freezer',
  'blkio',
  'pids',
  'name=systemd',
];
const neededFilesystems = ['overlay', 'tmpfs', 'cgroup'];

function osRelease(): string {
  try {
    return readFileSync('/etc/os-release', 'utf8');
  } catch {
    return '';
  }
}

function obstacle(): string | undefined {
  if (process.platform !== 'linux') return `it runs on Linux only, and this is ${process.platform}`;
  if (process.arch !== 'x64') return `it runs on x86_64 only, and this is ${process.arch}`;
  if (process.getuid() !== 0) return 'it needs root';
  const release = osRelease();
  if (!/^ID=debian$/m.test(release) || !/^VERSION_ID="12"$/m.test(release)) {
    return 'it is built from the packages of Debian 12, and this machine has another system';
  }
  const filesystems = readFileSync('/proc/filesystems', 'utf8').split(/\s+/);
  const lacking = neededFilesystems.filter(name => !filesystems.includes(name));
  if (lacking.length > 0) return `this kernel lacks ${lacking.join(', ')}`;
  const controllers = new Set(v1Controllers().map(({ name }) => name));
  const unmounted = neededControllers.filter(name => !controllers.has(name));
  if (unmounted.length > 0) {
    return (
      `hosts of EL7's time need cgroup v1, and these controllers are not mounted: ${unmounted.join(', ')}` +
      ' (on a machine with systemd, boot with systemd.unified_cgroup_hierarchy=0)'
    );
  }
  if (!existsSync('/proc/sys/net/bridge'))
    return 'this kernel has no br_netfilter (try: modprobe br_netfilter)';
  return undefined;
}

/** Says, without changing anything, whether lab hosts can run here. */
export function labAvailability(): Availability {
  const reason = obstacle();
  return reason === undefined
    ? { available: true }
    : { available: false, reason: `the lab cannot run here: ${reason}` };
}
