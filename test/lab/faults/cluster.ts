import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Lab, LabHost } from '../lab';
import {
  first,
  freshNodes,
  joinInPlace,
  joining,
  newMasters,
  prepareNew,
  three,
  wholeMasters,
} from '../scenarios/masters';
import type { Nodes } from '../scenarios/masters';
import { burden, forgetKills, order } from './burdened';
import { journalOn, waitsFor } from './stages';

const snapshotsOfReadds = [
  '/var/lib/kube-el7-install/snapshots/*-before-readd-*',
  '/var/lib/etcd/kube-el7-install-snapshots/*',
];

const joinFile = 'var/lib/kube-el7-install/join-worker';

/** What a fault run does: an install, or the putting back of a master whose disk is empty. */
export type Shape = 'one master' | 'three masters' | 'readd';

/** Hosts on which nothing has been done yet, and how the installer is started on the first. */
export interface Ground {
  readonly lab: Lab;
  readonly nodes: Nodes;
  readonly master: LabHost;
  readonly flags: string;
}

/**
 * Fresh hosts with the means of the faults on the first; or the hosts as they are, for a run that was stopped. A master is
 * put back on the cluster that stands, where there is one, unless it is to be one that has never put it back (`anew`).
 */
export async function freshGround(
  lab: Lab,
  shape: Shape,
  { asTheyAre = false, anew = false }: { readonly asTheyAre?: boolean; readonly anew?: boolean } = {},
): Promise<Ground> {
  const names = shape === 'one master' ? ['master1'] : three;
  const present = { masters: names.map(name => lab.host(name)), workers: [] };
  const nodes = asTheyAre ? present : await made(lab, shape, names, anew);
  const master = first(nodes);
  if (asTheyAre) await Promise.all(nodes.masters.map(host => host.boot()));
  await burden(master);
  return { lab, nodes, master, flags: `${commands(lab, names)[shape]} --yes --output json`.trim() };
}

function commands(lab: Lab, names: readonly string[]): Readonly<Record<Shape, string>> {
  return {
    'one master': '',
    'three masters': `--vip ${lab.vip.name} --masters ${names.join(',')}`,
    readd: `readd-member ${names.join(' ')}`,
  };
}

async function made(lab: Lab, shape: Shape, names: readonly string[], anew: boolean): Promise<Nodes> {
  if (shape !== 'readd')
    return freshNodes(lab, { masters: names, workers: [] }, { prepared: names.length > 1 });
  const nodes = await (anew ? newMasters(lab) : wholeMasters(lab));
  order(first(nodes), {});
  forgetKills(first(nodes));
  // Of an earlier pass: only the newest few are kept, and those of the install would go in the end.
  for (const host of nodes.masters) await host.succeed(`rm -f ${snapshotsOfReadds.join(' ')}`);
  // As an operator would before putting it back.
  const host = lab.host('master2');
  await host.wipe();
  await prepareNew(lab, host);
  await joinInPlace(host, first(nodes));
  return nodes;
}

/**
 * The operator who joins the other nodes: once the installer waits for one, the join command is run there, again where it
 * failed, after what kubeadm says to do then. Ends when asked to, or when all have joined.
 */
export class Joining {
  private readonly joined = new Set<LabHost>();
  private readonly asked = new Set<LabHost>();
  private over = false;
  private readonly work: Promise<void>;
  /** How often a node's join had to be run again. */
  again = 0;

  constructor(private readonly ground: Ground) {
    this.work = Promise.all(joining(ground.nodes).map(host => this.join(host))).then(() => undefined);
  }

  async stop(): Promise<void> {
    this.over = true;
    await this.work;
  }

  private async join(host: LabHost): Promise<void> {
    while (!this.over && !this.joined.has(host)) {
      const command = this.isAsked(host) ? this.command() : undefined;
      if (command !== undefined && host.running && (await this.tried(host, command))) this.joined.add(host);
      else await new Promise(resolve => setTimeout(resolve, 500));
    }
  }

  private isAsked(host: LabHost): boolean {
    if (!this.asked.has(host) && waitsFor(`join-${host.name}`, journalOn(this.ground.master)))
      this.asked.add(host);
    return this.asked.has(host);
  }

  private command(): string | undefined {
    const file = join(this.ground.master.rootPath, joinFile);
    return existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined;
  }

  private async tried(host: LabHost, command: string): Promise<boolean> {
    try {
      const { code } = await host.run(command, { timeoutMs: 300_000 });
      if (code === 0) return true;
      // A host whose power was cut after it had joined is a node already.
      if (
        (await host.run('systemctl is-active -q kubelet && test -e /etc/kubernetes/kubelet.conf')).code === 0
      ) {
        return true;
      }
      this.again += 1;
      await host.run('kubeadm reset --force', { timeoutMs: 120_000 });
    } catch {
      // It cannot be logged in to: its power was cut, or its network is away.
    }
    return false;
  }
}
