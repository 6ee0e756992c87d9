import { existsSync, mkdirSync, readFileSync, readdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { argumentsOf, signal } from './processes';
import { until } from './until';

/** A cgroup v1 hierarchy of this machine: the controllers in it (or name=...), and where it is mounted. */
interface Controller {
  readonly name: string;
  readonly path: string;
}

const names =
  /^(?:cpu|cpuacct|cpuset|memory|devices|freezer|blkio|pids|hugetlb|perf_event|net_cls|net_prio|name=.+)$/;
const parent = 'kube-el7-lab';

/** The path of the cgroup `name` in every hierarchy, as the kernel says it of a process. */
export function groupPath(name: string): string {
  return `/${parent}/${name}`;
}

function mounts(): readonly (readonly string[])[] {
  return readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .map(line => line.split(' '))
    .filter(([, path]) => path?.startsWith('/sys/fs/cgroup/') === true);
}

/** The cgroup v1 controllers that are mounted; a hierarchy with two controllers is listed for each. */
export function v1Controllers(): readonly Controller[] {
  return mounts()
    .filter(([, , type]) => type === 'cgroup')
    .flatMap(([, path = '', , options = '']) =>
      options
        .split(',')
        .filter(option => names.test(option))
        .map(name => ({ name, path })),
    );
}

function directories(path: string): readonly string[] {
  return readdirSync(path, { withFileTypes: true })
    .filter(entry => entry.isDirectory())
    .map(entry => join(path, entry.name));
}

/** All hierarchies; where cgroup2 is mounted beside v1, systemd-nspawn goes by the place in that one. */
function hierarchies(): readonly string[] {
  const unified = mounts()
    .filter(([, , type]) => type === 'cgroup2')
    .map(([, path = '']) => path);
  return [...new Set([...v1Controllers().map(({ path }) => path), ...unified])];
}

function inherit(path: string, above: string): void {
  for (const file of ['cpuset.cpus', 'cpuset.mems']) {
    writeFileSync(join(path, file), readFileSync(join(above, file)));
  }
}

/**
 * Makes the cgroup `name` (instance/host) in every hierarchy and returns the paths, for a process to enter.
 * With a cgroup of its own in all of them a host's cgroup namespace hides the other hosts' pods. It gets as many
 * cores as told, in parts of a tenth of a second.
 */
export function makeCgroups(name: string, cores?: number): readonly string[] {
  const paths = hierarchies().map(root => {
    let path = root;
    for (const level of [parent, ...name.split('/')]) {
      const above = path;
      path = join(path, level);
      mkdirSync(path, { recursive: true });
      if (existsSync(join(path, 'cpuset.cpus'))) inherit(path, above);
    }
    return path;
  });
  const quota = cores === undefined ? '-1' : String(Math.round(cores * 100_000));
  for (const file of paths.map(path => join(path, 'cpu.cfs_quota_us')).filter(path => existsSync(path))) {
    writeFileSync(file.replace('quota', 'period'), '100000');
    writeFileSync(file, quota);
  }
  return paths;
}

function processesBelow(path: string): readonly number[] {
  if (!existsSync(path)) return [];
  const own = readFileSync(join(path, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean).map(Number);
  return [...own, ...directories(path).flatMap(processesBelow)];
}

/** The process ids, as seen from outside, of everything in the cgroup `name` or below it. */
export function cgroupProcesses(name: string): readonly number[] {
  return [...new Set(hierarchies().flatMap(root => processesBelow(join(root, parent, name))))];
}

/** Ends every process in the cgroup `name`, which belongs to a host of that name, and waits until none is left. */
export async function endProcesses(name: string, host: string): Promise<void> {
  await until(`the processes of ${host} to end`, 120_000, () => {
    for (const pid of cgroupProcesses(name)) {
      signal(pid, 'SIGKILL');
      throw new Error(`process ${pid} (${argumentsOf(pid)?.join(' ') ?? 'ended, not yet reaped'}) is there`);
    }
  });
}

/**
 * Nanoseconds of CPU that were used in each cgroup of the cgroup `name` and below, by its path in the hierarchy, what
 * those below it used left out.
 */
export function cpuUsage(name: string): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  const root = v1Controllers().find(controller => controller.name === 'cpuacct')?.path;
  if (root === undefined) return found;
  const look = (path: string): number => {
    const total = Number(readFileSync(join(path, 'cpuacct.usage'), 'utf8'));
    const below = directories(path).reduce((sum, one) => sum + look(one), 0);
    found.set(path.slice(root.length), total - below);
    return total;
  };
  look(join(root, parent, name));
  return found;
}

function removeTree(path: string): void {
  if (!existsSync(path)) return;
  for (const below of directories(path)) removeTree(below);
  rmdirSync(path);
}

/** Removes the cgroup `name` from every hierarchy once its processes are gone; levels above it go when empty. */
export async function removeCgroups(name: string): Promise<void> {
  await until(`the cgroups of ${name} to be removable`, 20_000, () => {
    for (const root of hierarchies()) removeTree(join(root, parent, name));
  });
  for (const root of hierarchies()) {
    for (const level of [join(root, parent, name, '..'), join(root, parent)]) {
      try {
        rmdirSync(level);
      } catch {
        // Other hosts or instances have their cgroups there.
      }
    }
  }
}
