import { setTimeout as delay } from 'node:timers/promises';
import type { Lab, LabHost } from '../lab/lab';
import { until } from '../lab/lab';
import { administratorAccess } from '../lab/watch/api';
import { AddressWatch } from '../lab/watch/address';
import { Writer } from '../lab/watch/writer';
import { keysOf, lacking, look } from './cluster-view';

/** One of the two that are compared. */
export interface Side {
  readonly title: string;
  /** Raises a control plane on prepared hosts and resolves when nothing of it runs any more; says when the first other master begins to join. */
  raise(lab: Lab, hosts: readonly LabHost[], joins: () => void): Promise<void>;
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
  readonly writer: Writer;
  readonly watch: AddressWatch;
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

/** Raises one side's control plane on prepared hosts, while somebody writes through its VIP every 50 ms. */
export async function raising(lab: Lab, hosts: readonly LabHost[], side: Side): Promise<Raised> {
  const [first] = hosts;
  if (first === undefined) throw new Error('there is no host');
  const watch = new AddressWatch(lab.vip.address, hosts);
  const begun = Date.now();
  let joined: number | undefined;
  const raise = side.raise(lab, hosts, () => (joined ??= Date.now()));
  const failed = raise.then(() => new Promise<never>(() => undefined));
  const writing = writeThrough(lab, first);
  const wholeAt = await Promise.race([whole(hosts), failed]);
  await raise;
  const ended = Date.now();
  const writer = await writing;
  await writer.writesAfter(ended + AFTERWARDS_MS);
  const pause = writer.longestPause(joined);
  return {
    wholeSeconds: (wholeAt - begun) / 1000,
    endSeconds: (ended - begun) / 1000,
    pauseSeconds: pause.ms / 1000,
    pausedAtSeconds: (pause.from - begun) / 1000,
    writer,
    watch,
  };
}
