import type { HostReader } from '../../engine/host';
import { etcdFacts } from '../../kubernetes/etcd-version';
import { etcdRequest } from '../../steps/access';
import type { Master } from '../../variables/master';
import type { ClusterRecord } from '../record';
import { memberDirectory } from './attempt';
import { MEMBER } from './places';
import { etcdctlFor, parseVerdict } from './program';
import { isoTime, modified } from './snapshots';
import { logIn } from '../wal/files';
import { opened } from './opened';

const STATUS_MS = 60_000;

/** What this host's own etcd has, as etcd itself found it when it opened a copy; or why it cannot be used, with what is known of it all the same. */
export type OwnData =
  | {
      readonly revision: number;
      /** When the newest write came; where its log does not tell, when that was last written to, which is no earlier. */
      readonly time: string;
      readonly bytes: number;
      /** Entries that a quorum had and that its log has lost at its end, from and up to. */
      readonly unread?: readonly [bigint, bigint];
    }
  | { readonly unusable: string; readonly revision?: number };

/** Looks at the member's files, and has etcd open a copy of them. One that runs is asked too: what it knows of counts as seen. */
export async function ownData(host: HostReader, record: ClusterRecord): Promise<OwnData> {
  const directory = await memberDirectory(host);
  const database = `${directory}/snap/db`;
  const [log, file, running] = await Promise.all([
    logIn(host, directory, record),
    host.stat(database),
    directory === MEMBER ? currentRevision(host, record) : undefined,
  ]);
  const unusable = async (reason: string): Promise<OwnData> => {
    const revision = running ?? (file === undefined ? undefined : await revisionOf(host, record, database));
    return { unusable: reason, ...(revision === undefined ? {} : { revision }) };
  };
  if (file === undefined) return unusable(`its data is not there (${database})`);
  if ('damage' in log) return unusable(`its log in ${directory}/wal is damaged or not there: ${log.damage}`);
  const found = await opened(host, record, directory, log);
  if ('unusable' in found) return unusable(found.unusable);
  const { time: seconds, behind, last } = log.state;
  const time = seconds === undefined ? await modified(host, log.path) : isoTime(seconds);
  const lost =
    behind !== undefined && behind.committed > last ? ([last + 1n, behind.committed] as const) : undefined;
  return {
    revision: found.revision,
    time,
    bytes: file.size,
    ...(lost === undefined ? {} : { unread: lost }),
  };
}

/** The newest write in a database that is not open, where it can be told. */
async function revisionOf(
  host: HostReader,
  record: ClusterRecord,
  database: string,
): Promise<number | undefined> {
  const etcdctl = await etcdctlFor(host, record);
  const directory = database.slice(0, database.lastIndexOf('/'));
  const looked = await host.query(etcdctl(directory, 'snapshot', 'status', database, '--write-out=json'), {
    timeoutMs: STATUS_MS,
  });
  return looked.code === 0 ? parseVerdict(looked.stdout)?.revision : undefined;
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
    ...etcdRequest(address, `/${etcdFacts(settings).gateway}/maintenance/status`, { port: 'clients' }),
    method: 'POST',
    body: '{}',
  });
  if ('error' in answer || answer.status !== 200) return undefined;
  const revision = Number(/"revision":"(\d+)"/.exec(answer.body)?.[1]);
  return Number.isSafeInteger(revision) ? { revision } : undefined;
}
