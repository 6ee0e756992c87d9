import type { Change, Condition } from '../../engine/change';
import type { HostReader } from '../../engine/host';
import { Secret } from '../../engine/secret';
import { step, type Step } from '../../engine/step';
import { askApi, type Node } from '../../kubernetes/api';
import { KEEPALIVED_HASH } from '../../kubernetes/keepalived';
import { keyOf } from '../../kubernetes/master-files';
import { masterReport } from '../../kubernetes/master-state';
import { movedText } from '../../recovery/moved';
import { listOf, sha256, storedFor, withRecord, type StoredMaster } from '../../recovery/stored';
import type { Master } from '../../variables/master';
import { apiAccess } from '../access';
import { endpointHealthy } from '../endpoint-health';
import { isMet } from '../manifest';
import { podShows } from '../master-condition';
import { masterEvidence } from '../master-evidence';
import { KEEPALIVED_MANIFEST, KEPT_KUBEADM_CONFIG } from '../paths';
import { awaitTaken } from '../store-masters';
import type { Readd } from './context';
import { isStored, movedChange, storeChange, type StoredChange } from './stored-change';

/** The kubelet ends the old pod first, in its own time, and a new one that came too early is tried again ten seconds later. */
const POD_TIMEOUT_MS = 10 * 60_000;

interface Observed {
  readonly stored: StoredMaster | undefined;
  readonly change: StoredChange | undefined;
  /** The master has said that it has all that is stored for it. */
  readonly taken: boolean;
  readonly awaited: readonly { readonly condition: Condition; readonly met: boolean }[];
  /** The record on this host, where it is to be another one. */
  readonly own: string | undefined;
}

/** What is told to a master at a time: certificates and keepalived's files, which name the others, and apart from them the record. */
const PARTS = {
  addresses: {
    id: 'tell',
    title: (name: string) => `Tell ${name} the new addresses`,
    chosen: (path: string) => path !== KEPT_KUBEADM_CONFIG,
  },
  record: {
    id: 'record',
    title: (name: string) => `Enter it in the record on ${name}`,
    chosen: (path: string) => path === KEPT_KUBEADM_CONFIG,
  },
} as const;

/** Gives one master the addresses that others have now, by what the cluster keeps for it, and waits until what goes by them runs anew there. */
export function readdTell(
  readd: Readd,
  master: Master,
  part: keyof typeof PARTS,
  after: readonly string[],
): Step {
  const { here, settings, away } = readd;
  const { hostname } = master;
  const { id, title, chosen } = PARTS[part];
  const endpoint = endpointHealthy(settings, here);
  return step<Observed>({
    id: `readd-${id}-${hostname}`,
    title: title(hostname),
    after,
    probe: async host => {
      const [found, node] = await Promise.all([
        storedFor(host, apiAccess(here), hostname),
        askApi(host, apiAccess(here), `/api/v1/nodes/${hostname}`),
      ]);
      const stored = found && part === 'record' ? await withRecord(host, found) : found;
      const report = node.kind === 'found' ? masterReport(node.body as Node) : undefined;
      const change = stored && (await movedChange(host, stored, master, readd.moves, chosen));
      const conditions = away.includes(master)
        ? []
        : await conditionsOf(host, readd, master, part, stored, change);
      const awaited = await Promise.all(
        conditions.map(async condition => ({ condition, met: await isMet(host, condition) })),
      );
      const taken =
        stored !== undefined && report?.complete === true && report.digest === listOf(stored.files).digest;
      const own = part === 'record' && master === here ? await ownRecord(host, readd) : undefined;
      return { stored, change, taken: taken || away.includes(master), awaited, own };
    },
    plan: ({ stored, change, taken, awaited, own }): readonly Change[] => {
      if (stored === undefined || change === undefined) return [];
      const due = isStored(stored, change) ? [] : storeChange(master, change);
      const waits = awaited.filter(({ met }) => due.length > 0 || !met).map(({ condition }) => condition);
      if (due.length === 0 && taken && waits.length === 0 && own === undefined) return [];
      const all = [...waits, ...(endpoint === undefined || waits.length === 0 ? [] : [endpoint])];
      return [
        ...due,
        ...(own === undefined ? [] : [writeRecord(own)]),
        ...(away.includes(master) ? [] : [awaitTaken(master, listOf(change.list).digest, here)]),
        ...all.map((condition): Change => ({ kind: 'await', condition, timeoutMs: POD_TIMEOUT_MS })),
      ];
    },
    diagnose: async (host, failure) => {
      const node = await askApi(host, apiAccess(here), `/api/v1/nodes/${hostname}`);
      return node.kind === 'found' ? masterEvidence(host, failure, node.body as Node) : failure;
    },
  });
}

/** Once all others have it: what the next run begins from. The program that makes masters leaves a file alone that it does not know as its own, as after a restore from before there was a record. */
async function ownRecord(host: HostReader, { moves }: Readd): Promise<string | undefined> {
  const text = (await host.read(KEPT_KUBEADM_CONFIG))?.toString('utf8');
  if (text === undefined) return undefined;
  const moved = movedText(text, moves);
  return moved === text ? undefined : moved;
}

function writeRecord(text: string): Change {
  return { kind: 'write', path: KEPT_KUBEADM_CONFIG, content: new Secret(text), mode: 0o600 };
}

/** That keepalived runs with the new addresses, where it is what carries the VIP. */
async function conditionsOf(
  host: HostReader,
  { here, settings }: Readd,
  { hostname }: Master,
  part: keyof typeof PARTS,
  stored: StoredMaster | undefined,
  change: StoredChange | undefined,
): Promise<readonly Condition[]> {
  const key = keyOf(KEEPALIVED_MANIFEST);
  const copy = change?.files.find(file => file.key === key)?.source;
  const manifest =
    (copy === undefined ? stored?.values.get(key) : await host.read(copy))?.toString('utf8') ?? '';
  const hash = new RegExp(`${KEEPALIVED_HASH}: ["']?([0-9a-f]{64})`).exec(manifest)?.[1];
  if (part !== 'addresses' || settings.vip?.carrier !== 'keepalived' || hash === undefined) return [];
  const title = `keepalived on ${hostname} runs with the new address`;
  return [podShows(here, `keepalived-${hostname}`, title, hash)];
}

/** keepalived on a master that was put back, last of all: the others know where it is by now. */
export function readdKeepalived(readd: Readd, master: Master, after: readonly string[]): Step {
  const { here } = readd;
  const key = keyOf(KEEPALIVED_MANIFEST);
  return step<StoredMaster | undefined>({
    id: `readd-keepalived-${master.hostname}`,
    title: `Start keepalived on ${master.hostname}`,
    after,
    probe: host => storedFor(host, apiAccess(here), master.hostname),
    plan: stored => {
      const value = stored?.values.get(key);
      if (stored === undefined || value === undefined) return [];
      if (stored.files.some(({ path }) => path === KEEPALIVED_MANIFEST)) return [];
      const entry = { sum: sha256(value), mode: '600', key, path: KEEPALIVED_MANIFEST };
      const change = { files: [], texts: {}, list: [...stored.files, entry], ready: true };
      return [...storeChange(master, change), awaitTaken(master, listOf(change.list).digest, here)];
    },
  });
}
