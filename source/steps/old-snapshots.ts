import type { HostReader } from '../engine/host';
import { parseVerdict, type Verdict } from '../recovery/restore/program';
import type { Master } from '../variables/master';
import { etcdctlCommand } from './access';
import { SNAPSHOTS } from './paths';

/** So many are kept beside a new one. */
const KEPT = 4;
const VERIFY_MS = 10 * 60_000;

/** What the installer calls its snapshots. */
const OURS = /^\d{8}T\d{6}Z-before-[A-Za-z0-9.-]+$/;

/** Stands beside a snapshot from before it is saved until it was verified. */
export function begunMark(name: string): { readonly path: string; readonly text: string } {
  return { path: `${SNAPSHOTS}/${name}.begun`, text: `kube-el7-install is saving ${name}.db\n` };
}

/** Names without their ends of the snapshots that were verified, oldest first. */
export function verifiedSnapshots(files: readonly string[]): readonly string[] {
  return files
    .flatMap(file => /^(\d{8}T\d{6}Z-.*)\.db$/.exec(file)?.[1] ?? [])
    .filter(name => files.includes(`${name}.json`))
    .sort();
}

/**
 * Files that may go when a new snapshot is saved: snapshots older than the newest few, and what an interrupted run has left.
 * Only what the installer has made, and is still what it has made: of its names, plain files, with the hash that was noted beside them.
 * An operator's own files in the same place are never among them.
 */
export async function oldSnapshots(host: HostReader, master: Master): Promise<readonly string[]> {
  const files = (await host.list(SNAPSHOTS)) ?? [];
  const own: string[] = [];
  for (const name of verifiedSnapshots(files).filter(one => OURS.test(one)))
    if ((await isFile(host, `${name}.db`)) && (await noted(host, name)) !== undefined) own.push(name);
  const old: string[] = [];
  for (const name of own.slice(0, -KEPT))
    if (await isAsNoted(host, master, name)) old.push(`${SNAPSHOTS}/${name}.db`, `${SNAPSHOTS}/${name}.json`);
  return [...old, ...(await cutOff(host, files))];
}

/** Of a snapshot whose saving was begun and not ended. */
async function cutOff(host: HostReader, files: readonly string[]): Promise<readonly string[]> {
  const found: string[] = [];
  for (const file of files) {
    const name = file.replace(/\.begun$/, '');
    const { path, text } = begunMark(name);
    if (name === file || !OURS.test(name) || !(await isFile(host, file))) continue;
    if ((await host.read(path))?.toString('utf8') !== text) continue;
    const parts = files.includes(`${name}.json`) ? [] : [`${name}.db`, `${name}.db.part`];
    for (const part of parts) if (await isFile(host, part)) found.push(`${SNAPSHOTS}/${part}`);
    found.push(path);
  }
  return found;
}

async function isFile(host: HostReader, name: string): Promise<boolean> {
  return (await host.stat(`${SNAPSHOTS}/${name}`))?.kind === 'file';
}

async function noted(host: HostReader, name: string): Promise<Verdict | undefined> {
  if (!(await isFile(host, `${name}.json`))) return undefined;
  return parseVerdict((await host.read(`${SNAPSHOTS}/${name}.json`))?.toString('utf8'));
}

/** Reads the whole of it: what has the name and another content is somebody else's. */
async function isAsNoted(host: HostReader, master: Master, name: string): Promise<boolean> {
  const wanted = await noted(host, name);
  const command = etcdctlCommand(master, 'snapshot', 'status', `${SNAPSHOTS}/${name}.db`, '--write-out=json');
  const found = await host.query(command, { timeoutMs: VERIFY_MS });
  const is = found.code === 0 ? parseVerdict(found.stdout) : undefined;
  return is !== undefined && is.hash === wanted?.hash && is.revision === wanted.revision;
}
