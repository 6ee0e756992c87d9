import { setTimeout as delay } from 'node:timers/promises';
import { cpuUsage, groupPath } from '../lab/hosts/cgroups';
import type { Profile } from '../lab/hosts/profiles';
import type { Lab, LabHost } from '../lab/lab';
import { countExecs } from './execs';
import type { Figure, Goal } from './figures';
import { installer } from './installer-masters';
import { kubeadm } from './kubeadm-masters';
import { recovered } from './power-cuts';
import { preparedHosts } from './prepared-masters';
import { raising } from './raising';
import type { Side } from './raising';
import { ended, keepEvents } from './several-masters';

const QUIET_MS = 60_000;
const MEASURED_MS = 60_000;

/** What a master that rests uses: in per cent of a core and in executed programs a second. */
interface Rest {
  readonly cpu: number;
  readonly execs: number;
}

/** What one master uses: what stands beside Kubernetes, and everything. */
interface Resting {
  readonly added: Rest;
  readonly all: Rest;
}

/** Containers of what neither side gets from Kubernetes itself: keepalived, and whatever the installer leaves there. */
export const isAdded = (name: string): boolean => /^k8s_[^_]+_(?:keepalived|kube-el7-install)-/.test(name);

/** What was counted in the cgroups of some containers, and in all of a host. */
export function sums(
  counted: ReadonlyMap<string, number>,
  group: string,
  containers: readonly string[],
): { readonly added: number; readonly all: number } {
  let [added, all] = [0, 0];
  for (const [path, value] of counted) {
    if (path !== group && !path.startsWith(`${group}/`)) continue;
    all += value;
    if (containers.some(id => path.includes(id))) added += value;
  }
  return { added, all };
}

async function addedContainers(host: LabHost): Promise<readonly string[]> {
  const listed = await host.succeed("docker ps --no-trunc --format '{{.ID}} {{.Names}}'");
  const lines = listed
    .trim()
    .split('\n')
    .map(line => line.split(' '));
  return lines.flatMap(([id = '', name = '']) => (isAdded(name) ? [id] : []));
}

async function rest(lab: Lab, profile: Profile, side: Side): Promise<readonly Resting[]> {
  const hosts = await preparedHosts(lab, profile);
  const raised = await raising(lab, hosts, side);
  await recovered(hosts.masters);
  await ended(raised);
  const containers = await Promise.all(hosts.masters.map(addedContainers));
  await delay(QUIET_MS);
  const usage = (): ReadonlyMap<string, number> =>
    new Map(hosts.masters.flatMap(({ cgroup }) => [...cpuUsage(cgroup)]));
  const begun = Date.now();
  const before = usage();
  const execs = await countExecs(MEASURED_MS);
  const after = usage();
  const seconds = (Date.now() - begun) / 1000;
  // Of a cgroup that came meanwhile it is all of it.
  const used = new Map([...after].map(([path, value]) => [path, value - (before.get(path) ?? 0)]));
  const measured = hosts.masters.map((host, index): Resting => {
    const ids = containers[index] ?? [];
    const group = groupPath(host.cgroup);
    const [cpu, count] = [sums(used, group, ids), sums(execs, group, ids)];
    const per = (what: 'added' | 'all'): Rest => ({
      cpu: cpu[what] / 1e7 / seconds,
      execs: count[what] / (MEASURED_MS / 1000),
    });
    return { added: per('added'), all: per('all') };
  });
  for (const [index, { added, all }] of measured.entries()) {
    const told = ({ cpu, execs: count }: Rest): string =>
      `${cpu.toFixed(2)} % of a core and ${count.toFixed(2)} execs/s`;
    const name = hosts.masters[index]?.name ?? '';
    console.log(`${side.title}: ${name} at rest: ${told(added)} beside Kubernetes, ${told(all)} in all`);
  }
  await Promise.all([...hosts.masters, hosts.worker].map(host => host.powerCut()));
  return measured;
}

/** What three masters use when nothing happens, beside kubeadm's own with its keepalived. */
export async function resting(lab: Lab, profile: Profile): Promise<Figure[]> {
  const theirs = await rest(lab, profile, kubeadm('in turn'));
  const ours = await rest(lab, profile, installer(keepEvents('resting')));
  const figure = (title: string, unit: string, of: (one: Resting) => number, most?: number): Figure => {
    const goal: Goal | undefined = most === undefined ? undefined : { kind: 'value', most, each: true };
    return {
      title,
      unit,
      ours: ours.map(of),
      anchor: { title: 'kubeadm', values: theirs.map(of) },
      ...(goal === undefined ? {} : { goal }),
    };
  };
  return [
    figure('a master at rest: CPU of what is ours', '% of a core', ({ added }) => added.cpu, 1),
    figure('a master at rest: execs of what is ours', 'a second', ({ added }) => added.execs, 0.5),
    figure('a master at rest: CPU', '% of a core', ({ all }) => all.cpu),
    figure('a master at rest: execs', 'a second', ({ all }) => all.execs),
  ];
}
