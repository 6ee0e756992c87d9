import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { hasCurrentInstaller, installerDirectory, placeInstaller } from '../installer';
import { until } from '../lab';
import type { Face, Lab, LabHost, Made } from '../lab';
import { becomesWhole } from './masters-state';
import { complaint, furtherHost, install, powerOffOthers } from './support';
import type { InstallRun, Site } from './support';

const joinFile = '/var/lib/kube-el7-install/join-worker';
/** The masters of a whole cluster, by name. */
export const three = ['master1', 'master2', 'master3'];

/** What the hosts of a site can be that are named by a cloud, and have a card of their own for the cluster. */
export const siteFaces: readonly Face[] = ['long-name', 'two-cards'];

/** The masters of a cluster, the one that the installer is started on first, and its workers. */
export interface Nodes {
  readonly masters: readonly LabHost[];
  readonly workers: readonly LabHost[];
}

/** The first master. */
export function first({ masters }: Nodes): LabHost {
  const [master] = masters;
  if (master === undefined) throw new Error('a cluster has a master');
  return master;
}

/** Hosts as --masters names them. */
export function namesOf(hosts: readonly LabHost[]): string {
  return hosts.map(({ name }) => name).join(',');
}

/** All nodes but the first master: those that join. */
export function joining(nodes: Nodes): readonly LabHost[] {
  return [...nodes.masters.slice(1), ...nodes.workers];
}

/** Pristine, booted hosts with the installer unpacked; `prepare` has run on those that are said to be prepared. */
export async function freshNodes(
  lab: Lab,
  names: { readonly masters: readonly string[]; readonly workers: readonly string[] },
  site: Site & Made & { readonly prepared: boolean },
): Promise<Nodes> {
  await powerOffOthers(lab, [...names.masters, ...names.workers]);
  // Each tells all the others, and so none may be half made meanwhile.
  for (const name of [...names.masters, ...names.workers]) await lab.original(name);
  const make = (name: string): Promise<LabHost> => furtherHost(lab, name, site);
  const all = (some: readonly string[]): Promise<LabHost[]> => Promise.all(some.map(make));
  const [masters, workers] = await Promise.all([all(names.masters), all(names.workers)]);
  const nodes = { masters, workers };
  if (site.prepared) {
    const runs = await Promise.all(joining(nodes).map(host => install(host, 'prepare --yes --output json')));
    const complaints = runs.map(complaint).filter(text => text !== '');
    if (complaints.length > 0) throw new Error(complaints.join('\n'));
  }
  return nodes;
}

/** Does on each host what a site's operator does: once the installer on the first master has written the join command, runs it, on all at once. */
export async function joinAll(master: LabHost, nodes: readonly LabHost[]): Promise<void> {
  const file = join(master.rootPath, joinFile);
  await until(`${master.name} to have a join command`, 10 * 60_000, () => {
    if (!existsSync(file)) throw new Error(`there is no ${joinFile}`);
  });
  const command = readFileSync(file, 'utf8').trim();
  await Promise.all(nodes.map(node => node.succeed(command, { timeoutMs: 300_000 })));
}

/** Installs on the first master while the other nodes are joined as a site would. */
export async function installAndJoin(nodes: Nodes, options: string): Promise<InstallRun> {
  const master = first(nodes);
  const running = install(master, `--yes --output json ${options}`);
  const joined = joinAll(master, joining(nodes));
  const ended = running.then(run => {
    if (run.code !== 0) throw new Error(complaint(run));
    return run;
  });
  const [run] = await Promise.all([ended, joined]);
  return run;
}

/**
 * Three masters behind a VIP with a name, the installer on each of them: those that stand, where they are a whole cluster
 * and have the present installer; fresh ones otherwise.
 */
export async function wholeMasters(lab: Lab): Promise<Nodes> {
  const present = { masters: three.map(name => lab.host(name)), workers: [] };
  if (await areWhole(lab, present)) {
    await powerOffOthers(lab, three);
    return present;
  }
  return newMasters(lab, { faces: siteFaces });
}

/** Which masters a cluster is to have, and what else its site's variables say. */
export interface Wanted extends Made {
  readonly names?: readonly string[];
  readonly variables?: Readonly<Record<string, string>>;
}

/** Masters behind a VIP with a name, on fresh hosts: three where no others are named. */
export async function newMasters(
  lab: Lab,
  { names = three, variables = {}, faces = [] }: Wanted = {},
): Promise<Nodes> {
  const nodes = await freshNodes(lab, { masters: names, workers: [] }, { prepared: true, variables, faces });
  await installAndJoin(nodes, `--vip ${lab.vip.name} --masters ${namesOf(nodes.masters)}`);
  await becomesWhole(first(nodes), nodes.masters);
  return nodes;
}

async function areWhole(lab: Lab, nodes: Nodes): Promise<boolean> {
  const { masters } = nodes;
  if (!masters.every(host => host.running)) return false;
  const current = await Promise.all(masters.map(host => hasCurrentInstaller(lab, host)));
  if (!current.every(Boolean)) return false;
  return becomesWhole(first(nodes), masters, [], 30_000).then(
    () => true,
    () => false,
  );
}

/** Boots a host that is new in a master's place, and has the installer prepare it as any node. */
export async function prepareNew(lab: Lab, host: LabHost): Promise<void> {
  await host.boot();
  await placeInstaller(lab, host);
  const run = await install(host, 'prepare --yes --output json');
  if (run.code !== 0) throw new Error(complaint(run));
}

/** Joins a host in a lost master's place with the ordinary command, as soon as kubeadm lets it: not while the cluster takes the lost one for Ready. */
export async function joinInPlace(host: LabHost, survivor: LabHost): Promise<void> {
  await until(`${host.name} to be missed`, 180_000, async () => {
    const ready = await survivor.succeed(
      `kubectl --kubeconfig /etc/kubernetes/admin.conf get node ${host.name} -o jsonpath='{.status.conditions[?(@.type=="Ready")].status}'`,
    );
    if (ready === 'True') throw new Error(`${host.name} is Ready`);
  });
  const command = await survivor.succeed(`${installerDirectory}/kube-el7-install join-command`);
  await host.succeed(command.trim(), { timeoutMs: 300_000 });
}
