import { createHash } from 'node:crypto';
import type { Composed } from '../engine/change';
import type { HostReader } from '../engine/host';
import { askApi } from '../kubernetes/api';
import { etcdCopy, keyOf, masterFilesOf, type MasterFile, type Part } from '../kubernetes/master-files';
import { MASTERS_NAMESPACE, masterSecret } from '../kubernetes/master-secret';
import { labelOf } from '../kubernetes/names';
import { pathOf, type KubeObject } from '../kubernetes/objects';
import { toYaml } from '../kubernetes/yaml';
import type { Master } from '../variables/master';
import type { Settings } from '../variables/settings';
import { apiAccess } from './access';

/** A key of a master's Secret and the file of this host that fills it; `file` where the master's program writes it as it is. */
export interface Entry {
  readonly key: string;
  readonly source: string;
  readonly secret: boolean;
  readonly file?: MasterFile;
}

/** What the Secret shall hold; only hashes and encoded contents, compared and never shown. */
interface WantedSecret {
  readonly values: ReadonlyMap<string, string>;
  /** The list of files, a line each. */
  readonly lines: readonly string[];
  readonly digest: string;
}

/** The keys of one master's Secret. */
export function masterEntries(
  settings: Settings,
  all: readonly Master[],
  index: number,
  part: Part,
): readonly Entry[] {
  const [master] = all.slice(index);
  if (master === undefined) throw new Error(`there is no master at place ${index}`);
  // The first master's own init manifest is its installer's.
  const pods = index === 0 ? (['etcd-cluster'] as const) : (['etcd-init', 'etcd-cluster'] as const);
  return [
    ...pods.map(pod => ({ key: `${pod}.yaml`, source: etcdCopy(master, pod), secret: false })),
    ...masterFilesOf(settings, all, index, part).map(file => ({
      ...{ key: keyOf(file.path), source: file.source, secret: file.secret },
      file,
    })),
  ];
}

/** The Secret as a manifest with places for its values, filled from this host's files as it is written. Without the turn of etcd, which is given apart. */
export function masterManifest(master: Master, entries: readonly Entry[]): Composed {
  const files: Record<string, Composed['files'][string]> = {};
  const place = (entry: Entry, index: number, encoding: 'base64' | 'sha256'): string => {
    const name = `${encoding}-${index}`;
    const secret = entry.secret && encoding === 'base64';
    files[name] = { path: entry.source, encoding, secret };
    return `{{${name}}}`;
  };
  const lines = entries.flatMap((entry, index) =>
    entry.file === undefined ? [] : [lineOf(entry.file, place(entry, index, 'sha256'))],
  );
  const data = entries.map((entry, index) => [entry.key, place(entry, index, 'base64')] as const);
  const object: KubeObject = {
    ...identity(master),
    type: 'Opaque',
    stringData: { address: master.address, files: textOf(lines) },
    data: Object.fromEntries(data),
  };
  return { template: toYaml(object), files };
}

function identity(master: Master): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: masterSecret(master.hostname),
      namespace: MASTERS_NAMESPACE,
      labels: { 'kube-el7-install/master': labelOf(master.hostname) },
    },
  };
}

function lineOf({ mode, path }: MasterFile, sum: string): string {
  return `${sum} ${mode.toString(8)} ${keyOf(path)} ${path}`;
}

function textOf(lines: readonly string[]): string {
  return lines.map(line => `${line}\n`).join('');
}

/** The values from this host's files; undefined where one of them is not there (yet). */
export async function wantedSecret(
  host: HostReader,
  entries: readonly Entry[],
): Promise<WantedSecret | undefined> {
  const contents = await Promise.all(entries.map(entry => host.read(entry.source)));
  const values = new Map<string, string>();
  const lines: string[] = [];
  for (const [index, { key, file }] of entries.entries()) {
    const bytes = contents[index];
    if (bytes === undefined) return undefined;
    values.set(key, bytes.toString('base64'));
    if (file !== undefined) lines.push(lineOf(file, createHash('sha256').update(bytes).digest('hex')));
  }
  return { values, lines, digest: createHash('sha256').update(textOf(lines)).digest('hex') };
}

/** Whether the Secret in the cluster has all that it is to have; more (what a later step stores, and etcd's turn) is no difference. */
export async function compareSecret(
  host: HostReader,
  first: Master,
  master: Master,
  wanted: WantedSecret | undefined,
): Promise<boolean> {
  if (wanted === undefined) return false;
  const answer = await askApi(host, apiAccess(first), pathOf(identity(master)));
  if (answer.kind !== 'found') return false;
  const { data = {} } = answer.body as { readonly data?: Readonly<Record<string, string>> };
  const text = (key: string): string => Buffer.from(data[key] ?? '', 'base64').toString('utf8');
  const lines = new Set(text('files').split('\n'));
  return (
    text('address') === master.address &&
    wanted.lines.every(line => lines.has(line)) &&
    [...wanted.values].every(([key, value]) => data[key] === value)
  );
}

/** SHA-256 of the list of files in a master's Secret as it is in the cluster; undefined where there is none. */
export async function storedDigest(
  host: HostReader,
  first: Master,
  master: Master,
): Promise<string | undefined> {
  const answer = await askApi(host, apiAccess(first), pathOf(identity(master)));
  if (answer.kind !== 'found') return undefined;
  const { data } = answer.body as { readonly data?: Readonly<Record<string, string>> };
  const files = data?.['files'];
  return files && createHash('sha256').update(Buffer.from(files, 'base64')).digest('hex');
}
