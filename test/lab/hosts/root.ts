import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import { perform } from './command';
import { featuresOf, longNameOf } from './faces';
import type { Face, WayOut } from './faces';
import { addressIn, hostNumbers, outerAddressIn, outerGateway, sharedNames } from './instance';
import type { Instance } from './instance';
import { machineId, presentNumbers } from './machines';
import type { SshFiles } from './ssh';

/** A host's directories outside. */
export interface HostFiles {
  readonly directory: string;
  /** Where its root file system is mounted. */
  readonly root: string;
}

/** What a reset puts a host on; known once the lab is up. */
export interface Ground {
  /** Directory of the root file system that hosts start from. */
  readonly base: string;
  /** The program that stands in for a slow disk. */
  readonly disk: string;
  /** Text of /etc/yum.repos.d/lab.repo. */
  readonly repoFile: string;
}

const kept = ['upper', 'work', 'docker', 'etcd'];

/** The UUID of a machine: the same at each reset, another on each machine and after each wipe. */
function identity(instance: Instance, id: string, generation: number, isAws: boolean): string {
  const whose = `${instance.name}/${id}${generation === 0 ? '' : `/${String(generation)}`}`;
  const hex = createHash('sha256').update(whose).digest('hex');
  const uuid = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20, 32),
  ].join('-');
  return isAws ? `ec2${uuid.slice(3)}` : uuid;
}

/** Whether something is mounted on that very path. */
function isMounted(path: string): boolean {
  return readFileSync('/proc/self/mounts', 'utf8').includes(` ${path} `);
}

/** Mounts the host's root if it is not: the base below, what the host has written above. */
export async function mountRoot({ directory, root }: HostFiles): Promise<void> {
  if (isMounted(root)) return;
  const base = readFileSync(join(directory, 'base'), 'utf8');
  if (!existsSync(base))
    throw new Error(`the base that ${directory} stands on is gone (${base}); reset the host`);
  // The builder throws away what was wanted longest ago.
  utimesSync(dirname(base), new Date(), new Date());
  const layers = `lowerdir=${base},upperdir=${join(directory, 'upper')},workdir=${join(directory, 'work')}`;
  await perform('mount', ['-t', 'overlay', 'kube-el7-lab', '-o', layers, root]);
  const etc = join(directory, 'etc');
  if (existsSync(etc)) await perform('mount', ['--bind', etc, join(root, 'etc')]);
}

/** Unmounts the host's root if it is mounted; also where two commands have mounted it at once. */
export async function unmountRoot({ root }: HostFiles): Promise<void> {
  for (const path of [join(root, 'etc'), root]) while (isMounted(path)) await perform('umount', [path]);
}

/** Throws away all that the host has written and mounts a root as it was when new. */
export async function renewRoot(files: HostFiles, base: string): Promise<void> {
  await unmountRoot(files);
  for (const name of kept) {
    const path = join(files.directory, name);
    rmSync(path, { recursive: true, force: true });
    mkdirSync(path, { recursive: true, mode: name === 'etcd' ? 0o700 : 0o755 });
  }
  mkdirSync(files.root, { recursive: true });
  writeFileSync(join(files.directory, 'base'), base);
  // /etc is a directory of the machine's own file system: over an overlay `tail -F` does not trust inotify (coreutils, src/tail.c).
  rmSync(join(files.directory, 'etc'), { recursive: true, force: true });
  await perform('cp', ['--archive', join(base, 'etc'), join(files.directory, 'etc')]);
  await mountRoot(files);
}

/** Changes the address of one name in the root's /etc/hosts; the host may run. */
export function renameIn({ root }: HostFiles, role: string, address: string): void {
  const path = join(root, 'etc/hosts');
  const lines = readFileSync(path, 'utf8').split('\n');
  const changed = lines.map(line => {
    const [, ...names] = line.split(/\s+/);
    return names.includes(role) ? [address, ...names].join(' ') : line;
  });
  writeFileSync(`${path}.lab`, changed.join('\n'));
  renameSync(`${path}.lab`, path);
}

/** What /etc/hosts of a host says: every machine by its role and its long name, first the one that the host's own name is like. */
function hostsFile(instance: Instance, role: string, last: number, longName: boolean): string {
  const machines = Object.entries({ ...presentNumbers(instance), [role]: last }).map(([other, number]) => {
    const names = [other, longNameOf(hostNumbers[other] ?? 0)];
    return [addressIn(instance, number), ...(longName ? names.reverse() : names)].join(' ');
  });
  const shared = Object.entries(sharedNames).flatMap(([other, lasts]) =>
    lasts.map(number => `${addressIn(instance, number)} ${other}`),
  );
  return [...machines, ...shared].map(line => `${line}\n`).join('');
}

/** The file that a host configures its cards from, at each boot. */
function cardsFile(instance: Instance, last: number, wayOut: WayOut): string {
  const lines = [
    `ADDRESS=${addressIn(instance, last)}`,
    `GATEWAY=${{ 'own card': instance.gateway, 'other card': outerGateway(instance), none: '' }[wayOut]}`,
    `OTHER=${wayOut === 'own card' ? '' : outerAddressIn(instance, last)}`,
  ];
  return lines.map(line => `${line}\n`).join('');
}

/** Writes what makes the new root this host's: name, addresses, keys, repository, firmware. */
export function personalize(options: {
  readonly instance: Instance;
  readonly role: string;
  readonly name: string;
  /** The last part of its address. */
  readonly last: number;
  readonly generation: number;
  readonly files: HostFiles;
  readonly ssh: SshFiles;
  readonly hostKey: string;
  readonly repoFile: string;
  readonly faces: readonly Face[];
}): void {
  const { instance, role, name, last, files, ssh, hostKey, repoFile } = options;
  const { firmware, isAws, longName, knowsLocalhost, wayOut, ...special } = featuresOf(options.faces);
  const put = (path: string, content: string, mode = 0o644): void => {
    const whole = join(files.root, path);
    mkdirSync(join(whole, '..'), { recursive: true });
    writeFileSync(whole, content);
    chmodSync(whole, mode);
  };
  const uuid = identity(instance, machineId(role, last), options.generation, isAws);
  const localhost = '127.0.0.1 localhost localhost.localdomain\n::1 localhost localhost.localdomain\n';
  put('etc/hostname', `${name}\n`);
  put('etc/machine-id', `${uuid.replaceAll('-', '')}\n`, 0o444);
  put('etc/hosts', (knowsLocalhost ? localhost : '') + hostsFile(instance, role, last, longName));
  put('etc/resolv.conf', `nameserver ${instance.gateway}\n`);
  put('etc/yum.repos.d/lab.repo', repoFile);
  put('etc/lab/host', cardsFile(instance, last, wayOut));
  put('etc/lab/at-boot', special.atBoot);
  for (const [field, value] of Object.entries({ ...firmware, product_uuid: uuid }))
    put(`etc/lab/dmi/${field}`, `${value}\n`, 0o444);
  mkdirSync(join(files.root, 'root/.ssh'), { recursive: true, mode: 0o700 });
  put('root/.ssh/authorized_keys', readFileSync(`${ssh.key}.pub`, 'utf8'), 0o600);
  for (const suffix of ['', '.pub']) {
    const path = join(files.root, `etc/ssh/ssh_host_ed25519_key${suffix}`);
    copyFileSync(`${hostKey}${suffix}`, path);
    chmodSync(path, suffix === '' ? 0o600 : 0o644);
  }
  for (const [path, content] of Object.entries(special.files)) {
    if (content === undefined) rmSync(join(files.root, path), { force: true });
    else put(path, content);
  }
}
