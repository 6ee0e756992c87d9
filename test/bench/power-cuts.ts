import { until } from '../lab/lab';
import type { LabHost } from '../lab/lab';
import { ask, keysOf } from './cluster-view';
import { whole } from './raising';
import type { Raised } from './raising';

/** What the loss of one master was to somebody who writes through the VIP. */
export interface PowerCut {
  readonly master: string;
  readonly wasLeader: boolean;
  /** Seconds until the VIP was with another master and reached there; undefined where the lost one did not have it. */
  readonly movedSeconds?: number;
  /** The longest pause between acknowledged writes after the cut, in seconds. */
  readonly pauseSeconds: number;
  /** The same while the host came back. */
  readonly returnSeconds: number;
}

/** How long a window is watched at least. */
const WINDOW_MS = 10_000;
const WHOLE_AGAIN_MS = 5 * 60_000;

interface Status {
  readonly header: { readonly member_id: string };
  readonly leader: string;
}

async function isLeader(host: LabHost): Promise<boolean> {
  const url = `https://${host.address}:2379/v3/maintenance/status`;
  const { header, leader } = JSON.parse(await ask(url, keysOf(host).etcd, '{}')) as Status;
  return header.member_id === leader;
}

/** Waits until nothing is lacking and every member of etcd answers for itself. */
async function recovered(hosts: readonly LabHost[]): Promise<void> {
  await whole(hosts, WHOLE_AGAIN_MS);
  await until('every member of etcd to be healthy', WHOLE_AGAIN_MS, async () => {
    for (const host of hosts) await ask(`https://${host.address}:2379/health`, keysOf(host).etcd);
  });
}

/** Cuts one master's power, waits for writes, gives the power back and waits until nothing is lacking. */
async function cut(hosts: readonly LabHost[], host: LabHost, { writer, watch }: Raised): Promise<PowerCut> {
  await recovered(hosts);
  const others = hosts.filter(one => one !== host);
  const wasLeader = await isLeader(host);
  const hadVip = watch.now.owners.includes(host.name);
  const at = Date.now();
  await host.powerCut();
  await writer.writesAfter(at + WINDOW_MS);
  const pauseSeconds = writer.longestPause(at).ms / 1000;
  const names = others.map(({ name }) => name);
  const moved = watch.arrived(at, names);
  if (hadVip && moved === undefined) throw new Error(`the VIP did not leave ${host.name}`);
  const returned = Date.now();
  await host.boot();
  await recovered(hosts);
  await writer.writesAfter(Date.now() + WINDOW_MS);
  return {
    master: host.name,
    wasLeader,
    ...(hadVip && moved !== undefined ? { movedSeconds: (moved - at) / 1000 } : {}),
    pauseSeconds,
    returnSeconds: writer.longestPause(returned).ms / 1000,
  };
}

/** Each master in turn loses its power and gets it back, while somebody writes. */
export async function powerCuts(hosts: readonly LabHost[], raised: Raised): Promise<readonly PowerCut[]> {
  const cuts: PowerCut[] = [];
  for (const host of hosts) cuts.push(await cut(hosts, host, raised));
  return cuts;
}
