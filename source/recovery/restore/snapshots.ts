import type { HostReader } from '../../engine/host';
import { SNAPSHOTS } from '../../steps/paths';
import type { ClusterRecord } from '../record';
import { COPIED_SNAPSHOTS } from './places';
import { etcdctlFor, parseVerdict } from './program';

/** A large snapshot on a slow disk. */
const VERIFY_MS = 10 * 60_000;

/** A snapshot that is whole, and one that is not, with the reason. */
export type Snapshot =
  | { readonly path: string; readonly revision: number; readonly time: string; readonly bytes: number }
  | { readonly path: string; readonly rejected: string };

/** Every snapshot that this host has, each looked at from end to end. */
export async function snapshots(host: HostReader, record: ClusterRecord): Promise<readonly Snapshot[]> {
  const found: Snapshot[] = [];
  for (const directory of [SNAPSHOTS, COPIED_SNAPSHOTS]) {
    for (const name of (await host.list(directory)) ?? []) {
      if (name.endsWith('.db')) found.push(await snapshot(host, record, `${directory}/${name}`));
    }
  }
  return found;
}

/** One snapshot: its end holds the SHA-256 of what is before, its content must have the hash and revision that were noted as it was taken. */
export async function snapshot(host: HostReader, record: ClusterRecord, path: string): Promise<Snapshot> {
  const rejected = (reason: string): Snapshot => ({ path, rejected: reason });
  const found = await host.stat(path);
  if (found?.kind !== 'file') return rejected('it is not there');
  const etcdctl = await etcdctlFor(host, record);
  const directory = path.slice(0, path.lastIndexOf('/'));
  const sums = await host.query({ file: 'sh', args: ['-c', SUMS, 'sh', path] }, { timeoutMs: VERIFY_MS });
  const [sum, kept] = sums.stdout.trim().split('\n');
  if (sums.code !== 0 || !/^[0-9a-f]{64}$/.test(sum ?? '') || sum !== kept)
    return rejected('it is damaged or cut short: the checksum at its end is not that of its content');
  const status = await host.query(etcdctl(directory, 'snapshot', 'status', path, '--write-out=json'), {
    timeoutMs: VERIFY_MS,
  });
  const verdict = status.code === 0 ? parseVerdict(status.stdout) : undefined;
  if (verdict === undefined) return rejected(`it cannot be read: ${lastLine(status.stderr)}`);
  const beside = await host.read(path.replace(/\.db$/, '.json'));
  const noted = parseVerdict(beside?.toString('utf8'));
  if (beside !== undefined && (noted?.hash !== verdict.hash || noted.revision !== verdict.revision))
    return rejected('it is not what was noted as it was taken: its hash or revision is another one');
  const { revision } = verdict;
  return { path, revision, time: await timeOf(host, path), bytes: found.size };
}

/** The SHA-256 of all but the last 32 bytes, and those. */
const SUMS = [
  'set -e',
  'head --bytes=-32 "$1" | sha256sum | cut -d " " -f 1',
  'tail --bytes=32 "$1" | od -An -v -tx1 | tr -d " \\n"',
].join('\n');

/** When it was taken: its name says so, else the file's time. */
async function timeOf(host: HostReader, path: string): Promise<string> {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const [, day, time] = /^(\d{8})T(\d{6})Z/.exec(name) ?? [];
  if (day === undefined || time === undefined) return modified(host, path);
  const parts = [day.slice(0, 4), day.slice(4, 6), day.slice(6)].join('-');
  return `${parts}T${[time.slice(0, 2), time.slice(2, 4), time.slice(4)].join(':')}Z`;
}

/** When a file was last written. */
export async function modified(host: HostReader, path: string): Promise<string> {
  const { stdout } = await host.query({ file: 'stat', args: ['--format=%Y', '--', path] });
  return isoTime(Number(stdout.trim()));
}

/** Seconds since 1970 as people read them. */
export function isoTime(seconds: number): string {
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`;
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1)?.slice(0, 200) ?? '';
}
