import type { Command, HostReader } from '../../engine/host';
import type { Settings } from '../../variables/settings';
import type { ClusterRecord } from '../record';
import { ETCD_PKI, ETCDCTL } from '../../steps/paths';

/** etcd's client program for files, wherever it is: on the host where the installer has put it there, else in its image. */
export async function etcdctlFor(
  host: HostReader,
  { settings }: Pick<ClusterRecord, 'settings'>,
): Promise<(directory: string, ...args: readonly string[]) => Command> {
  const here = (await host.stat(ETCDCTL)) !== undefined;
  return (directory, ...args) =>
    here
      ? offline(...args)
      : {
          file: 'docker',
          args: [
            ...['run', '--rm', '--network', 'none', '--env', 'ETCDCTL_API=3'],
            ...['--volume', `${directory}:${directory}:ro`],
            ...['--entrypoint', 'etcdctl', settings.images.etcd],
            ...args,
          ],
        };
}

/** A command of etcd's client program that asks members, made ready for where that program is. */
export async function etcdctlOnline(
  host: HostReader,
  settings: Settings,
  command: Command,
): Promise<Command> {
  if ((await host.stat(ETCDCTL)) !== undefined) return command;
  return {
    file: 'docker',
    args: [
      ...[
        'run',
        '--rm',
        '--network',
        'host',
        '--env',
        'ETCDCTL_API=3',
        '--volume',
        `${ETCD_PKI}:${ETCD_PKI}:ro`,
      ],
      ...['--entrypoint', 'etcdctl', settings.images.etcd],
      ...command.args,
    ],
  };
}

/** etcd's client program on this host, for files alone. */
export function offline(...args: readonly string[]): Command {
  return { file: ETCDCTL, args, env: { ETCDCTL_API: '3' } };
}

/** What `snapshot status` says of a file. */
export interface Verdict {
  readonly hash: number;
  readonly revision: number;
}

/** Reads it; undefined where it is something else. */
export function parseVerdict(text: string | undefined): Verdict | undefined {
  try {
    const { hash, revision } = JSON.parse(text ?? '') as Partial<Verdict>;
    return typeof hash === 'number' && typeof revision === 'number' ? { hash, revision } : undefined;
  } catch {
    return undefined;
  }
}
