import { difference, observe, type ObservedDesired } from '../changes/desired';
import type { Change, Question } from '../engine/change';
import type { FailureReport } from '../engine/failure';
import type { HostReader } from '../engine/host';
import { step, type Step } from '../engine/step';
import { apiRequest, askApi, type Node } from '../kubernetes/api';
import { allMasters } from '../kubernetes/endpoint';
import type { Part } from '../kubernetes/master-files';
import { masterReport } from '../kubernetes/master-state';
import { namesOf } from '../variables/master';
import type { Master } from '../variables/master';
import type { Settings } from '../variables/settings';
import { apiAccess } from './access';
import { manifestFile, storeSecrets } from './manifest';
import {
  compareSecret,
  masterEntries,
  masterIdentity,
  masterManifest,
  wantedSecret,
  type Entry,
  type LiveSecret,
} from './master-secret';
import { completeReport } from './master-condition';
import { masterEvidence } from './master-evidence';

const TAKEN_TIMEOUT_MS = 10 * 60_000;

/** What is stored for one master, and the file that it is applied from. */
interface Manifest {
  readonly master: Master;
  readonly entries: readonly Entry[];
  readonly file: ReturnType<typeof manifestFile>;
}

interface Observed {
  readonly manifest: Manifest;
  readonly file: ObservedDesired;
  /** The Secret in the cluster: whether it has all that it is to have, and whether it has a copy of it in its annotations. */
  readonly live: LiveSecret;
  /** SHA-256 of its list of files; undefined while one of them is not there. */
  readonly digest: string | undefined;
  /** The master has said that it has all of that. */
  readonly taken: boolean;
}

const STEPS = {
  begin: { id: 'store-masters', title: 'Store what makes masters in the cluster' },
  end: { id: 'store-masters-again', title: 'Store what makes masters once more, with what came since' },
} as const;

/** Each master's PKI, configuration and manifests in a Secret of its own, so that a master can be made and repaired without this host. */
export function storeMasters(settings: Settings, master: Master, after: readonly string[], part: Part): Step {
  const all = allMasters(settings, master);
  const manifests = all.map((one, index): Manifest => {
    const entries = masterEntries(settings, all, index, part);
    // A file of its own for each part: the first is not undone by a second run.
    const name = part === 'begin' ? `master-${one.hostname}` : `master-${one.hostname}-again`;
    return { master: one, entries, file: manifestFile(name, masterManifest(one, entries)) };
  });
  return step<readonly Observed[]>({
    ...STEPS[part],
    after,
    probe: host => Promise.all(manifests.map(manifest => look(host, master, manifest))),
    plan: observed => planOf(observed, part, master),
    diagnose: (host, failure) => diagnose(host, failure, master, all),
  });
}

async function look(host: HostReader, first: Master, manifest: Manifest): Promise<Observed> {
  const { master } = manifest;
  const [file, wanted] = await Promise.all([
    observe(host, [manifest.file]),
    wantedSecret(host, manifest.entries),
  ]);
  const [live, node] = await Promise.all([
    compareSecret(host, first, master, wanted),
    askApi(host, apiAccess(first), `/api/v1/nodes/${master.hostname}`),
  ]);
  const report = node.kind === 'found' ? masterReport(node.body as Node) : undefined;
  const taken = report?.complete === true && report.digest === wanted?.digest;
  return { manifest, file, live, digest: wanted?.digest, taken };
}

function planOf(observed: readonly Observed[], part: Part, first: Master): readonly Change[] {
  const changed = observed.map(({ manifest, file }) => difference([manifest.file], file));
  const due = observed.filter(({ live }, index) => live !== 'same' || changed[index]?.length !== 0);
  const awaited = part === 'begin' ? [] : observed.filter(({ taken }) => !taken);
  return [
    ...changed.flat(),
    ...(due.length === 0 ? [] : storeAll(due, part)),
    ...awaitAllTaken(awaited, first),
  ];
}

/** One kubectl for all of them. */
function storeAll(due: readonly Observed[], part: Part): readonly Change[] {
  const secrets = due.map(({ manifest, live }) => ({
    path: manifest.file.path,
    object: masterIdentity(manifest.master),
    copied: live === 'copied',
  }));
  return storeSecrets('kubectl apply what makes masters', `masters-${part}`, secrets);
}

function awaitAllTaken(awaited: readonly Observed[], first: Master): readonly Change[] {
  const known = awaited.flatMap(({ manifest: { master }, digest }) =>
    digest === undefined ? [] : [{ master, digest }],
  );
  if (known.length === 0) return [];
  const title = `what is stored for them has been taken by ${namesOf(known.map(({ master }) => master))}`;
  const of = known.map(({ master, digest }) => hasTaken(master, digest, first));
  return [{ kind: 'await', condition: { kind: 'all', title, of }, timeoutMs: TAKEN_TIMEOUT_MS }];
}

/** Waits until a master has said that it has what that list of files names. */
export function awaitTaken(master: Master, digest: string, first: Master): Change {
  return { kind: 'await', condition: hasTaken(master, digest, first), timeoutMs: TAKEN_TIMEOUT_MS };
}

function hasTaken(master: Master, digest: string, first: Master): Question {
  return {
    kind: 'request',
    title: `${master.hostname} has taken what is stored for it`,
    request: apiRequest(apiAccess(first), `/api/v1/nodes/${master.hostname}`),
    status: 200,
    matches: completeReport(digest),
    unmet: 'the program that makes masters has not said so there yet',
  };
}

async function diagnose(
  host: HostReader,
  failure: FailureReport,
  first: Master,
  all: readonly Master[],
): Promise<FailureReport> {
  // Of the answers that were waited for the last one tells of whom.
  const said = failure.seen?.at(-1) ?? '';
  const waited = all.find(({ hostname }) => said.includes(`: ${hostname} has taken`));
  if (waited === undefined) return failure;
  const node = await askApi(host, apiAccess(first), `/api/v1/nodes/${waited.hostname}`);
  return node.kind === 'found' ? masterEvidence(host, failure, node.body as Node) : failure;
}
