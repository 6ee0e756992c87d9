import type { Change } from '../engine/change';
import type { HostReader } from '../engine/host';
import { askApi, type Node } from '../kubernetes/api';
import { allMasters } from '../kubernetes/endpoint';
import { KUBEADM_CONFIG_MAP } from '../kubernetes/kubeadm-objects';
import { keyOf } from '../kubernetes/master-files';
import { MASTERS_NAMESPACE } from '../kubernetes/master-secret';
import { masterReport } from '../kubernetes/master-state';
import { askingOwn, asksOthers, OWN_ETCD } from '../kubernetes/own-etcd';
import { readStored, type StoredMaster } from '../recovery/stored';
import type { Master } from '../variables/master';
import type { Settings } from '../variables/settings';
import { apiAccess } from './access';
import { etcdView, isVoter } from './etcd-view';
import { mastersCurrent } from './masters-current';
import { STATIC_PODS } from './paths';
import { vipHolder } from './vip-holder';

export const APISERVER = `${STATIC_PODS}/kube-apiserver.yaml`;
export const KEY = keyOf(APISERVER);
/** In kubeadm's configmap: the list of etcd's members. */
const ENDPOINTS = /^(\s+endpoints:\n)((\s+- )https:\/\/[\d.]+:2379\n)+/m;

/** A master whose apiserver asks other masters' members of etcd, and whose own member has its vote. */
export interface Due {
  readonly master: Master;
  /** What the cluster keeps for it, where that is to be changed; it may be that already, and not run yet. */
  readonly stored?: StoredMaster;
}

export interface ObservedApiservers {
  /** The VIP's owner is the last one. */
  readonly due: readonly Due[];
  /** What it takes until the program is there that changes the manifests on masters. */
  readonly program: readonly Change[];
  /** This host's manifest as it is to be, where the cluster keeps nothing for it yet. */
  readonly manifest?: string;
  /** kubeadm's configuration in the cluster, where it is to be another one. */
  readonly configuration?: string;
}

/** Looks at what the cluster keeps for each master and at what runs there; etcd is only asked where one of them asks others. */
export async function lookAtApiservers(
  host: HostReader,
  settings: Settings,
  here: Master,
): Promise<ObservedApiservers> {
  const all = allMasters(settings, here);
  const [found, configuration, own] = await Promise.all([
    Promise.all(all.map(master => lookAt(host, here, master))),
    kubeadmConfiguration(host, here),
    host.read(APISERVER),
  ]);
  const manifest = own?.toString('utf8');
  const unstored = found.some(
    ({ master, stored, heard }) => master === here && heard && stored === undefined,
  );
  const others = found.filter(
    ({ stored, runs, edited }) => !edited && mayStart(stored) && (asksOthers(storedManifest(stored)) || runs),
  );
  const due = others.length === 0 ? [] : await able(host, settings, here, others);
  const told = due.map(({ master, stored }): Due =>
    stored !== undefined && asksOthers(storedManifest(stored)) ? { master, stored } : { master },
  );
  return {
    due: told,
    program: told.some(({ stored }) => stored) ? await mastersCurrent(host, settings, here) : [],
    ...(unstored && manifest !== undefined && asksOthers(manifest) ? { manifest: askingOwn(manifest) } : {}),
    ...(configuration === undefined ? {} : { configuration }),
  };
}

interface Found {
  readonly master: Master;
  readonly stored: StoredMaster | undefined;
  /** Its apiserver's pod asks others' members. */
  readonly runs: boolean;
  /** Its manifest there was changed by somebody, by hand or with `kubeadm upgrade`: it is left so, and nobody waits for it to be otherwise. */
  readonly edited: boolean;
  /** The API has answered. */
  readonly heard: boolean;
}

async function lookAt(host: HostReader, here: Master, master: Master): Promise<Found> {
  const access = apiAccess(here);
  const pod = `/api/v1/namespaces/${MASTERS_NAMESPACE}/pods/kube-apiserver-${master.hostname}`;
  const [stored, answer, node] = await Promise.all([
    readStored(host, access, master.hostname),
    askApi(host, access, pod),
    askApi(host, access, `/api/v1/nodes/${master.hostname}`),
  ]);
  const flag = answer.kind === 'found' ? /--etcd-servers=([^"\s]+)/.exec(JSON.stringify(answer.body)) : null;
  const heard = answer.kind !== 'silent';
  const runs = stored !== undefined && flag !== null && flag[1] !== OWN_ETCD;
  const report = node.kind === 'found' ? masterReport(node.body as Node) : undefined;
  return { master, stored, heard, runs, edited: report?.changed.includes(APISERVER) === true };
}

/** The first master's control plane waits for nothing, that of another one for its member's vote. */
function mayStart(stored: StoredMaster | undefined): boolean {
  return stored?.values.has('etcd-init.yaml') !== true || ['vote', 'cluster'].includes(stored.turn.kind);
}

/** The manifest of a master's apiserver as the cluster keeps it. */
export function storedManifest(stored: StoredMaster | undefined): string {
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

/** kubeadm's configuration in the cluster as it is to be; undefined where it is that, or cannot be read. */
async function kubeadmConfiguration(host: HostReader, here: Master): Promise<string | undefined> {
  const answer = await askApi(host, apiAccess(here), KUBEADM_CONFIG_MAP);
  if (answer.kind !== 'found') return undefined;
  const { data } = answer.body as { readonly data?: Readonly<Record<string, string>> };
  const text = data?.['ClusterConfiguration'];
  const wanted = text?.replace(ENDPOINTS, `$1$3${OWN_ETCD}\n`);
  return wanted === text ? undefined : wanted;
}
