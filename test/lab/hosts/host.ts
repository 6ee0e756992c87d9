import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cgroupProcesses, makeCgroups, removeCgroups } from './cgroups';
import { start } from './command';
import type { Result, RunOptions, Running } from './command';
import { addressIn, hostNumbers } from './instance';
import type { Instance } from './instance';
import { connect, disconnect, hasInterface, removeInterface } from './network';
import { argumentsOf, childrenOf, signal } from './processes';
import type { HostProcess } from './processes';
import { mountRoot, personalize, renewRoot, unmountRoot } from './root';
import type { Face, HostFiles } from './root';
import { ensureKey, quote, sshArguments, sshFiles, startOverSsh } from './ssh';
import type { SshFiles } from './ssh';
import { Hopeless, until } from './until';

/** What a reset puts a host on; known once the lab is up. */
export interface Ground {
  /** Directory of the root file system that hosts start from. */
  readonly base: string;
  /** Text of /etc/yum.repos.d/lab.repo. */
  readonly repoFile: string;
}

const startScript = join(dirname(fileURLToPath(import.meta.url)), 'start-host.sh');
/** systemd's signal for a clean power-off, SIGRTMIN+4 (signal(7): SIGRTMIN is 34 with glibc). */
const powerOff = 38;
const defaultTimeoutMs = 120_000;

/** A machine of the lab: systemd in namespaces of its own, on the instance's bridge. */
export class LabHost {
  readonly address: string;
  /** Its root file system from outside; /var/lib/docker, /var/lib/etcd, /tmp and /run are not seen there. */
  readonly rootPath: string;
  private readonly directory: string;
  private readonly files: HostFiles;
  private readonly ssh: SshFiles;
  private readonly cgroup: string;
  private readonly machine: string;

  constructor(
    private readonly instance: Instance,
    readonly name: string,
    private readonly ground: () => Ground,
  ) {
    const last = hostNumbers[name];
    if (last === undefined) {
      throw new Error(`there is no host ${name}; the lab has ${Object.keys(hostNumbers).join(', ')}`);
    }
    this.address = addressIn(instance, last);
    this.directory = join(instance.state, 'hosts', name);
    this.rootPath = join(this.directory, 'root');
    this.files = { directory: this.directory, root: this.rootPath };
    this.ssh = sshFiles(instance.state);
    this.cgroup = `${instance.name}/${name}`;
    this.machine = `k${instance.number}-${name}`;
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

  /** The outer interface of its network card. */
  get interface(): string {
    return `vb-${this.machine}`;
  }

  /** Makes it pristine (and off): a new root, nothing in /var/lib/docker and /var/lib/etcd. Seconds. */
  async reset(options: { readonly face?: Face } = {}): Promise<void> {
    const { base, repoFile } = this.ground();
    await this.powerCut();
    const hostKey = join(this.directory, 'ssh_host_ed25519_key');
    await ensureKey(hostKey, this.name);
    await ensureKey(this.ssh.key, `lab ${this.instance.name}`);
    await renewRoot(this.files, base);
    personalize({
      instance: this.instance,
      name: this.name,
      files: this.files,
      ssh: this.ssh,
      hostKey,
      repoFile,
      face: options.face ?? 'generic',
    });
    this.trust(readFileSync(`${hostKey}.pub`, 'utf8'));
  }

  /** Boots it and waits until ssh answers and its systemd has started everything; seconds. */
  async boot(): Promise<void> {
    if (!this.running) {
      if (!this.exists) await this.reset();
      await this.clear();
      await mountRoot(this.files);
      this.launch();
    }
    await until(`${this.name} to have booted`, 60_000, async () => {
      if (this.supervisor === undefined) throw new Hopeless(`systemd-nspawn ended:\n${this.console()}`);
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
      if (this.supervisor !== undefined) throw new Error(`it still runs; its console:\n${this.console()}`);
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

  /** The last lines of its console. */
  private console(): string {
    const path = join(this.directory, 'console.log');
    return existsSync(path) ? readFileSync(path, 'utf8').trimEnd().split('\n').slice(-15).join('\n') : '';
  }

  private get nspawn(): number | undefined {
    const { supervisor } = this;
    return supervisor === undefined ? undefined : childrenOf(supervisor).find(pid => this.isNspawn(pid));
  }

  /** The shell that boots it, and boots it again when it reboots itself. */
  private get supervisor(): number | undefined {
    const path = join(this.directory, 'pid');
    if (!existsSync(path)) return undefined;
    const pid = Number(readFileSync(path, 'utf8'));
    // The id may be another process's by now.
    return this.isSupervisor(pid) ? pid : undefined;
  }

  private isSupervisor(pid: number): boolean {
    const words = argumentsOf(pid) ?? [];
    return words.includes(startScript) && words.includes(this.machine);
  }

  private isNspawn(pid: number): boolean {
    return argumentsOf(pid)?.includes(`--machine=${this.machine}`) === true;
  }

  private launch(): void {
    const log = openSync(join(this.directory, 'console.log'), 'w');
    const child = spawn(startScript, [this.machine], {
      detached: true,
      stdio: ['ignore', log, log],
      cwd: '/',
      env: {
        PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
        CGROUPS: makeCgroups(this.cgroup).join('\n'),
        ROOT: this.rootPath,
        MACHINE: this.machine,
        NAME: this.name,
        BRIDGE: this.instance.bridge,
        STATE: this.directory,
      },
    });
    child.unref();
    writeFileSync(join(this.directory, 'pid'), String(child.pid));
  }

  /** Waits until nothing of a host that is off is left: processes, interface, cgroups. */
  private async clear(): Promise<void> {
    await until(`the processes of ${this.name} to end`, 30_000, () => {
      for (const pid of cgroupProcesses(this.cgroup)) {
        signal(pid, 'SIGKILL');
        throw new Error(
          `process ${pid} (${argumentsOf(pid)?.join(' ') ?? 'ended, not yet reaped'}) is there`,
        );
      }
    });
    await removeInterface(this.interface);
    await removeCgroups(this.cgroup);
  }

  private trust(publicKey: string): void {
    mkdirSync(this.ssh.directory, { recursive: true, mode: 0o700 });
    const known = existsSync(this.ssh.knownHosts)
      ? readFileSync(this.ssh.knownHosts, 'utf8').split('\n')
      : [];
    const others = known.filter(line => line !== '' && !line.startsWith(`${this.address} `));
    const [type = '', key = ''] = publicKey.split(' ');
    writeFileSync(this.ssh.knownHosts, `${[...others, `${this.address} ${type} ${key}`].join('\n')}\n`);
  }
}
