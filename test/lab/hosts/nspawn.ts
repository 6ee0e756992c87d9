import { spawn } from 'node:child_process';
import { existsSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Ends } from './network';
import { argumentsOf, childrenOf } from './processes';

const startScript = join(dirname(fileURLToPath(import.meta.url)), 'start-host.sh');

/** What a machine is started with. */
export interface Chassis {
  /** Where its process id and its console are kept, and its docker and etcd directories are. */
  readonly directory: string;
  readonly root: string;
  readonly machine: string;
  readonly hostname: string;
  readonly bridge: string;
  /** Its other card, if it has one, and where that goes. */
  readonly other: Ends | undefined;
  readonly otherBridge: string;
  /** What stands in for a slow disk, with its milliseconds; empty where the disk is the machine's own. */
  readonly disk: string;
  /** Directories of the cgroups that it runs in. */
  readonly cgroups: readonly string[];
}

/** Starts systemd-nspawn in its cgroups and returns at once. */
export function launch(chassis: Chassis): void {
  const { directory, root, machine, hostname, bridge, other, otherBridge, disk, cgroups } = chassis;
  const log = openSync(join(directory, 'console.log'), 'w');
  const child = spawn(startScript, [machine], {
    detached: true,
    stdio: ['ignore', log, log],
    cwd: '/',
    env: {
      PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
      CGROUPS: cgroups.join('\n'),
      ROOT: root,
      MACHINE: machine,
      NAME: hostname,
      BRIDGE: bridge,
      DISK: disk,
      OTHER: other === undefined ? '' : `${otherBridge} ${other.outside} ${other.inside}`,
      STATE: directory,
    },
  });
  child.unref();
  writeFileSync(join(directory, 'pid'), String(child.pid));
}

/** The shell that boots a machine, and boots it again when it reboots itself; undefined when it is off. */
export function supervisorOf(directory: string, machine: string): number | undefined {
  const path = join(directory, 'pid');
  if (!existsSync(path)) return undefined;
  const pid = Number(readFileSync(path, 'utf8'));
  // The id may be another process's by now.
  const words = argumentsOf(pid) ?? [];
  return words.includes(startScript) && words.includes(machine) ? pid : undefined;
}

/** The systemd-nspawn that a supervisor has started. */
export function nspawnOf(supervisor: number, machine: string): number | undefined {
  return childrenOf(supervisor).find(pid => argumentsOf(pid)?.includes(`--machine=${machine}`) === true);
}

/** The last lines of a machine's console. */
export function consoleOf(directory: string): string {
  const path = join(directory, 'console.log');
  return existsSync(path) ? readFileSync(path, 'utf8').trimEnd().split('\n').slice(-15).join('\n') : '';
}
