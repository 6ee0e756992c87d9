import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildArtifacts, startRegistries, startYumRepository, stopServers } from './artifacts/index';
import type { Artifacts, Registries } from './artifacts/index';
import { Builder } from './artifacts/part';
import { labAvailability } from './hosts/availability';
import { basePart } from './hosts/base';
import { perform } from './hosts/command';
import { startDns } from './hosts/dns';
import { LabHost } from './hosts/host';
import type { Made } from './hosts/host';
import { addressIn, findInstance, hostNumbers, releaseInstance, sharedNames } from './hosts/instance';
import type { Instance } from './hosts/instance';
import { startLoadBalancer } from './hosts/load-balancer';
import type { LoadBalancer } from './hosts/load-balancer';
import { withLock } from './hosts/lock';
import { freeNumber, machineNumbers, presentNumbers, recordReplacements } from './hosts/machines';
import { hasInterface, raiseBridges, removeBridges, setKernel } from './hosts/network';
import type { Ground } from './hosts/root';

export { labAvailability } from './hosts/availability';
export type { Face } from './hosts/faces';
export type { Made } from './hosts/host';
export { LabHost } from './hosts/host';
export { until } from './hosts/until';

const outerPackages = new URL('hosts/outer.sh', import.meta.url).pathname;

/** What an instance that is up offers its hosts; kept on disk so that another command finds it. */
interface Standing extends Ground {
  readonly registry: Omit<Registries, 'pids'>;
  readonly yumRepository: string;
  readonly kubernetesVersion: string;
}

/** One lab on this machine: a bridge, its registries and yum repository, and hosts made on demand. */
export class Lab {
  private readonly hosts = new Map<string, LabHost>();

  private constructor(readonly instance: Instance) {}

  /** The lab of that name (KUBE_EL7_LAB, or "lab") as it is, up or not; throws where none can run. */
  static async attach(name?: string): Promise<Lab> {
    const availability = labAvailability();
    if (!availability.available) throw new Error(availability.reason);
    return new Lab(await findInstance(name));
  }

  /** The lab of that name, built where something is missing, its bridge and servers up. */
  static async open(name?: string, report: (line: string) => void = () => undefined): Promise<Lab> {
    const lab = await Lab.attach(name);
    await lab.up(report);
    return lab;
  }

  /** Builds what all instances share, one build at a time; minutes when cold, a second when not. */
  async build(
    report: (line: string) => void,
  ): Promise<{ readonly artifacts: Artifacts; readonly base: string }> {
    const { cache } = this.instance;
    mkdirSync(cache, { recursive: true });
    return withLock(
      join(cache, 'build.lock'),
      () => {
        report('another command is building the lab: waiting until it is done');
      },
      async () => {
        await perform(outerPackages, []);
        const base = new Builder({ cache, report }).make(basePart());
        const [artifacts, directory] = await Promise.all([buildArtifacts({ cache, report }), base]);
        return { artifacts, base: join(directory, 'root') };
      },
    );
  }

  /** Builds, raises the bridge and starts the servers; what is up already stays. */
  async up(report: (line: string) => void): Promise<void> {
    const { artifacts, base } = await this.build(report);
    const { state, gateway } = this.instance;
    mkdirSync(state, { recursive: true, mode: 0o700 });
    await withLock(
      join(this.instance.cache, `${this.instance.name}.lock`),
      () => {
        report('another command is raising this lab: waiting until it is done');
      },
      async () => {
        setKernel();
        await raiseBridges(this.instance);
        const where = { artifacts, address: gateway, stateDirectory: this.servers };
        const [registries, yum] = await Promise.all([
          startRegistries(where),
          startYumRepository(where),
          startDns(this.instance, this.servers),
        ]);
        const { plain, tls, caFile, username, password, passwordFile } = registries;
        const standing: Standing = {
          base,
          disk: artifacts.disk,
          repoFile: yum.repoFile,
          registry: { plain, tls, caFile, username, password, passwordFile },
          yumRepository: yum.baseUrl,
          kubernetesVersion: artifacts.kubernetesVersion,
        };
        writeFileSync(this.standingFile, JSON.stringify(standing), { mode: 0o600 });
      },
    );
  }

  /** The host of that name: master1 to master5, worker1, worker2; where it was replaced, the new one. It need not exist yet. */
  host(name: string): LabHost {
    const host = this.machines(name).slice(-1)[0];
    if (host === undefined) throw new Error(`there is no machine ${name}`);
    return host;
  }

  /** All machines that have that name: the first one, and what has taken its place, the present one last. */
  machines(name: string): readonly LabHost[] {
    return machineNumbers(this.instance, name).map(last => {
      const key = `${name}/${last}`;
      const known = this.hosts.get(key) ?? new LabHost(this.instance, name, () => this.standing, last);
      this.hosts.set(key, known);
      return known;
    });
  }

  /** The machines that were ever made. */
  get made(): readonly LabHost[] {
    return this.everyMachine.filter(host => host.exists);
  }

  /**
   * Pulls a host's plug and makes another machine of that name, with the same faces unless told and at another address, which everybody is told
   * of; it is off. The old one keeps its disk and can be booted again, as one that was thought dead comes back.
   */
  async replace(
    name: string,
    { address, faces }: Made & { readonly address?: string } = {},
  ): Promise<LabHost> {
    const last = freeNumber(this.instance, name, address);
    const old = this.host(name);
    await old.powerCut();
    const [, ...later] = machineNumbers(this.instance, name);
    recordReplacements(this.instance, name, [...later, last]);
    const fresh = this.host(name);
    await fresh.reset({ faces: faces ?? old.faces });
    await this.tellAddress(name);
    return fresh;
  }

  /** The first machine of a name; those that took its place are removed, and everybody is told. */
  async original(name: string): Promise<LabHost> {
    const [first, ...later] = this.machines(name);
    if (first === undefined) throw new Error(`there is no machine ${name}`);
    if (later.length === 0) return first;
    for (const host of later) await host.remove();
    recordReplacements(this.instance, name, []);
    await this.tellAddress(name);
    return first;
  }

  /** The registries' addresses (host:port), the CA of the TLS one and its login. */
  get registry(): Standing['registry'] {
    return this.standing.registry;
  }

  /** URL of the RPM repository. */
  get yumRepository(): string {
    return this.standing.yumRepository;
  }

  /** An address that no host has, for a cluster's VIP, and the name that the hosts know it by. */
  get vip(): { readonly name: string; readonly address: string } {
    const name = 'vip.lab';
    return { name, address: addressIn(this.instance, sharedNames[name]?.[0] ?? 0) };
  }

  /** Raises the load balancer in front of hosts, on or not; what there was before is replaced. */
  loadBalancer(backends: readonly LabHost[]): Promise<LoadBalancer> {
    return startLoadBalancer(this.instance, this.servers, backends);
  }

  /** Stops the registries, as when that host is down; `up` starts them again. */
  stopRegistries(): Promise<void> {
    return stopServers(this.servers, name => name.startsWith('registry-'));
  }

  /** The version whose programs are real. */
  get kubernetesVersion(): string {
    return this.standing.kubernetesVersion;
  }

  /** Whether the bridge and the servers were raised and not taken down since. */
  get isUp(): boolean {
    return existsSync(this.standingFile) && hasInterface(this.instance.bridge);
  }

  /** Stops the hosts, cleanly where they can, and the servers; everything is kept for another day. */
  async down(): Promise<void> {
    await Promise.all(
      this.made.map(async host => {
        try {
          await host.shutdown();
        } catch {
          // A host that does not power off is cut off below.
        }
        await host.powerCut();
      }),
    );
    await stopServers(this.servers);
    rmSync(this.standingFile, { force: true });
    await removeBridges(this.instance);
  }

  /** Removes this lab: processes, mounts, interfaces, cgroups and state; throws naming what is left. */
  async remove(): Promise<void> {
    const interfaces = this.everyMachine.flatMap(host => host.interfaces);
    // All names, also where a host was left half made.
    for (const host of this.everyMachine) await host.remove();
    await stopServers(this.servers);
    await removeBridges(this.instance);
    const { state, name, bridge, outerBridge } = this.instance;
    rmSync(state, { recursive: true, force: true });
    const left = [
      ...readFileSync('/proc/self/mounts', 'utf8')
        .split('\n')
        .filter(line => line.includes(`${state}/`)),
      ...this.processesLeft().map(pid => `process ${pid}`),
      ...[bridge, outerBridge, ...interfaces].filter(hasInterface),
    ];
    if (left.length > 0) throw new Error(`of the lab ${name} there is left:\n${left.join('\n')}`);
    await releaseInstance(name);
  }

  private get everyMachine(): readonly LabHost[] {
    return Object.keys(hostNumbers).flatMap(name => this.machines(name));
  }

  private async tellAddress(name: string): Promise<void> {
    const address = addressIn(this.instance, presentNumbers(this.instance)[name] ?? 0);
    for (const host of this.made) await host.rename(name, address);
  }

  private get servers(): string {
    return join(this.instance.state, 'servers');
  }

  private get standingFile(): string {
    return join(this.instance.state, 'standing.json');
  }

  private get standing(): Standing {
    if (!existsSync(this.standingFile)) throw new Error('this lab is not up: npm run lab -- up');
    return JSON.parse(readFileSync(this.standingFile, 'utf8')) as Standing;
  }

  private processesLeft(): readonly string[] {
    const { state, gateway } = this.instance;
    return readdirSync('/proc').filter(name => {
      if (!/^\d+$/.test(name) || Number(name) === process.pid) return false;
      try {
        const line = readFileSync(`/proc/${name}/cmdline`, 'utf8');
        return line.includes(`${state}/`) || line.includes(`\0${gateway}:`);
      } catch {
        return false;
      }
    });
  }
}
