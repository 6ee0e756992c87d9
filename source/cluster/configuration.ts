import { isIPv4 } from 'node:net';
import type { HostReader } from '../engine/host';
import { fromYaml } from '../kubernetes/yaml';
import { KEPT_KUBEADM_CONFIG, KUBEADM_CONFIG } from '../steps/paths';
import type { Master } from '../variables/master';
import type { Role } from './role';

/** The parts of kubeadm's configuration that are looked at; the field names are kubeadm's. */
export interface Configuration {
  readonly nodeRegistration?: { readonly kubeletExtraArgs?: Readonly<Record<string, string>> };
  readonly localAPIEndpoint?: { readonly advertiseAddress?: string };
  readonly kubernetesVersion?: string;
  readonly imageRepository?: string;
  readonly controlPlaneEndpoint?: string;
  readonly networking?: Readonly<Record<'dnsDomain' | 'podSubnet' | 'serviceSubnet', unknown>> | null;
  readonly apiServer?: { readonly certSANs?: readonly string[]; readonly timeoutForControlPlane?: unknown };
  readonly controllerManager?: { readonly extraArgs?: Readonly<Record<string, unknown>> };
  readonly dns?: { readonly imageRepository?: string; readonly imageTag?: string };
  readonly clusterDNS?: readonly string[];
  readonly systemReserved?: Readonly<Record<string, string>>;
}

/** What an installation has told kubeadm; undefined where it is not there or cannot be read. The one that all masters keep says more than the first one's own: it follows the cluster when a master moves. */
export async function readConfiguration(host: HostReader): Promise<Configuration | undefined> {
  const text = (await textOf(host, KEPT_KUBEADM_CONFIG)) || (await textOf(host, KUBEADM_CONFIG));
  const documents = (fromYaml(text) ?? []).filter(isObject);
  if (documents.length === 0) return undefined;
  return Object.fromEntries(documents.flatMap(document => Object.entries(document)));
}

/** The cluster that an installation began on a host. */
export interface Begun {
  /** Whether kubeadm has made it: from then on it stays as it was told. */
  readonly finished: boolean;
  /** The VIP that it was told. */
  readonly endpoint: string | undefined;
  /** The addresses of the masters that it was told; [] where that cannot be read. */
  readonly members: readonly string[];
}

/** What was begun on this host and not elsewhere; undefined where nothing was. */
export async function begunHere(host: HostReader, { began, finished }: Role): Promise<Begun | undefined> {
  if (!began) return undefined;
  const configuration = await readConfiguration(host);
  return {
    finished,
    endpoint: word(configuration?.controlPlaneEndpoint)?.replace(/:\d+$/, ''),
    members: configuration === undefined ? [] : recordedMasters(configuration).map(({ address }) => address),
  };
}

/** The masters that a cluster was made with, in their order: in the names of the apiserver's certificate each stands before its address (certSans in kubernetes/endpoint.ts). What follows them is the VIP and this host's loopback. */
export function recordedMasters({ apiServer, controlPlaneEndpoint }: Configuration): readonly Master[] {
  const names = words(apiServer?.certSANs);
  const endpoint = word(controlPlaneEndpoint)?.replace(/:\d+$/, '');
  return names.flatMap((address, at) => {
    const name = names[at - 1];
    if (name === undefined || isIPv4(name) || !isIPv4(address)) return [];
    // Nodes have their names in lower case, whatever was written down.
    return name === endpoint || name === 'localhost' ? [] : [{ hostname: name.toLowerCase(), address }];
  });
}

/** A list of texts, whatever a damaged file has in its place. */
export function words(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : [];
}

/** A text, whatever a damaged file has in its place. */
export function word(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

async function textOf(host: HostReader, path: string): Promise<string> {
  return (await host.read(path))?.toString('utf8') ?? '';
}
