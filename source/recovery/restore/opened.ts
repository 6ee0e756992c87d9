import type { HostReader } from '../../engine/host';
import { etcdSaid } from '../../steps/etcd-words';
import { ETCD_DATA } from '../../steps/paths';
import { templateText } from '../../templates';
import type { ClusterRecord } from '../record';
import type { FoundLog } from '../wal/files';
import { commitAll } from '../wal/log';
import { octal } from './octal';

/** Where a copy is opened; gone afterwards. */
const PLACE = `${ETCD_DATA}/kube-el7-install-opened`;
/** Copying some gigabytes, and reading them. */
const OPEN_MS = 20 * 60_000;
/** The script gives etcd up before it is given up itself, so that it clears up. */
const WITHIN_S = 15 * 60;

/** How far etcd's data goes once etcd has opened it, or why it does not. */
export type Opened = { readonly revision: number } | { readonly unusable: string };

/** What open-copy.sh ends with where it is not etcd that refuses. */
const NO_ROOM = 9;
const NO_ANSWER = 8;
const ENDED = 7;

/**
 * Has etcd open a copy of a data directory, with all of its log counted, apart from everything: only what was seen to open is offered.
 * What is there is only read. A copy that is known from before is not opened again: `key` tells it.
 */
export async function opened(
  host: HostReader,
  { settings, here }: ClusterRecord,
  directory: string,
  { path, state }: FoundLog,
): Promise<Opened> {
  const key = await stateOf(host, directory, path, state.last);
  const before = known.get(host);
  if (key !== undefined && before?.key === key) return before.outcome;
  const log = path.slice(directory.length + 1);
  const record = state.last > state.committed ? octal(commitAll(state)) : '';
  const words = [directory, PLACE, settings.images.etcd, here.hostname, log, String(state.end), record];
  const { code, stdout, stderr } = await host.query(
    { file: 'sh', args: ['-c', templateText('open-copy.sh'), 'sh', ...words, String(WITHIN_S)] },
    { timeoutMs: OPEN_MS },
  );
  const revision = Number(/"revision":(\d+)/.exec(stdout)?.[1]);
  if (code === 0 && Number.isSafeInteger(revision)) return remember(host, key, { revision });
  const unusable = refusal(code, stdout, stderr);
  return code === ENDED ? remember(host, key, { unusable }) : { unusable };
}

interface Known {
  readonly key: string;
  readonly outcome: Opened;
}

const known = new WeakMap<HostReader, Known>();

function remember(host: HostReader, key: string | undefined, outcome: Opened): Opened {
  if (key !== undefined) known.set(host, { key, outcome });
  return outcome;
}

/** By what the same data is known again: its files' sizes and times, and the log's last entry (a member without a quorum goes on writing what it votes). */
async function stateOf(
  host: HostReader,
  directory: string,
  log: string,
  last: bigint,
): Promise<string | undefined> {
  const found = await host.query({
    file: 'stat',
    args: ['--format=%n %s %i %Y', '--', `${directory}/snap/db`, `${directory}/snap`, `${directory}/wal`],
  });
  return found.code === 0 ? `${found.stdout} ${log} ${last}` : undefined;
}

function refusal(code: number, stdout: string, stderr: string): string {
  const said = etcdSaid(stdout);
  if (code === NO_ROOM) {
    const [need = '?', free = '?'] = stdout.trim().split(' ');
    return `whether it can be opened was not tried, for want of room: that takes ${need} MiB on the file system of ${ETCD_DATA}, which has ${free} MiB free`;
  }
  if (code === ENDED)
    return said === undefined
      ? 'etcd does not start with a copy of it'
      : `etcd does not start with a copy of it: ${said.what} (${said.line})`;
  if (code === NO_ANSWER || code === 124)
    return `etcd did not come up with a copy of it within ${Math.round(WITHIN_S / 60)} min`;
  const lines = stderr.split('\n').filter(line => line.trim() !== '');
  const why = lines.find(line => /^docker: |^Cannot connect|Error response/.test(line)) ?? lines.at(-1);
  return `whether it can be opened could not be tried: ${why?.slice(0, 200).replace(/\.$/, '') ?? 'docker says nothing'}`;
}
