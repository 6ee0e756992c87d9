import type { HostReader } from '../engine/host';
import { ETCD_DATA } from '../steps/paths';

/** Data of etcd on this host. */
export interface EtcdData {
  readonly directory: string;
  /** The unit of systemd that starts an etcd here, where there is one. */
  readonly unit?: string;
  /** It reads files below /etc/kubernetes, its certificates for one. */
  readonly needsKubernetes?: true;
}

/** Where units of etcd are told their data directory: the package's file, Kubespray's, Debian's. */
const CONFIGURATIONS = ['/etc/etcd/etcd.conf', '/etc/etcd.env', '/etc/default/etcd'];
const UNITS = ['etcd.service', 'etcd-member.service', 'etcd2.service'];
const UNIT_FOLDERS = ['/etc/systemd/system', '/usr/lib/systemd/system'];
/** etcd's own data in its usual place, and what this product keeps beside it. */
const OURS = /^(member|member\.before-.*|kube-el7-install-.*)$/;

/** Whether a name below etcd's data directory is etcd's own, or one that this product gives. */
export function isMemberData(name: string): boolean {
  return OURS.test(name);
}

/** Every directory with a member's data that files tell of: the usual one, what lies in it (EL7's package has /var/lib/etcd/default.etcd), what units are configured with, and `also`. */
export async function readEtcdData(
  host: HostReader,
  also: readonly string[] = [],
): Promise<readonly EtcdData[]> {
  const [names, unit] = await Promise.all([host.list(ETCD_DATA), firstUnit(host)]);
  const texts = await Promise.all(CONFIGURATIONS.map(path => textOf(host, path)));
  const told = [...texts, unit?.text ?? ''];
  const configured = told.flatMap(directoryIn);
  const needs = told.some(text => text.includes('/etc/kubernetes/'))
    ? { needsKubernetes: true as const }
    : {};
  const inside = (names ?? []).filter(name => !isMemberData(name)).map(name => `${ETCD_DATA}/${name}`);
  const directories = [...new Set([ETCD_DATA, ...inside, ...configured, ...also])];
  const found = await Promise.all(
    directories.map(async (directory): Promise<readonly EtcdData[]> => {
      // A folder that was only made, or was emptied, has nothing to lose.
      const full = ((await host.list(`${directory}/member`)) ?? []).length > 0;
      if (!full) return [];
      if (unit === undefined || also.includes(directory)) return [{ directory }];
      return [{ directory, unit: unit.name, ...needs }];
    }),
  );
  return found.flat();
}

async function firstUnit(
  host: HostReader,
): Promise<{ readonly name: string; readonly text: string } | undefined> {
  for (const name of UNITS) {
    for (const folder of UNIT_FOLDERS) {
      const text = await textOf(host, `${folder}/${name}`);
      if (text !== '') return { name, text };
    }
  }
  return undefined;
}

function directoryIn(text: string): readonly string[] {
  const found = [
    ...text.matchAll(/(?:^\s*(?:export\s+)?ETCD_DATA_DIR=|--data-dir[= ])["']?(\/[^"'\s\\]+)/gm),
  ];
  return found.map(([, directory = '']) => directory.replace(/\/+$/, ''));
}

async function textOf(host: HostReader, path: string): Promise<string> {
  return (await host.read(path))?.toString('utf8') ?? '';
}
