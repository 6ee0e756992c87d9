import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Lab, LabHost } from '../lab';
import { first, freshNodes, joining } from '../scenarios/masters';
import type { Nodes } from '../scenarios/masters';
import { burden } from './burdened';

const joinFile = 'var/lib/kube-el7-install/join-worker';

/** What is installed in a fault run. */
export type Shape = 'one master' | 'three masters';

/** Hosts on which nothing has been done, and how the installer is started on the first. */
export interface Ground {
  readonly nodes: Nodes;
  readonly master: LabHost;
  readonly flags: string;
}

/** Fresh hosts with the means of the faults on the first; or the hosts as they are, for a run that was stopped. */
export async function freshGround(
  lab: Lab,
  shape: Shape,
  { asTheyAre = false }: { readonly asTheyAre?: boolean } = {},
): Promise<Ground> {
  const names = shape === 'one master' ? ['master1'] : ['master1', 'master2', 'master3'];
  const nodes = asTheyAre
    ? { masters: names.map(name => lab.host(name)), workers: [] }
    : await freshNodes(lab, { masters: names, workers: [] }, { prepared: names.length > 1 });
  const master = first(nodes);
  if (asTheyAre) await Promise.all(nodes.masters.map(host => host.boot()));
  await burden(master);
  const flags = names.length > 1 ? `--vip ${lab.vip.name} --masters ${names.join(',')}` : '';
  return { nodes, master, flags: `--yes --output json ${flags}`.trim() };
}

/**
 * The operator who joins the other nodes: once there is a join command it is run on each, again where it failed, after
 * what kubeadm says to do then. Ends when asked to, or when all have joined.
 */
export class Joining {
  private readonly joined = new Set<LabHost>();
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
      const command = this.command();
      if (command !== undefined && host.running && (await this.tried(host, command))) this.joined.add(host);
      else await new Promise(resolve => setTimeout(resolve, 500));
    }
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
