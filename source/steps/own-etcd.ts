import type { Change } from '../engine/change';
import type { HostReader } from '../engine/host';
import { step, type Step } from '../engine/step';
import { askApi } from '../kubernetes/api';
import { allMasters } from '../kubernetes/endpoint';
import { KUBEADM_CONFIG_MAP } from '../kubernetes/kubeadm-objects';
import { kubectl, WHILE_UNANSWERED } from '../kubernetes/kubectl';
import { keyOf } from '../kubernetes/master-files';
import { MASTERS_NAMESPACE } from '../kubernetes/master-secret';
import { askingOwn, asksOthers, OWN_ETCD } from '../kubernetes/own-etcd';
import { listOf, readStored, sha256, type StoredMaster } from '../recovery/stored';
import type { Master } from '../variables/master';
import type { Settings } from '../variables/settings';
import { apiAccess } from './access';
import { apiserverHealthy, endpointHealthy } from './endpoint-health';
import { awaitVoters, withQuorum } from './etcd-health';
import { etcdView, isVoter } from './etcd-view';
import { podShows } from './master-condition';
import { STATIC_PODS } from './paths';
import { storeChange } from './readd/stored-change';
import { awaitTaken } from './store-masters';
import { vipHolder } from './vip-holder';

const APISERVER = `${STATIC_PODS}/kube-apiserver.yaml`;
const KEY = keyOf(APISERVER);
const STARTED_MS = 5 * 60_000;
/** In kubeadm's configmap: the list of etcd's members. */
const ENDPOINTS = /^(\s+endpoints:\n)((\s+- )https:\/\/[\d.]+:2379\n)+/m;

/** A master whose apiserver asks other masters' members of etcd, and whose own member has its vote. */
interface Due {
  readonly master: Master;
  /** What the cluster keeps for it, where that is to be changed; it may be that already, and not run yet. */
  readonly stored?: StoredMaster;
}

interface Observed {
  /** The VIP's owner is the last one. */
  readonly due: readonly Due[];
  /** This host's manifest as it is to be, where the cluster keeps nothing for it yet. */
  readonly manifest?: string;
  /** kubeadm's configuration in the cluster, where it is to be another one. */
  readonly configuration?: string;
}

/**
 * Lets each apiserver ask the etcd beside it, in a cluster that an earlier version made: there all asked all members. One master
 * at a time, so that the others answer. A member without its vote comes later: with that its control plane is written anew.
 */
export function ownEtcd(settings: Settings, here: Master, after: readonly string[]): Step {
  const all = allMasters(settings, here);
  return step<Observed>({
    id: 'own-etcd',
    title: 'Let each apiserver ask the etcd beside it',
    after,
    probe: host => look(host, settings, here, all),
    plan: ({ due, manifest, configuration }) => [
      ...(manifest === undefined ? [] : writeHere(here, manifest)),
      ...due.flatMap(one => move(settings, here, one)),
      ...(configuration === undefined ? [] : [patch(configuration)]),
    ],
    diagnose: (host, failure) => withQuorum(host, failure, all),
  });
}

async function look(
  host: HostReader,
  settings: Settings,
  here: Master,
  all: readonly Master[],
): Promise<Observed> {
  const [found, configuration, own] = await Promise.all([
    Promise.all(all.map(master => lookAt(host, here, master))),
    kubeadmConfiguration(host, here),
    host.read(APISERVER),
  ]);
  const manifest = own?.toString('utf8');
  const unstored = found.find(({ master }) => master === here)?.stored === undefined;
  const others = found.filter(({ stored, runs }) => mayStart(stored) && (asksOthers(textOf(stored)) || runs));
  const due = others.length === 0 ? [] : await able(host, settings, here, others);
  return {
    due: due.map(({ master, stored }) =>
      stored !== undefined && asksOthers(textOf(stored)) ? { master, stored } : { master },
    ),
    ...(unstored && manifest !== undefined && asksOthers(manifest) ? { manifest: askingOwn(manifest) } : {}),
    ...(configuration === undefined ? {} : { configuration }),
  };
}

interface Found {
  readonly master: Master;
  readonly stored: StoredMaster | undefined;
  /** Its apiserver's pod asks others' members. */
  readonly runs: boolean;
}

async function lookAt(host: HostReader, here: Master, master: Master): Promise<Found> {
  const access = apiAccess(here);
  const pod = `/api/v1/namespaces/${MASTERS_NAMESPACE}/pods/kube-apiserver-${master.hostname}`;
  const [stored, answer] = await Promise.all([
    readStored(host, access, master.hostname),
    askApi(host, access, pod),
  ]);
  const flag = answer.kind === 'found' ? /--etcd-servers=([^"\s]+)/.exec(JSON.stringify(answer.body)) : null;
  return { master, stored, runs: stored !== undefined && flag !== null && flag[1] !== OWN_ETCD };
}

/** The first master's control plane waits for nothing, that of another one for its member's vote. */
function mayStart(stored: StoredMaster | undefined): boolean {
  return stored?.values.has('etcd-init.yaml') !== true || ['vote', 'cluster'].includes(stored.turn.kind);
}

function textOf(stored: StoredMaster | undefined): string {
  return stored?.values.get(KEY)?.toString('utf8') ?? '';
}

/** Those whose own member can be asked; the one that has the VIP comes last. */
async function able(
  host: HostReader,
  settings: Settings,
  here: Master,
  others: readonly Found[],
): Promise<readonly Found[]> {
  const [view, holder] = await Promise.all([
    etcdView(host, allMasters(settings, here)),
    vipHolder(host, settings, here),
  ]);
  const voters = others.filter(
    ({ master }) => isVoter(view, master) && view.answers.get(master.hostname)?.healthy === true,
  );
  const holds = ({ master }: Found): boolean => master.hostname === holder?.hostname;
  return [...voters.filter(one => !holds(one)), ...voters.filter(holds)];
}

function move(settings: Settings, here: Master, { master, stored }: Due): readonly Change[] {
  const { hostname } = master;
  const pod = podShows(
    here,
    `kube-apiserver-${hostname}`,
    `the apiserver on ${hostname} asks the etcd beside it`,
    `--etcd-servers=${OWN_ETCD.replace(/\./g, '\\.')}"`,
  );
  const endpoint = endpointHealthy(settings, here);
  const waits = [pod, apiserverHealthy(`the apiserver on ${hostname} is healthy`, master), endpoint];
  return [
    awaitVoters([master]),
    ...(stored === undefined ? [] : store(here, master, stored)),
    ...waits.flatMap((condition): readonly Change[] =>
      condition === undefined ? [] : [{ kind: 'await', condition, timeoutMs: STARTED_MS }],
    ),
  ];
}

function store(here: Master, master: Master, stored: StoredMaster): readonly Change[] {
  const text = askingOwn(textOf(stored));
  const list = stored.files.map(file => (file.path === APISERVER ? { ...file, sum: sha256(text) } : file));
  const change = { files: [], texts: { [KEY]: text }, list, ready: true };
  return [...storeChange(master, change), awaitTaken(master, listOf(list).digest, here)];
}

function writeHere(here: Master, content: string): readonly Change[] {
  const condition = apiserverHealthy(`the apiserver on ${here.hostname} is healthy`, here);
  return [
    { kind: 'write', path: APISERVER, content, mode: 0o600 },
    { kind: 'await', condition, timeoutMs: STARTED_MS },
  ];
}

/** kubeadm's configuration in the cluster as it is to be; undefined where it is that, or cannot be read. */
async function kubeadmConfiguration(host: HostReader, here: Master): Promise<string | undefined> {
  const answer = await askApi(host, apiAccess(here), KUBEADM_CONFIG_MAP);
  if (answer.kind !== 'found') return undefined;
  const { data } = answer.body as { readonly data?: Readonly<Record<string, string>> };
  const text = data?.['ClusterConfiguration'];
  const wanted = text?.replace(ENDPOINTS, `$1$3${OWN_ETCD}\n`);
  return wanted === text ? undefined : wanted;
}

function patch(configuration: string): Change {
  return {
    kind: 'run',
    title: 'Tell kubeadm that each apiserver asks the etcd beside it',
    command: kubectl(
      ...['patch', 'configmap', 'kubeadm-config', '--namespace', MASTERS_NAMESPACE, '--type', 'merge'],
      ...['--patch', JSON.stringify({ data: { ClusterConfiguration: configuration } })],
    ),
    timeoutMs: 60_000,
    again: WHILE_UNANSWERED,
  };
}
