import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { perform, start } from './command';
import type { Result, RunOptions, Running } from './command';

/** The files that ssh to an instance's hosts goes by. */
export interface SshFiles {
  readonly directory: string;
  readonly key: string;
  readonly knownHosts: string;
}

/** Where an instance keeps its key and the hosts' keys. */
export function sshFiles(state: string): SshFiles {
  const directory = join(state, 'ssh');
  return { directory, key: join(directory, 'id_ed25519'), knownHosts: join(directory, 'known_hosts') };
}

const underWay = new Map<string, Promise<void>>();

/** Makes an ed25519 key pair if it is not there; hosts that are made at the same time share the making of theirs. */
export async function ensureKey(path: string, comment: string): Promise<void> {
  const making = underWay.get(path) ?? makeKey(path, comment);
  underWay.set(path, making);
  await making.finally(() => underWay.delete(path));
}

async function makeKey(path: string, comment: string): Promise<void> {
  if (existsSync(path)) return;
  mkdirSync(join(path, '..'), { recursive: true, mode: 0o700 });
  await perform('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', comment, '-f', path]);
}

/** Makes a host's key the one that is expected at its address. */
export function trust(files: SshFiles, address: string, publicKey: string): void {
  mkdirSync(files.directory, { recursive: true, mode: 0o700 });
  const known = existsSync(files.knownHosts) ? readFileSync(files.knownHosts, 'utf8').split('\n') : [];
  const others = known.filter(line => line !== '' && !line.startsWith(`${address} `));
  const [type = '', key = ''] = publicKey.split(' ');
  writeFileSync(files.knownHosts, `${[...others, `${address} ${type} ${key}`].join('\n')}\n`);
}

/** The arguments of ssh before the command: nothing of the caller's own configuration, and host keys checked. */
export function sshArguments(
  files: SshFiles,
  address: string,
  more: readonly string[] = [],
): readonly string[] {
  const options = [
    'BatchMode=yes',
    'StrictHostKeyChecking=yes',
    `UserKnownHostsFile=${files.knownHosts}`,
    'GlobalKnownHostsFile=/dev/null',
    'IdentitiesOnly=yes',
    'ConnectTimeout=20',
    'ServerAliveInterval=5',
    'ServerAliveCountMax=3',
    'LogLevel=ERROR',
  ];
  return [
    '-F',
    'none',
    ...options.flatMap(option => ['-o', option]),
    '-i',
    files.key,
    ...more,
    `root@${address}`,
  ];
}

/** Quotes a word for a POSIX shell. */
export function quote(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

/** The command with its environment set, as one line for the host's shell. */
export function withEnvironment(command: string, env: Readonly<Record<string, string>> = {}): string {
  const settings = Object.entries(env).map(([name, value]) => `export ${name}=${quote(value)}; `);
  return settings.join('') + command;
}

/** ssh's own failure, told from a command that happens to end with 255 by what ssh says then. */
const sshFailed =
  /^(ssh: |kex_exchange_identification|Host key verification failed|Connection (closed|reset|timed out)|Timeout, server |client_loop: |\S+: Permission denied|Connection to \S+ )/m;

/** Starts a command on a host over ssh; `input` and the timeout are as for a local program, `env` is the host's. */
export function startOverSsh(
  files: SshFiles,
  address: string,
  command: string,
  options: RunOptions = {},
): Running {
  const { env, ...local } = options;
  const running = start('ssh', [...sshArguments(files, address), withEnvironment(command, env)], local);
  const checked = async (): Promise<Result> => {
    const result = await running.result;
    if (result.code === 255 && sshFailed.test(result.stderr)) {
      throw new Error(`ssh to ${address} failed: ${result.stderr.trim()}`);
    }
    return result;
  };
  return { ...running, result: checked() };
}
