import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Running } from '../hosts/command';
import { signal } from '../hosts/processes';
import type { LabHost } from '../lab';
import type { Ground } from './cluster';

/** Who is struck: the hosts, and the ssh through which the installer is watched. */
export interface Struck extends Ground {
  readonly watching: Running;
}

/** A fault from outside that is over when this resolves. */
export type Strike = (struck: Struck) => Promise<void>;

/** Ends the ssh of whoever watches, and its other end: the terminal hangs up. */
export const dropSsh: Strike = async ({ watching, master }) => {
  watching.kill('SIGKILL');
  const sessions = master.processes().filter(({ arguments: [first = ''] }) => /^sshd: root@pts/.test(first));
  for (const { pid } of sessions) signal(pid, 'SIGKILL');
  await delay(1000);
};

/** Pulls the plug of one host and boots it again at once. */
export function cutPower(name: string): Strike {
  return async ({ nodes }) => {
    const host = nodes.masters.find(one => one.name === name);
    if (host === undefined) throw new Error(`there is no ${name}`);
    await host.powerCut();
    await host.boot();
  };
}

/** The registry is stopped: connections are refused. */
export function registryAway(lastsMs: number): Strike {
  return async ({ lab }) => {
    await lab.stopRegistries();
    await delay(lastsMs);
    await lab.up(() => undefined);
  };
}

/** No host reaches any other, nor the registry: a switch is off. */
export function networkAway(lastsMs: number): Strike {
  return async ({ nodes }) => {
    const up = nodes.masters.filter(host => host.running);
    await Promise.all(up.map(host => host.partition()));
    await delay(lastsMs);
    await Promise.all(up.map(host => host.heal()));
  };
}

/** No name is known to any host but its own: what it asks for is refused at once. */
export function namesAway(lastsMs: number): Strike {
  return async ({ nodes }) => {
    const files = nodes.masters.map(host => ({ path: join(host.rootPath, 'etc/hosts'), host }));
    const before = files.map(({ path }) => readFileSync(path, 'utf8'));
    for (const [index, { path, host }] of files.entries()) {
      const own = (before[index] ?? '').split('\n').filter(line => keeps(line, host));
      writeFileSync(path, `${own.join('\n')}\n`);
    }
    await delay(lastsMs);
    for (const [index, { path }] of files.entries()) writeFileSync(path, before[index] ?? '');
  };
}

function keeps(line: string, { name }: LabHost): boolean {
  return line.includes('localhost') || line.split(/\s+/)[1] === name;
}
