import type { Change, Composed, Filling } from '../../engine/change';
import type { HostReader } from '../../engine/host';
import { kubectl, KUBECTL_TIMEOUT_MS, WHILE_UNANSWERED } from '../../kubernetes/kubectl';
import { ownCopy } from '../../kubernetes/master-files';
import { MASTERS_NAMESPACE, masterSecret } from '../../kubernetes/master-secret';
import { toYaml } from '../../kubernetes/yaml';
import { isSecretFile, keyPathOf, movedFiles, withSums, type Moves } from '../../recovery/moved';
import { listOf, sha256, type StoredFile, type StoredMaster } from '../../recovery/stored';
import type { Master } from '../../variables/master';
import { manifestFile } from '../manifest';

/** What is to change in what the cluster keeps for a master. */
export interface StoredChange {
  /** Keys whose values come from files of this host. */
  readonly files: readonly { readonly key: string; readonly source: string; readonly secret: boolean }[];
  /** Keys whose values are no secret, and are known. */
  readonly texts: Readonly<Record<string, string>>;
  /** The list of files afterwards. */
  readonly list: readonly StoredFile[];
  /** False where one of the files that it is made from is not there (yet). */
  readonly ready: boolean;
}

/** The files of a master that are to be other than they are stored, of those that are chosen, with the sums of what lies on this host for it. */
export async function movedChange(
  host: HostReader,
  stored: StoredMaster,
  master: Master,
  moves: Moves,
  chosen: (path: string) => boolean,
): Promise<StoredChange> {
  const { texts, certificates } = movedFiles(stored, moves);
  const copies = new Set(certificates.map(({ certPath }) => certPath));
  const pairs = stored.files.flatMap(({ path }) =>
    copies.has(ownCopy(master, path)) ? [path, keyPathOf(path)] : [],
  );
  const touched = [...texts.keys(), ...pairs].filter(chosen);
  const sums = new Map<string, string>();
  const files: { key: string; source: string; secret: boolean }[] = [];
  for (const path of touched) {
    const source = ownCopy(master, path);
    const content = await host.read(source);
    const key = stored.files.find(one => one.path === path)?.key;
    if (key === undefined) continue;
    if (content !== undefined) sums.set(path, sha256(content));
    files.push({ key, source, secret: isSecretFile(path) });
  }
  const known = stored.files.filter(({ path }) => sums.has(path) || stored.lent?.includes(path) !== true);
  const list = withSums(known, sums);
  return { files, texts: {}, list, ready: files.length === sums.size };
}

/** Whether the cluster has all of it already. */
export function isStored(stored: StoredMaster, change: StoredChange): boolean {
  const text = (key: string): string => stored.values.get(key)?.toString('utf8') ?? '';
  return (
    change.files.length === 0 &&
    Object.entries(change.texts).every(([key, value]) => text(key) === value) &&
    listOf(stored.files).text === listOf(change.list).text
  );
}

/**
 * Writes it into the master's Secret and into nothing else of it, by applying on the server's side (kubectl 1.16 and
 * later). Who applies there owns what was applied, and what an owner leaves out the next time is removed: so there is
 * an owner for each set of keys.
 */
export function storeChange(master: Master, change: StoredChange): readonly Change[] {
  const file = manifestFile(storeName(master), manifestOf(master, change));
  const keys = [...change.files.map(({ key }) => key), ...Object.keys(change.texts)].sort();
  const owner = `kube-el7-install-${sha256(keys.join('\n')).slice(0, 12)}`;
  return [
    { kind: 'write', path: file.path, content: file.content, mode: file.mode },
    {
      kind: 'run',
      title: `Store it in ${masterSecret(master.hostname)}`,
      command: kubectl(
        ...['apply', '--server-side', '--force-conflicts', `--field-manager=${owner}`],
        ...['--filename', file.path],
      ),
      timeoutMs: KUBECTL_TIMEOUT_MS,
      again: WHILE_UNANSWERED,
    },
    { kind: 'remove', path: file.path },
  ];
}

/** What the manifest is called that it is stored from, which is there only for as long. */
export function storeName({ hostname }: Master): string {
  return `readd-${hostname}`;
}

function manifestOf(master: Master, { files, texts, list }: StoredChange): Composed {
  const places: Record<string, Filling> = {};
  const data: Record<string, string> = {};
  for (const [index, { key, source, secret }] of files.entries()) {
    places[`value-${index}`] = { path: source, encoding: 'base64', secret };
    data[key] = `{{value-${index}}}`;
  }
  for (const [key, text] of Object.entries({ ...texts, files: listOf(list).text })) {
    data[key] = Buffer.from(text).toString('base64');
  }
  const metadata = { name: masterSecret(master.hostname), namespace: MASTERS_NAMESPACE };
  return { template: toYaml({ apiVersion: 'v1', kind: 'Secret', metadata, data }), files: places };
}
