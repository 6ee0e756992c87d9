import { createHash } from 'node:crypto';
import type { Composed, Filling } from '../engine/change';
import type { HostReader } from '../engine/host';
import { askApi } from '../kubernetes/api';
import { etcdCopy, keyOf, masterFilesOf, type MasterFile, type Part } from '../kubernetes/master-files';
import { MASTERS_NAMESPACE, masterSecret } from '../kubernetes/master-secret';
import { labelOf } from '../kubernetes/names';
import { hasAppliedCopy, pathOf, type KubeObject } from '../kubernetes/objects';
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

/**
 * The Secret as a manifest with places for its values, filled from this host's files as it is written. Without the turn of
 * etcd, which is given apart. In `data` alone: stringData and applying on the server's side do not go together (Kubernetes' API reference, Secret).
 */
export function masterManifest(master: Master, entries: readonly Entry[]): Composed {
  const sums: Record<string, Filling> = {};
  const lines = entries.flatMap(({ source, file }, index) => {
    if (file === undefined) return [];
    sums[`sha256-${index}`] = { path: source, encoding: 'sha256', secret: false };
    return [lineOf(file, `{{sha256-${index}}}`)];
  });
  const list = { template: textOf(lines), files: sums };
  const files: Record<string, Filling> = { list: { composed: list, encoding: 'base64' } };
  const data: Record<string, string> = {
    address: Buffer.from(master.address).toString('base64'),
    files: '{{list}}',
  };
  for (const [index, { key, source, secret }] of entries.entries()) {
    files[`base64-${index}`] = { path: source, encoding: 'base64', secret };
    data[key] = `{{base64-${index}}}`;
  }
  return { template: toYaml({ ...masterIdentity(master), type: 'Opaque', data }), files };
}

/** The Secret by its names, without what is in it. */
export function masterIdentity(master: Master): KubeObject {
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

/** How the Secret in the cluster compares with what it shall hold; more (what a later step stores, and etcd's turn) is no difference. */
export type LiveSecret = 'same' | 'other' | 'copied';

/** Compares them; `copied` where its values stand in its annotations too. */
export async function compareSecret(
  host: HostReader,
  first: Master,
  master: Master,
  wanted: WantedSecret | undefined,
): Promise<LiveSecret> {
  if (wanted === undefined) return 'other';
  const answer = await askApi(host, apiAccess(first), pathOf(masterIdentity(master)));
  if (answer.kind !== 'found') return 'other';
  const { data = {} } = answer.body as { readonly data?: Readonly<Record<string, string>> };
  if (hasAppliedCopy(answer.body)) return 'copied';
  const text = (key: string): string => Buffer.from(data[key] ?? '', 'base64').toString('utf8');
  const lines = new Set(text('files').split('\n'));
  const same =
    text('address') === master.address &&
    wanted.lines.every(line => lines.has(line)) &&
    [...wanted.values].every(([key, value]) => data[key] === value);
  return same ? 'same' : 'other';
}

/** SHA-256 of the list of files in a master's Secret as it is in the cluster; undefined where there is none. */
export async function storedDigest(
  host: HostReader,
  first: Master,
  master: Master,
): Promise<string | undefined> {
  const answer = await askApi(host, apiAccess(first), pathOf(masterIdentity(master)));
  if (answer.kind !== 'found') return undefined;
  const { data } = answer.body as { readonly data?: Readonly<Record<string, string>> };
  const files = data?.['files'];
  return files && createHash('sha256').update(Buffer.from(files, 'base64')).digest('hex');
}
