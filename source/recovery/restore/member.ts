import type { HostReader } from '../../engine/host';
import { hasLearners } from '../../kubernetes/etcd-manifests';
import { etcdRequest } from '../../steps/access';
import type { Master } from '../../variables/master';
import type { ClusterRecord } from '../record';
import { memberDirectory } from './attempt';
import { MEMBER } from './places';
import { etcdctlFor, parseVerdict } from './program';
import { isoTime, modified } from './snapshots';
import { readLog, type LogState } from './wal';

/** The log's newest part: a file that was just begun may hold no entry yet. */
const NEWEST_FILES = 2;
const STATUS_MS = 60_000;

/** What this host's own etcd has, and how it was found out; or why it cannot be used. */
export type OwnData =
  | {
      readonly revision: number;
      /** When the newest write came; where its log does not tell, when that was last written to, which is no earlier. */
      readonly time: string;
      readonly bytes: number;
      /** It runs, so the revision is exact; else its log may hold more than its database, which is what was asked. */
      readonly runs: boolean;
    }
  | { readonly unusable: string };

/** Asks the member while it runs, which it answers without a quorum; else looks at its files. */
export async function ownData(host: HostReader, record: ClusterRecord): Promise<OwnData> {
  const directory = await memberDirectory(host);
  const database = `${directory}/snap/db`;
  const [log, file, revision] = await Promise.all([
    logIn(host, directory),
    host.stat(database),
    currentRevision(host, record),
  ]);
  if (file === undefined) return { unusable: `its data is not there (${database})` };
  if (log === undefined) return { unusable: `its log in ${directory}/wal is damaged or not there` };
  const { time: seconds } = log.state;
  const time = seconds === undefined ? await modified(host, log.path) : isoTime(seconds);
  const bytes = file.size;
  if (directory === MEMBER && revision !== undefined) return { revision, time, bytes, runs: true };
  const etcdctl = await etcdctlFor(host, record);
  const looked = await host.query(
    etcdctl(`${directory}/snap`, 'snapshot', 'status', database, '--write-out=json'),
    { timeoutMs: STATUS_MS },
  );
  const verdict = looked.code === 0 ? parseVerdict(looked.stdout) : undefined;
  if (verdict === undefined)
    return { unusable: `its database cannot be read: ${lastLine(looked.stderr) || 'no answer'}` };
  return { revision: verdict.revision, time, bytes, runs: false };
}

/** The state of the log below a data directory, and its newest file. */
export async function logIn(
  host: HostReader,
  directory: string,
): Promise<{ readonly path: string; readonly state: LogState } | undefined> {
  const names = ((await host.list(`${directory}/wal`)) ?? []).filter(name => name.endsWith('.wal'));
  const paths = names.slice(-NEWEST_FILES).map(name => `${directory}/wal/${name}`);
  const files = await Promise.all(paths.map(path => host.read(path)));
  const state = readLog(files.filter((one): one is Buffer => one !== undefined));
  const path = paths.at(-1);
  return state === undefined || path === undefined ? undefined : { path, state };
}

/** The newest write, as the member has it that runs here. Without a quorum it opens no client port when it is started again, and tells its metrics all the same. */
async function currentRevision(host: HostReader, record: ClusterRecord): Promise<number | undefined> {
  const { here } = record;
  const metrics = await host.request(etcdRequest(here.address, '/metrics'));
  const text = 'status' in metrics && metrics.status === 200 ? metrics.body : '';
  const found = /^etcd_debugging_mvcc_current_revision (\S+)$/m.exec(text)?.[1];
  return found === undefined ? (await memberStatus(host, record, here))?.revision : Number(found);
}

/** What a member says of itself at its client port, which it has opened once it had a leader; it answers without one (etcdserver/api/v3rpc/maintenance.go). */
export async function memberStatus(
  host: HostReader,
  { settings }: Pick<ClusterRecord, 'settings'>,
  { address }: Master,
): Promise<{ readonly revision: number } | undefined> {
  const answer = await host.request({
    ...etcdRequest(address, `/${gateway(settings)}/maintenance/status`, { port: 'clients' }),
    method: 'POST',
    body: '{}',
  });
  if ('error' in answer || answer.status !== 200) return undefined;
  const revision = Number(/"revision":"(\d+)"/.exec(answer.body)?.[1]);
  return Number.isSafeInteger(revision) ? { revision } : undefined;
}

/** What etcd's JSON API is found under: v3 from 3.4, v3beta in 3.3. */
export function gateway(settings: ClusterRecord['settings']): string {
  return hasLearners(settings) ? 'v3' : 'v3beta';
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1)?.slice(0, 200) ?? '';
}
