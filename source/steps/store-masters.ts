import { difference, observe, type ObservedDesired } from '../changes/desired';
import type { Change } from '../engine/change';
import type { HostReader } from '../engine/host';
import { step, type Step } from '../engine/step';
import { apiRequest, askApi, type Node } from '../kubernetes/api';
import { allMasters } from '../kubernetes/endpoint';
import type { Part } from '../kubernetes/master-files';
import { masterReport } from '../kubernetes/master-state';
import type { Master } from '../variables/master';
import type { Settings } from '../variables/settings';
import { apiAccess } from './access';
import { apply, manifestFile } from './manifest';
import { compareSecret, masterEntries, masterManifest, wantedSecret, type Entry } from './master-secret';
import { completeReport } from './master-condition';

const TAKEN_TIMEOUT_MS = 2 * 60_000;

interface Observed {
  readonly master: Master;
  readonly file: ObservedDesired;
  /** The Secret in the cluster has all that it is to have. */
  readonly stored: boolean;
  /** SHA-256 of its list of files; undefined while one of them is not there. */
  readonly digest: string | undefined;
  /** The master has said that it has all of that. */
  readonly taken: boolean;
}

interface Stored {
  readonly master: Master;
  readonly manifest: string;
  readonly file: ReturnType<typeof manifestFile>;
  readonly entries: readonly Entry[];
}

const STEPS = {
  begin: { id: 'store-masters', title: 'Store what makes masters in the cluster' },
  end: { id: 'store-masters-again', title: 'Store what makes masters once more, with what came since' },
} as const;

/** Each master's PKI, configuration and manifests in a Secret of its own, so that a master can be made and repaired without this host. */
export function storeMasters(settings: Settings, master: Master, after: readonly string[], part: Part): Step {
  const all = allMasters(settings, master);
  const stored = all.map((one, index): Stored => {
    const entries = masterEntries(settings, all, index, part);
    // A file of its own for each part: the first is not undone by a second run.
    const manifest = part === 'begin' ? `master-${one.hostname}` : `master-${one.hostname}-again`;
    return { master: one, manifest, entries, file: manifestFile(manifest, masterManifest(one, entries)) };
  });
  return step<readonly Observed[]>({
    ...STEPS[part],
    after,
    probe: host => Promise.all(stored.map(one => look(host, master, one))),
    plan: observed =>
      observed.flatMap((found, index) => {
        const one = stored[index];
        return one === undefined ? [] : planOf(one, found, part, master);
      }),
  });
}

async function look(host: HostReader, first: Master, stored: Stored): Promise<Observed> {
  const { master, entries } = stored;
  const [file, wanted] = await Promise.all([observe(host, [stored.file]), wantedSecret(host, entries)]);
  const [live, node] = await Promise.all([
    compareSecret(host, first, master, wanted),
    askApi(host, apiAccess(first), `/api/v1/nodes/${master.hostname}`),
  ]);
  const report = node.kind === 'found' ? masterReport(node.body as Node) : undefined;
  const taken = report?.complete === true && report.digest === wanted?.digest;
  return { master, file, stored: live, digest: wanted?.digest, taken };
}

function planOf(stored: Stored, found: Observed, part: Part, first: Master): readonly Change[] {
  const changes = difference([stored.file], found.file);
  const applied = changes.length === 0 && found.stored ? [] : [...changes, apply(stored.manifest)];
  if (part === 'begin' || found.digest === undefined || found.taken) return applied;
  return [...applied, awaitTaken(stored.master, found.digest, first)];
}

function awaitTaken(master: Master, digest: string, first: Master): Change {
  return {
    kind: 'await',
    condition: {
      kind: 'request',
      title: `${master.hostname} has taken what is stored for it`,
      request: apiRequest(apiAccess(first), `/api/v1/nodes/${master.hostname}`),
      status: 200,
      matches: completeReport(digest),
      unmet: `${master.hostname} has not taken it yet`,
    },
    timeoutMs: TAKEN_TIMEOUT_MS,
  };
}
