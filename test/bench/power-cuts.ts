import { until } from '../lab/lab';
import type { LabHost } from '../lab/lab';
import type { Without } from '../lab/watch/pod-prober';
import { ask, keysOf } from './cluster-view';
import { whole } from './raising';
import type { Hosts, Raised } from './raising';

/** What the loss of one master was to somebody who writes through the VIP, and to a pod on a worker. */
export interface PowerCut {
  readonly master: string;
  readonly wasLeader: boolean;
  /** Seconds until the VIP was with another master and reached there; undefined where the lost one did not have it. */
  readonly movedSeconds?: number;
  /** The longest pause between acknowledged writes after the cut, in seconds. */
  readonly pauseSeconds: number;
  /** The same while the host came back. */
  readonly returnSeconds: number;
  /** The longest times without an answer in a pod, after the cut and while the host came back. */
  readonly without: Without;
  readonly withoutAtReturn: Without;
  /** How often the VIP moved, but for the move that the cut was the cause of. */
  readonly moves: number;
}

/** How long a window is watched at least. */
const WINDOW_MS = 10_000;
const WHOLE_AGAIN_MS = 5 * 60_000;
/** How long after a cut a pod's names and service are waited for: beyond what is promised, and no longer than is worth it. */
const POD_LIMIT_MS = 35_000;

interface Status {
  readonly header: { readonly member_id: string };
  readonly leader: string;
}

async function isLeader(host: LabHost): Promise<boolean> {
  const url = `https://${host.address}:2379/v3/maintenance/status`;
  const { header, leader } = JSON.parse(await ask(url, keysOf(host).etcd, '{}')) as Status;
  return header.member_id === leader;
}

/** Waits until nothing is lacking, every member of etcd answers for itself and DNS has all its pods. */
export async function recovered(hosts: readonly LabHost[]): Promise<void> {
  await whole(hosts, WHOLE_AGAIN_MS);
  await until('every member of etcd to be healthy', WHOLE_AGAIN_MS, async () => {
    for (const host of hosts) await ask(`https://${host.address}:2379/health`, keysOf(host).etcd);
  });
  const [first] = hosts;
  if (first === undefined) return;
  await until("all pods of the cluster's DNS", WHOLE_AGAIN_MS, async () => {
    const url = `https://${first.address}:6443/apis/apps/v1/namespaces/kube-system/deployments/coredns`;
    const { spec, status } = JSON.parse(await ask(url, keysOf(first).api)) as {
      readonly spec: { readonly replicas: number };
      readonly status: { readonly readyReplicas?: number };
    };
    if ((status.readyReplicas ?? 0) < spec.replicas)
      throw new Error(`${String(status.readyReplicas ?? 0)} of ${String(spec.replicas)} are ready`);
  });
}

/** Waits until a pod has its answers again, which may be long after a host's death. */
async function podAnswers({ prober }: Raised, since = Date.now()): Promise<void> {
  const left = Math.max(1000, since + POD_LIMIT_MS - Date.now());
  await prober.answersAfter(Date.now(), left).catch((problem: unknown) => {
    console.log(problem instanceof Error ? problem.message : String(problem));
  });
}

/** Cuts one master's power, waits for writes, gives the power back and waits until nothing is lacking. */
async function cut(hosts: readonly LabHost[], host: LabHost, raised: Raised): Promise<PowerCut> {
  const { writer, watch, prober } = raised;
  await recovered(hosts);
  await podAnswers(raised);
  const others = hosts.filter(one => one !== host);
  const wasLeader = await isLeader(host);
  const hadVip = watch.now.owners.includes(host.name);
  const at = Date.now();
  await host.powerCut();
  await writer.writesAfter(at + WINDOW_MS);
  await podAnswers(raised, at);
  const pauseSeconds = writer.longestPause(at).ms / 1000;
  const without = prober.without(at);
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
    without,
    withoutAtReturn: prober.without(returned),
    moves: watch.moves(at) - (hadVip ? 1 : 0),
  };
}

/** Each master in turn loses its power and gets it back, while somebody writes and a pod looks at its cluster. */
export async function powerCuts({ masters }: Hosts, raised: Raised): Promise<readonly PowerCut[]> {
  const cuts: PowerCut[] = [];
  for (const host of masters) cuts.push(await cut(masters, host, raised));
  return cuts;
}
