import type { FailureReport } from '../engine/failure';
import type { HostReader } from '../engine/host';
import { askApi } from '../kubernetes/api';
import { KUBEADM_CONFIG_MAP } from '../kubernetes/kubeadm-objects';
import { compareVersions } from '../kubernetes/versions';
import { apiAccess } from '../steps/access';
import { STATIC_PODS } from '../steps/paths';
import type { Master } from '../variables/master';

/** One place that tells of a control plane's version. */
export interface Running {
  /** "the apiserver on master2" */
  readonly where: string;
  /** "1.20.2" */
  readonly version: string;
}

/** What the control plane runs as, wherever that can be seen: its apiservers, this host's manifests, and kubeadm's record of the cluster. */
export async function runningVersions(
  host: HostReader,
  masters: readonly Master[],
): Promise<readonly Running[]> {
  const found = await Promise.all([
    ...masters.map(master => ofApiserver(host, master)),
    ...['kube-apiserver', 'kube-controller-manager', 'kube-scheduler'].map(name => ofManifest(host, name)),
    ...masters.slice(0, 1).map(master => recorded(host, master)),
  ]);
  return found.filter((one): one is Running => one !== undefined);
}

async function ofApiserver(host: HostReader, master: Master): Promise<Running | undefined> {
  const answer = await askApi(host, apiAccess(master), '/version');
  if (answer.kind !== 'found') return undefined;
  const { gitVersion } = answer.body as { readonly gitVersion?: string };
  return at(`the apiserver on ${master.hostname}`, gitVersion);
}

async function ofManifest(host: HostReader, name: string): Promise<Running | undefined> {
  const path = `${STATIC_PODS}/${name}.yaml`;
  const text = (await host.read(path))?.toString('utf8') ?? '';
  return at(path, manifestVersion(text));
}

/** The tag of the image that a control plane's manifest names. */
export function manifestVersion(text: string): string | undefined {
  return /^\s*(?:- )?image: *["']?\S+:(v\d[^\s"'@]*)/m.exec(text)?.[1];
}

async function recorded(host: HostReader, master: Master): Promise<Running | undefined> {
  const answer = await askApi(host, apiAccess(master), KUBEADM_CONFIG_MAP);
  if (answer.kind !== 'found') return undefined;
  const { data } = answer.body as { readonly data?: Readonly<Record<string, string>> };
  const text = data?.['ClusterConfiguration'] ?? '';
  return at('the ConfigMap kubeadm-config', /^kubernetesVersion: *["']?(\S+?)["']?$/m.exec(text)?.[1]);
}

/** A vendor's suffix does not count. */
function at(where: string, text: string | undefined): Running | undefined {
  const [, version] = /^v?(\d+\.\d+\.\d+)/.exec(text ?? '') ?? [];
  return version === undefined ? undefined : { where, version };
}

/** The newest of them; undefined where nothing runs. */
export function newestOf(running: readonly Running[]): Running | undefined {
  return [...running].sort((one, other) => compareVersions(other.version, one.version))[0];
}

const NO_UPGRADE =
  'This program does not upgrade, and does not go on with a cluster that `kubeadm upgrade` has changed: go on with kubeadm and kubectl. What is stored for repairing masters is still what was installed.';

/** Why a control plane of that version is not written where these run; undefined where it may be. */
export function versionRefusal(wanted: string, running: readonly Running[]): FailureReport | undefined {
  const newest = newestOf(running);
  if (newest === undefined || newest.version === wanted) return undefined;
  const seen = running.map(({ where, version }) => `${where}: v${version}`);
  const told = `The control plane runs v${newest.version} (${newest.where}), and KUBE_VERSION is ${wanted}`;
  if (compareVersions(newest.version, wanted) < 0) {
    return {
      code: 'no-upgrade',
      message: `${told}: installing again is no upgrade.`,
      hint: `Set KUBE_VERSION=${newest.version}. This program does not upgrade.`,
      seen,
    };
  }
  const behind = running.filter(({ version }) => version !== newest.version).map(({ where }) => where);
  const unfinished =
    behind.length === 0 ? '' : `The upgrade has not come to its end (${behind.join(', ')}): finish it. `;
  return {
    code: 'older-than-running',
    message: `${told}: an older control plane is never written over a newer one.`,
    hint: `${unfinished}${NO_UPGRADE}`,
    seen,
  };
}
