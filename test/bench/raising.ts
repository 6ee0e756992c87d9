import { setTimeout as delay } from 'node:timers/promises';
import type { Lab, LabHost } from '../lab/lab';
import { until } from '../lab/lab';
import { administratorAccess } from '../lab/watch/api';
import { AddressWatch } from '../lab/watch/address';
import { PodProber } from '../lab/watch/pod-prober';
import type { Without } from '../lab/watch/pod-prober';
import { Writer } from '../lab/watch/writer';
import { keysOf, lacking, look } from './cluster-view';

/** The hosts of a cluster that is measured. */
export interface Hosts {
  readonly masters: readonly LabHost[];
  readonly worker: LabHost;
}

/** One of the two that are compared. */
export interface Side {
  readonly title: string;
  /** How often it moves the VIP deliberately while it raises a control plane. */
  readonly handsOver: number;
  /**
   * Raises a control plane on prepared hosts, joins the worker with the second master, and resolves when nothing of
   * it runs any more, with the CPU seconds that it took on the first host; says when the first other one begins to join.
   */
  raise(lab: Lab, hosts: Hosts, joins: () => void): Promise<number>;
  /** Puts a master back whose host was replaced by a prepared one, and says how many seconds of it count. */
  putBack(lab: Lab, hosts: Hosts, survivor: LabHost, lost: LabHost): Promise<number>;
}

/** What the raising of one control plane was, and who goes on watching it. */
export interface Raised {
  /** Seconds from the start to three masters: nodes Ready, apiservers healthy, etcd's members all voters. */
  readonly wholeSeconds: number;
  /** Seconds from the start to the end of the last command. */
  readonly endSeconds: number;
  /** The longest pause between acknowledged writes from the first join to the end, in seconds. */
  readonly pauseSeconds: number;
  /** Seconds from the start to the beginning of that pause. */
  readonly pausedAtSeconds: number;
  /** CPU seconds of the commands on the first host, with all that they started there. */
  readonly cpuSeconds: number;
  /** The longest times that a pod was without an answer until then, from the moment when it had both. */
  readonly without: Without;
  /** How often the VIP moved although nobody had it moved. */
  readonly moves: number;
  readonly writer: Writer;
  readonly watch: AddressWatch;
  readonly prober: PodProber;
}

const LIMIT_MS = 15 * 60_000;
/** How exact the times are; to look more often costs the hosts what they need. */
const LOOK_MS = 400;
/** After the end: what was still in motion shall count too. */
const AFTERWARDS_MS = 10_000;

/** Waits until nothing is lacking of a control plane of these hosts. */
export function whole(hosts: readonly LabHost[], limitMs = LIMIT_MS): Promise<number> {
  const [first] = hosts;
  return until(`a control plane of ${hosts.length} masters`, limitMs, async () => {
    if (first === undefined) throw new Error('there is no host');
    try {
      const left = lacking(await look(hosts, keysOf(first)), hosts.length);
      if (left === '') return Date.now();
      throw new Error(left);
    } catch (problem) {
      await delay(LOOK_MS);
      throw problem;
    }
  });
}

/** A writer through the VIP from the moment when the administrator can write there. */
async function writeThrough(lab: Lab, first: LabHost): Promise<Writer> {
  // Its certificates are read once they are there, and the writer itself waits for the API.
  const access = await until('kubeadm to have made the administrator', LIMIT_MS, async () => {
    try {
      keysOf(first);
    } catch (problem) {
      await delay(LOOK_MS);
      throw problem;
    }
    return administratorAccess(first, { address: lab.vip.address });
  });
  return until('the API to take writes through the VIP', LIMIT_MS, () => Writer.start(access));
}

/** A pod on the worker looks at its cluster, as soon as there is a worker. */
async function lookFromPod(lab: Lab, master: LabHost, worker: LabHost): Promise<PodProber> {
  return PodProber.start({
    access: await administratorAccess(master, { address: lab.vip.address }),
    image: `${lab.registry.plain}/lab-probe:1`,
    master: master.name,
    worker,
    withinMs: LIMIT_MS,
  });
}

/** Raises one side's control plane on prepared hosts, while somebody writes through its VIP every 50 ms. */
export async function raising(lab: Lab, hosts: Hosts, side: Side): Promise<Raised> {
  const { masters, worker } = hosts;
  const [first] = masters;
  if (first === undefined) throw new Error('there is no host');
  const watch = new AddressWatch(lab.vip.address, masters);
  const begun = Date.now();
  let joined: number | undefined;
  const raise = side.raise(lab, hosts, () => (joined ??= Date.now()));
  const failed = raise.then(() => new Promise<never>(() => undefined));
  const writing = writeThrough(lab, first);
  const probing = writing.then(() => lookFromPod(lab, first, worker));
  const wholeAt = await Promise.race([whole(masters), failed]);
  const cpuSeconds = await raise;
  const ended = Date.now();
  const [writer, prober] = await Promise.all([writing, probing]);
  await writer.writesAfter(ended + AFTERWARDS_MS);
  const pause = writer.longestPause(joined);
  return {
    wholeSeconds: (wholeAt - begun) / 1000,
    endSeconds: (ended - begun) / 1000,
    pauseSeconds: pause.ms / 1000,
    pausedAtSeconds: (pause.from - begun) / 1000,
    cpuSeconds,
    without: prober.without(prober.answered),
    moves: Math.max(0, watch.moves(begun) - side.handsOver),
    writer,
    watch,
    prober,
  };
}
