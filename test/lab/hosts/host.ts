import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cgroupProcesses, endProcesses, makeCgroups, removeCgroups } from './cgroups';
import { start } from './command';
import type { Result, RunOptions, Running } from './command';
import { facesIn, featuresOf, longNameOf, recordFaces } from './faces';
import type { Face } from './faces';
import { addressIn, hostNumbers } from './instance';
import type { Instance } from './instance';
import { generationIn, machineId, machineNumbers, recordGeneration } from './machines';
import { cardsOf, connect, disconnect, hasInterface, removeInterface } from './network';
import { consoleOf, launch, nspawnOf, supervisorOf } from './nspawn';
import { argumentsOf, childrenOf, signal } from './processes';
import type { HostProcess } from './processes';
import { profileIn, profiles, recordProfile } from './profiles';
import type { Profile } from './profiles';
import { mountRoot, personalize, renameIn, renewRoot, unmountRoot } from './root';
import type { Ground, HostFiles } from './root';
import { ensureKey, quote, sshArguments, sshFiles, startOverSsh, trust } from './ssh';
import type { SshFiles } from './ssh';
import { Hopeless, until } from './until';

/** How a machine is to be made. */
export interface Made {
  readonly faces?: readonly Face[];
}

/** systemd's signal for a clean power-off, SIGRTMIN+4 (signal(7): SIGRTMIN is 34 with glibc). */
const powerOff = 38;
const defaultTimeoutMs = 120_000;

/** A machine of the lab: systemd in namespaces of its own, on the instance's bridge. */
export class LabHost {
  readonly address: string;
  /** Its name, with the last part of its address where it has taken the place of another one of that name. */
  readonly id: string;
  /** Its root file system from outside; /var/lib/docker, /var/lib/etcd, /tmp and /run are not seen there. */
  readonly rootPath: string;
  private readonly directory: string;
  private readonly files: HostFiles;
  private readonly ssh: SshFiles;
  /** What is below the lab's own cgroup in every hierarchy. */
  readonly cgroup: string;
  private readonly machine: string;

  constructor(
    private readonly instance: Instance,
    /** What it is in the lab; its own name too, but for a host that has a long one. */
    readonly role: string,
    private readonly ground: () => Ground,
    private readonly last = machineNumbers(instance, role)[0] ?? 0,
  ) {
    this.address = addressIn(instance, last);
    this.id = machineId(role, last);
    this.directory = join(instance.state, 'hosts', this.id);
    this.rootPath = join(this.directory, 'root');
    this.files = { directory: this.directory, root: this.rootPath };
    this.ssh = sshFiles(instance.state);
    this.cgroup = `${instance.name}/${this.id}`;
    // Linux has 15 characters for the interface that is named after it.
    this.machine = `k${instance.number}-${this.id === role ? role : `r${last}`}`;
  }

  /** The name that it knows itself by, and that a node of it has. */
  get name(): string {
    return featuresOf(this.faces).longName ? longNameOf(hostNumbers[this.role] ?? 0) : this.role;
  }

  /** What it was last made with. */
  get faces(): readonly Face[] {
    return facesIn(this.directory);
  }

  /** Whether it was ever reset, so that there is something to boot. */
  get exists(): boolean {
    return existsSync(join(this.directory, 'base'));
  }

  get running(): boolean {
    return this.leader !== undefined;
  }

  /** Its first process, by its id outside. */
  get leader(): number | undefined {
    const nspawn = this.nspawn;
    return nspawn === undefined ? undefined : childrenOf(nspawn)[0];
  }

  /** The outer interface of the network card that the cluster is on. */
  get interface(): string {
    return cardsOf(this.machine).own;
  }

  /** The outer interfaces of all its cards. */
  get interfaces(): readonly string[] {
    return [this.interface, cardsOf(this.machine).other.outside];
  }

  /** Makes it pristine (and off), plain unless it is given faces: a new root, nothing in /var/lib/docker and /var/lib/etcd. Seconds. */
  async reset({ faces = [] }: Made = {}): Promise<void> {
    const { base, repoFile } = this.ground();
    await this.powerCut();
    const { hostKey } = this;
    await ensureKey(hostKey, this.name);
    await ensureKey(this.ssh.key, `lab ${this.instance.name}`);
    await renewRoot(this.files, base);
    recordFaces(this.directory, faces);
    recordProfile(this.directory, 'quiet');
    personalize({
      instance: this.instance,
      role: this.role,
      name: this.name,
      last: this.last,
      generation: generationIn(this.directory),
      files: this.files,
      ssh: this.ssh,
      hostKey,
      repoFile,
      faces,
    });
    trust(this.ssh, this.address, readFileSync(`${hostKey}.pub`, 'utf8'));
  }

  /** Another machine at the same address, with the same faces unless told: an empty disk, and a machine-id, UUID and ssh key that nobody knows. It is off. */
  async wipe({ faces = this.faces }: Made = {}): Promise<void> {
    const next = generationIn(this.directory) + 1;
    await this.powerCut();
    for (const path of [this.hostKey, `${this.hostKey}.pub`]) rmSync(path, { force: true });
    if (this.exists) recordGeneration(this.directory, next);
    await this.reset({ faces });
  }

  /** Gives it another CPU and disk from its next boot to its next reset; one that is on boots now. */
  async become(profile: Profile): Promise<void> {
    if (profile === profileIn(this.directory)) return;
    const { running } = this;
    await this.shutdown();
    recordProfile(this.directory, profile);
    if (running) await this.boot();
  }

  /** Makes it know a name's new address, as a site's DNS would; on or off. */
  async rename(role: string, address: string): Promise<void> {
    if (!this.exists) return;
    await mountRoot(this.files);
    renameIn(this.files, role, address);
  }

  /** Boots it and waits until ssh answers and its systemd has started everything; seconds. */
  async boot(): Promise<void> {
    if (!this.running) {
      if (!this.exists) await this.reset();
      await this.clear();
      await mountRoot(this.files);
      const { cores, fsyncMs } = profiles[profileIn(this.directory)];
      launch({
        directory: this.directory,
        root: this.rootPath,
        machine: this.machine,
        hostname: this.name,
        bridge: this.instance.bridge,
        other: featuresOf(this.faces).wayOut === 'own card' ? undefined : cardsOf(this.machine).other,
        otherBridge: this.instance.outerBridge,
        disk: fsyncMs === undefined ? '' : `${this.ground().disk} ${fsyncMs}`,
        cgroups: makeCgroups(this.cgroup, cores),
      });
    }
    await until(`${this.name} to have booted`, 60_000, async () => {
      if (this.supervisor === undefined)
        throw new Hopeless(`systemd-nspawn ended:\n${consoleOf(this.directory)}`);
      const { stdout } = await this.run('systemctl is-system-running --wait', { timeoutMs: 30_000 });
      if (!/^(running|degraded)$/m.test(stdout)) throw new Error(`systemd says "${stdout.trim()}"`);
    });
  }

  /** Powers it off as an operator would, and waits until it is off. */
  async shutdown(): Promise<void> {
    const { leader } = this;
    if (leader === undefined) return;
    signal(leader, powerOff);
    await until(`${this.name} to power off`, 120_000, () => {
      if (this.supervisor !== undefined)
        throw new Error(`it still runs; its console:\n${consoleOf(this.directory)}`);
    });
    await this.clear();
  }

  /** Ends all its processes at once, as when the plug is pulled; what they had not written is lost. */
  async powerCut(): Promise<void> {
    const { supervisor, nspawn, leader } = this;
    // A machine without power takes leave of nobody: its kernel, which lives on here, must not end its connections.
    if (hasInterface(this.interface)) await disconnect(this.interface);
    // The supervisor first: it would take the end of the others for a reboot.
    for (const pid of [supervisor, leader, nspawn]) if (pid !== undefined) signal(pid, 'SIGKILL');
    await this.clear();
  }

  /** Takes it off the network: its link stays up and nobody answers. */
  async partition(): Promise<void> {
    await disconnect(this.interface);
  }

  /** Puts it back on the network. */
  async heal(): Promise<void> {
    await connect(this.interface, this.instance.bridge);
  }

  /** Runs a shell command over ssh; rejects when ssh fails or the time (120 s unless told) is over. */
  run(command: string, options: RunOptions = {}): Promise<Result> {
    return this.start(command, { timeoutMs: defaultTimeoutMs, ...options }).result;
  }

  /** Runs a shell command that must end with 0 and returns its stdout. */
  async succeed(command: string, options: RunOptions = {}): Promise<string> {
    const { code, stdout, stderr } = await this.run(command, options);
    if (code !== 0)
      throw new Error(`${this.name}: ${command}: exit code ${code}\n${stdout}${stderr}`.trimEnd());
    return stdout;
  }

  /** Starts a shell command over ssh and returns while it runs. */
  start(command: string, options: RunOptions = {}): Running {
    return startOverSsh(this.ssh, this.address, command, options);
  }

  /** The arguments of ssh for a shell or a command in the caller's own terminal, if the caller has one. */
  terminal(command?: string, isTerminal = true): readonly string[] {
    return [
      ...sshArguments(this.ssh, this.address, isTerminal ? ['-t'] : []),
      ...(command === undefined ? [] : [command]),
    ];
  }

  /** Copies a file or a directory from outside to a path in the host, modes included. */
  async copyIn(from: string, to: string): Promise<void> {
    const { code, stderr } = await start('rsync', [
      '-a',
      '--no-owner',
      '--no-group',
      '-e',
      ['ssh', ...sshArguments(this.ssh, this.address).slice(0, -1)].map(quote).join(' '),
      from,
      `root@${this.address}:${to}`,
    ]).result;
    if (code !== 0) throw new Error(`cannot copy ${from} to ${this.name}:${to}: ${stderr.trim()}`);
  }

  /** The content of a file in the running host. */
  read(path: string): Promise<string> {
    return this.succeed(`cat -- ${quote(path)}`);
  }

  /** Writes a file in the running host, with its directory. */
  async write(path: string, content: string, mode = 0o644): Promise<void> {
    const file = quote(path);
    const octal = mode.toString(8);
    await this.succeed(
      `umask 077; mkdir -p -m 755 -- "$(dirname ${file})" && cat > ${file} && chmod ${octal} ${file}`,
      { input: content },
    );
  }

  /** Every process in it, containers included, seen from outside and so without asking the host. */
  processes(): readonly HostProcess[] {
    return cgroupProcesses(this.cgroup).flatMap(pid => {
      const found = argumentsOf(pid);
      return found === undefined || found.includes(`--machine=${this.machine}`)
        ? []
        : [{ pid, arguments: found }];
    });
  }

  /** Ends it and removes all that belongs to it. */
  async remove(): Promise<void> {
    await this.powerCut();
    await unmountRoot(this.files);
    rmSync(this.directory, { recursive: true, force: true });
  }

  private get hostKey(): string {
    return join(this.directory, 'ssh_host_ed25519_key');
  }

  private get nspawn(): number | undefined {
    const { supervisor } = this;
    return supervisor === undefined ? undefined : nspawnOf(supervisor, this.machine);
  }

  private get supervisor(): number | undefined {
    return supervisorOf(this.directory, this.machine);
  }

  /** Waits until nothing of a host that is off is left: processes, interface, cgroups. */
  private async clear(): Promise<void> {
    await endProcesses(this.cgroup, this.name);
    for (const name of this.interfaces) await removeInterface(name);
    await removeCgroups(this.cgroup);
  }
}
