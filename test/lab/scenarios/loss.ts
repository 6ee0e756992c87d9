import { expect } from 'vitest';
import { inside } from '../hosts/inside';
import { until } from '../lab';
import type { LabHost } from '../lab';
import type { AddressWatch } from '../watch/address';
import type { PodProber } from '../watch/pod-prober';
import type { Writer } from '../watch/writer';
import type { Nodes } from './masters';
import { becomesWhole, etcdLeader } from './masters-state';

/** Nodes with what watches them: who has the VIP, and what becomes of writes. */
export interface Cluster extends Nodes {
  readonly vip: AddressWatch;
  writer?: Writer;
  /** What a pod on the worker sees, once there is one. */
  prober?: PodProber;
  /** The masters whose power was cut, in order, with what they were then. */
  readonly lost: { readonly host: LabHost; readonly was: readonly string[] }[];
}

/** Acknowledged writes in a row after which a cluster counts as serving again. */
const steady = 20;

function writerOf({ writer }: Cluster): Writer {
  if (writer === undefined) throw new Error('nothing writes');
  return writer;
}

function others(masters: readonly LabHost[], host: LabHost): readonly LabHost[] {
  return masters.filter(other => other !== host);
}

function someOf(hosts: readonly LabHost[]): LabHost {
  const [host] = hosts;
  if (host === undefined) throw new Error('no master is left');
  return host;
}

/** What a master is beside being one: the VIP's owner, etcd's leader. */
async function rolesOf(cluster: Cluster, host: LabHost): Promise<readonly string[]> {
  const leader = await etcdLeader(someOf(cluster.masters), cluster.masters);
  return [
    ...(cluster.vip.now.owners.includes(host.name) ? ["the VIP's owner"] : []),
    ...(leader === host ? ["etcd's leader"] : []),
  ];
}

/** The master to lose next, so that in the course of all of them a leader and an owner are lost: of those not lost yet one that is either, else any. */
export async function nextToLose(cluster: Cluster): Promise<LabHost> {
  const left = cluster.masters.filter(host => cluster.lost.every(lost => lost.host !== host));
  const roles = await Promise.all(left.map(async host => ({ host, was: await rolesOf(cluster, host) })));
  const seen = cluster.lost.flatMap(({ was }) => was);
  const fresh = (was: readonly string[]): number => was.filter(role => !seen.includes(role)).length;
  const [next] = roles.sort((a, b) => fresh(b.was) - fresh(a.was));
  if (next === undefined) throw new Error('every master was lost once');
  return next.host;
}

/** What the attempts met that were begun in the longest pause after a time, and how often. */
function whyPaused(writer: Writer, since: number): string {
  const { from, to } = writer.longestPause(since);
  const met = writer.attempts.filter(
    ({ at, outcome }) => at >= from && at < to && outcome !== 'acknowledged',
  );
  const counts = new Map<string, number>();
  for (const { detail } of met) counts.set(detail, (counts.get(detail) ?? 0) + 1);
  return [...counts].map(([detail, count]) => `${String(count)}× ${detail}`).join('; ') || 'a slow answer';
}

/** Waits until the cluster serves without the host: the VIP is with another one, and writes are acknowledged in a row. Tells when each was so. */
async function servesWithout(
  cluster: Cluster,
  host: LabHost,
  since: number,
): Promise<{ readonly moved: number; readonly pause: string }> {
  const writer = writerOf(cluster);
  const names = others(cluster.masters, host).map(other => other.name);
  const arrived = await until('the VIP to be with another master', 60_000, () => {
    const { reached, owners } = cluster.vip.now;
    if (reached !== undefined && names.includes(reached) && owners.includes(reached)) {
      return cluster.vip.arrived(since, names) ?? since;
    }
    throw new Error(JSON.stringify(cluster.vip.now));
  });
  await until('writes to be acknowledged in a row', 120_000, () => {
    const recent = writer.attempts.slice(-steady);
    const done = recent.filter(one => one.at > since && one.outcome === 'acknowledged');
    if (done.length < steady) throw new Error(JSON.stringify(recent[recent.length - 1]));
  });
  const pause = `longest pause between writes ${String(writer.longestPause(since).ms)} ms (${whyPaused(writer, since)})`;
  return { moved: Math.max(0, arrived - since), pause };
}

/** Waits until a pod has its names and its service while a host is dead, without a hand, and tells for how long it had not. */
async function podAnswers({ prober }: Cluster, since: number): Promise<void> {
  if (prober === undefined) return;
  await prober.answersAfter(Date.now(), 120_000);
  const { name, service } = prober.without(since);
  console.log(`in a pod: names away for ${name.toFixed(2)} s at most, a service ${service.toFixed(2)} s`);
}

/** Cuts the power of a master while writes go on through the VIP, waits until they are acknowledged again, and boots it: all must be whole without anything else being done. */
export async function survivePowerCut(cluster: Cluster, host: LabHost): Promise<void> {
  const was = await rolesOf(cluster, host);
  await writerOf(cluster).writesAfter(Date.now());
  const since = Date.now();
  await host.powerCut();
  cluster.lost.push({ host, was });
  const { moved, pause } = await servesWithout(cluster, host, since);
  console.log(
    `power cut of ${host.name} (${was.join(', ') || 'neither owner nor leader'}): ` +
      `VIP elsewhere after ${String(moved)} ms, ${pause}`,
  );
  await podAnswers(cluster, since);
  const owners = cluster.vip.now.owners.join();
  await host.boot();
  await becomesWhole(someOf(others(cluster.masters, host)), cluster.masters, cluster.workers);
  // It should not, but a machine that is busy beyond measure can keep a host from hearing its neighbours for a second.
  if (cluster.vip.now.owners.join() !== owners) {
    console.log(`the VIP went from ${owners} to ${cluster.vip.now.owners.join()} as ${host.name} returned`);
  }
  expect(cluster.vip.now.owners).toHaveLength(1);
  expect(await writerOf(cluster).lost()).toEqual([]);
  if (cluster.lost.length === cluster.masters.length) {
    const roles = new Set(cluster.lost.flatMap(lost => lost.was));
    expect([...roles].sort()).toEqual(["etcd's leader", "the VIP's owner"]);
  }
}

/** Takes the VIP's owner off the network: it must acknowledge no write meanwhile, and not have the VIP beside another one once it is back. */
export async function surviveIsolation(cluster: Cluster): Promise<void> {
  const owner = cluster.masters.find(host => cluster.vip.now.owners.includes(host.name));
  if (owner === undefined) throw new Error('nobody has the VIP');
  const rest = others(cluster.masters, owner);
  const was = await rolesOf(cluster, owner);
  const since = Date.now();
  await owner.partition();
  const { moved, pause } = await servesWithout(cluster, owner, since);
  const write = await inside(
    owner,
    'kubectl --kubeconfig /etc/kubernetes/admin.conf --server https://127.0.0.1:6443 ' +
      '--request-timeout 15s create configmap written-by-the-minority',
    { timeoutMs: 60_000 },
  );
  expect(write.code, write.stdout + write.stderr).not.toBe(0);
  const back = Date.now();
  await owner.heal();
  await until('one owner of the VIP', 30_000, () => {
    expect(cluster.vip.now.owners).toHaveLength(1);
  });
  const names = cluster.masters.map(host => host.name);
  console.log(
    `${owner.name} cut off (${was.join(', ')}): VIP elsewhere after ${String(moved)} ms, ${pause}; ` +
      `once back it had the VIP too for ${String(cluster.vip.sharedMs(back, names))} ms`,
  );
  const settled = Date.now();
  await becomesWhole(someOf(rest), cluster.masters, cluster.workers);
  expect(cluster.vip.sharedMs(settled, names)).toBe(0);
  const there = await someOf(rest).run(
    'kubectl --kubeconfig /etc/kubernetes/admin.conf get configmap written-by-the-minority',
  );
  expect(there.stderr).toContain('NotFound');
}
