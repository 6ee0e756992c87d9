import type { HostReader } from '../../engine/host';
import { limitsRecords } from '../../kubernetes/etcd-manifests';
import type { ClusterRecord } from '../record';
import { LOG_FILE, LogReader, type LogDamage, type LogState } from './log';

/** The log below a data directory: its newest file, and its state. */
export interface FoundLog {
  readonly path: string;
  readonly state: LogState;
}

/** The number of the entry in the name of one of raft's snapshots: term, then entry (snap/snapshotter.go). */
const SNAPSHOT_FILE = /^[0-9a-f]{16}-([0-9a-f]{16})\.snap$/;

/** Reads the log below a data directory as etcd does, from its oldest file on; or says what is wrong with it. */
export async function logIn(
  host: HostReader,
  directory: string,
  { settings }: Pick<ClusterRecord, 'settings'>,
): Promise<FoundLog | LogDamage> {
  const [files, snapshots] = await Promise.all([
    host.list(`${directory}/wal`),
    host.list(`${directory}/snap`),
  ]);
  const names = (files ?? []).filter(name => LOG_FILE.test(name));
  const newest = names.at(-1);
  if (newest === undefined) return { damage: 'it is not there' };
  const reader = new LogReader({
    snapshots: (snapshots ?? []).flatMap(name => {
      const entry = SNAPSHOT_FILE.exec(name)?.[1];
      return entry === undefined ? [] : [BigInt(`0x${entry}`)];
    }),
    limited: limitsRecords(settings),
  });
  // One at a time: each has 64 MB.
  for (const name of names) {
    const bytes = await host.read(`${directory}/wal/${name}`);
    reader.add(bytes ?? Buffer.alloc(0), name === newest, name);
  }
  const result = reader.result();
  return 'damage' in result ? result : { path: `${directory}/wal/${newest}`, state: result };
}
