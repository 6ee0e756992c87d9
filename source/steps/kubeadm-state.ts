import type { HostReader } from '../engine/host';
import { askApi, items, type ApiAnswer, type Metadata, type Node } from '../kubernetes/api';
import { FLANNEL_DAEMON } from '../kubernetes/flannel';
import {
  CLUSTER_INFO_BINDING,
  CLUSTER_INFO_MAP,
  kubeadmPhases,
  PROXY,
  SERVICES,
  type KubeadmObjects,
} from '../kubernetes/kubeadm-objects';
import { fromYaml } from '../kubernetes/yaml';
import type { Master } from '../variables/master';
import { addressText, aligned, parseNetwork } from '../variables/network';
import type { Settings } from '../variables/settings';
import { apiAccess } from './access';
import { KUBELET_CONFIG } from './paths';

interface Service {
  readonly metadata: Metadata;
  readonly spec?: { readonly clusterIP?: string };
}

/** Reads them; undefined while the apiserver does not answer. */
export async function readKubeadmObjects(
  host: HostReader,
  settings: Settings,
  master: Master,
): Promise<KubeadmObjects | undefined> {
  const ask = (path: string): Promise<ApiAnswer> => askApi(host, apiAccess(master), path);
  const paths = [
    ...Object.values(kubeadmPhases(settings.facts.minor)).flatMap(({ writes }) => writes),
    ...[CLUSTER_INFO_MAP, CLUSTER_INFO_BINDING],
  ];
  const { namespace } = settings.facts.flannel;
  const [answers, node, services, network, dnsAddresses] = await Promise.all([
    Promise.all(paths.map(ask)),
    ask(`/api/v1/nodes/${master.hostname}`),
    ask(SERVICES),
    ask(`/apis/apps/v1/namespaces/${namespace}/daemonsets/${FLANNEL_DAEMON.name}`),
    toldAddresses(host, settings),
  ]);
  if ([...answers, node, services, network].some(answer => answer.kind === 'silent')) return undefined;
  const there = paths.flatMap((path, index) => {
    const answer = answers[index];
    return answer?.kind === 'found' ? [[path, answer.body as object] as const] : [];
  });
  const at = ((items(services) ?? []) as readonly Service[]).filter(({ spec }) =>
    dnsAddresses.includes(spec?.clusterIP ?? ''),
  );
  const ready = await Promise.all(at.map(({ metadata }) => hasEndpoints(ask, metadata)));
  const found = at.find((_, index) => ready[index] === true)?.metadata;
  const proxied = answers[paths.indexOf(PROXY)]?.kind === 'found';
  return {
    there: new Map(there),
    networked: network.kind === 'found',
    node: node.kind === 'found' ? (node.body as Node) : undefined,
    dnsAddresses,
    dns: found && `${found.namespace ?? ''}/${found.name}`,
    serviceAnswers: proxied || (await answersAtService(host, settings, master)),
  };
}

/** By the kubelet's own configuration, which an operator may have given another one, as with a cache on each node. */
async function toldAddresses(host: HostReader, settings: Settings): Promise<readonly string[]> {
  const text = (await host.read(KUBELET_CONFIG))?.toString('utf8') ?? '';
  const [document] = fromYaml(text) ?? [];
  const { clusterDNS } = (document ?? {}) as { readonly clusterDNS?: readonly string[] };
  return clusterDNS ?? [settings.clusterDns];
}

/** The first address of the service subnet is that of the API's own Service, and stands in its certificate. */
async function answersAtService(host: HostReader, settings: Settings, master: Master): Promise<boolean> {
  const subnet = parseNetwork(settings.serviceSubnet);
  if (subnet === undefined) return false;
  const { caFile, certFile, keyFile } = apiAccess(master);
  const url = `https://${addressText(aligned(subnet).first + 1)}:443/healthz`;
  const answer = await host.request({ url, caFile, certFile, keyFile, timeoutMs: 3000 });
  return 'status' in answer && answer.status === 200;
}

async function hasEndpoints(
  ask: (path: string) => Promise<ApiAnswer>,
  { namespace = '', name }: Metadata,
): Promise<boolean> {
  const answer = await ask(`/api/v1/namespaces/${namespace}/endpoints/${name}`);
  if (answer.kind !== 'found') return false;
  const { subsets = [] } = answer.body as {
    readonly subsets?: readonly { readonly addresses?: unknown[] }[];
  };
  return subsets.some(({ addresses = [] }) => addresses.length > 0);
}
