import { createHash } from 'node:crypto';
import type { Change } from '../../engine/change';
import type { HostReader } from '../../engine/host';
import { step, type Step } from '../../engine/step';
import { askApi } from '../../kubernetes/api';
import { kubectl, KUBECTL_TIMEOUT_MS, WHILE_UNANSWERED } from '../../kubernetes/kubectl';
import { keyOf } from '../../kubernetes/master-files';
import { askingOwn } from '../../kubernetes/own-etcd';
import { masterSecret, MASTERS_NAMESPACE, TURN_KEY, turnText } from '../../kubernetes/master-secret';
import { apiAccess } from '../../steps/access';
import { awaitApi } from './await-api';
import type { Master } from '../../variables/master';
import type { ClusterRecord } from '../record';
import type { Attempt } from './attempt';
import { APISERVER_MANIFEST, restoredManifest, textOf } from './manifests';

const KEY = keyOf(APISERVER_MANIFEST);
const FILES = 'files';
/** The turn of a master that etcd goes on without: nothing of etcd runs there, whatever ran before. */
const OUT = turnText({ kind: 'out' });

/** What is looked at of a master's Secret; nothing of it is secret. */
interface Stored {
  readonly master: Master;
  readonly manifest: string;
  readonly files: string;
  readonly turn: string;
  /** The apiserver's manifest as that master is to have it; this one has it already. */
  readonly wanted: string;
}

interface Observed {
  readonly answering: boolean;
  readonly stored: readonly Stored[];
}

/**
 * Tells every master, for when it comes back, what has become of the cluster: its etcd ends until it is added again,
 * and its apiserver, which asks no other one, with it. Else it would go on with its old etcd.
 */
export function restoreSecrets(record: ClusterRecord, attempt: Attempt, after: readonly string[]): Step {
  const { masters, here } = record;
  return step<Observed>({
    id: 'restore-secrets',
    title: 'Let the lost masters wait, should they come back',
    after,
    probe: async host => {
      const found = await Promise.all(masters.map(master => storedOf(host, record, attempt, master)));
      return {
        answering: !found.includes('silent'),
        stored: found.flatMap(one => (one === undefined || one === 'silent' ? [] : [one])),
      };
    },
    plan: ({ answering, stored }) => {
      if (!answering) return [awaitApi(here)];
      return stored.flatMap(one => {
        const patch = patchOf(one, record);
        return Object.keys(patch).length === 0 ? [] : [patched(one.master, patch)];
      });
    },
  });
}

async function storedOf(
  host: HostReader,
  record: ClusterRecord,
  attempt: Attempt,
  master: Master,
): Promise<Stored | 'silent' | undefined> {
  const { here } = record;
  const path = `/api/v1/namespaces/${MASTERS_NAMESPACE}/secrets/${masterSecret(master.hostname)}`;
  const answer = await askApi(host, apiAccess(here), path);
  if (answer.kind !== 'found') return answer.kind === 'silent' ? 'silent' : undefined;
  const { data = {} } = answer.body as { readonly data?: Readonly<Record<string, string>> };
  const text = (key: string): string => Buffer.from(data[key] ?? '', 'base64').toString('utf8');
  const manifest = text(KEY);
  const own = master.hostname === here.hostname ? await textOf(host, APISERVER_MANIFEST) : undefined;
  const wanted = own === undefined ? askingOwn(manifest) : restoredManifest(own, attempt.id);
  return { master, manifest, files: text(FILES), turn: text(TURN_KEY), wanted };
}

function patchOf(
  { master, manifest, files, turn, wanted }: Stored,
  { here }: ClusterRecord,
): Record<string, string> {
  const turnNow = master.hostname === here.hostname ? 'cluster' : OUT;
  const sum = createHash('sha256').update(wanted).digest('hex');
  // A line each: sum, mode, key, path.
  const lines = files.replace(
    new RegExp(`^[0-9a-f]{64}( \\d+ ${KEY.replace(/[.]/g, '\\.')} )`, 'm'),
    `${sum}$1`,
  );
  return {
    ...(turn === turnNow ? {} : { [TURN_KEY]: turnNow }),
    ...(manifest === '' || wanted === manifest ? {} : { [KEY]: wanted }),
    ...(manifest === '' || lines === files ? {} : { [FILES]: lines }),
  };
}

function patched({ hostname }: Master, stringData: Readonly<Record<string, string>>): Change {
  return {
    kind: 'run',
    title: `Store what ${hostname} is now: ${Object.keys(stringData).join(', ')}`,
    command: kubectl(
      ...['patch', 'secret', masterSecret(hostname), '--namespace', MASTERS_NAMESPACE, '--type', 'merge'],
      ...['--patch', JSON.stringify({ stringData })],
    ),
    timeoutMs: KUBECTL_TIMEOUT_MS,
    // What was stored before may start the apiserver once more.
    again: { ...WHILE_UNANSWERED, withinMs: 3 * 60_000 },
  };
}
