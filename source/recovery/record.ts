import {
  readConfiguration,
  recordedMasters,
  word,
  words,
  type Configuration,
} from '../cluster/configuration';
import { readRole } from '../cluster/role';
import type { HostReader } from '../engine/host';
import { etcdTimingsIn, leaseIn, OWN_TIMINGS, secondsIn } from '../kubernetes/timings';
import { factsFor } from '../kubernetes/versions';
import {
  ETCD_CLUSTER_MANIFEST,
  ETCD_INIT_MANIFEST,
  KEEPALIVED,
  KEEPALIVED_MANIFEST,
  STATIC_PODS,
  TILLER_SERVER,
} from '../steps/paths';
import type { Master } from '../variables/master';
import type { ImageName, Settings, Vip } from '../variables/settings';

/** What a cluster has recorded of itself on each of its masters: enough to mend it without the variables file, and without its API. */
export interface ClusterRecord {
  /** As far as mending needs them. `others` are the masters beside this one. */
  readonly settings: Settings;
  /** This host, with its recorded address. */
  readonly here: Master;
  /** All masters as they are recorded, in the order they were given in. */
  readonly masters: readonly Master[];
}

/** Reads the record on a master; undefined where this host is none of ours, or where what it has cannot be read. */
export async function readRecord(host: HostReader): Promise<ClusterRecord | undefined> {
  const { maker } = await readRole(host);
  const configuration = maker === 'ours' ? await readConfiguration(host) : undefined;
  if (configuration === undefined) return undefined;
  const masters = recordedMasters(configuration);
  const name = (await host.query({ file: 'hostname', args: [] })).stdout.trim().toLowerCase();
  const here = masters.find(({ hostname }) => hostname === name);
  const version = word(configuration.kubernetesVersion)?.replace(/^v/, '') ?? '';
  const facts = factsFor(version);
  if (here === undefined || facts === undefined) return undefined;
  const repository = word(configuration.imageRepository) ?? '';
  const [keepalived, etcd, tiller] = await Promise.all([
    textOf(host, KEEPALIVED_MANIFEST),
    etcdManifest(host),
    host.stat(TILLER_SERVER.certPath),
  ]);
  const vip = await vipOf(host, configuration, keepalived);
  const images: Record<ImageName, string> = {
    'kube-apiserver': `${repository}/kube-apiserver:v${version}`,
    'kube-controller-manager': `${repository}/kube-controller-manager:v${version}`,
    'kube-scheduler': `${repository}/kube-scheduler:v${version}`,
    'kube-proxy': `${repository}/kube-proxy:v${version}`,
    pause:
      configuration.nodeRegistration?.kubeletExtraArgs?.['pod-infra-container-image'] ??
      `${repository}/pause:${facts.tags.pause}`,
    coredns: `${configuration.dns?.imageRepository ?? repository}/coredns:${configuration.dns?.imageTag ?? facts.tags.coredns}`,
    etcd: imageIn(etcd) ?? `${repository}/etcd:${facts.tags.etcd}`,
    flannel: `${repository}/flannel:${facts.tags.flannel}`,
    tiller: `${repository}/tiller:${facts.tags.tiller}`,
    keepalived: imageIn(keepalived) ?? `${repository}/keepalived:${facts.tags.keepalived}`,
  };
  const { networking, apiServer, controllerManager } = configuration;
  return {
    here,
    masters,
    settings: {
      kubeVersion: version,
      facts,
      registry: { address: repository, plainHttp: false },
      images,
      imageRepository: repository,
      clusterDomain: word(networking?.dnsDomain) ?? 'cluster.local',
      clusterDns: words(configuration.clusterDNS)[0] ?? '',
      podSubnet: word(networking?.podSubnet) ?? '',
      serviceSubnet: word(networking?.serviceSubnet) ?? '',
      systemReserved: Object.entries(configuration.systemReserved ?? {})
        .map(pair => pair.join('='))
        .join(','),
      helmRepository: '',
      tiller: tiller !== undefined,
      timings: {
        etcd: etcdTimingsIn(etcd),
        leaseSeconds: leaseIn(controllerManager?.extraArgs),
        controlPlaneSeconds: secondsIn(apiServer?.timeoutForControlPlane) ?? OWN_TIMINGS.controlPlaneSeconds,
      },
      others: masters.filter(one => one !== here),
      ...(vip === undefined ? {} : { vip }),
      platform: { name: 'other', from: "the cluster's record" },
      values: [
        { name: 'KUBE_VERSION', value: version, source: "the cluster's record" },
        ...(vip === undefined
          ? []
          : [{ name: '--vip', value: vip.endpoint, source: "the cluster's record" }]),
        {
          name: '--masters',
          value: masters.map(({ hostname, address }) => `${hostname} (${address})`).join(', '),
          source: "the cluster's record",
        },
      ],
    },
  };
}

/** What a cluster is called by: its endpoint, or the only master's name. */
export function clusterName({ settings, here }: ClusterRecord): string {
  return settings.vip?.endpoint ?? here.hostname;
}

async function textOf(host: HostReader, path: string): Promise<string> {
  return (await host.read(path))?.toString('utf8') ?? '';
}

/** Also while one of them is hidden, as it is while the pods are swapped or a cluster is restored. */
async function etcdManifest(host: HostReader): Promise<string> {
  for (const path of [ETCD_CLUSTER_MANIFEST, ETCD_INIT_MANIFEST]) {
    const hidden = `${STATIC_PODS}/.${path.slice(STATIC_PODS.length + 1)}`;
    for (const text of [await textOf(host, path), await textOf(host, hidden)]) {
      if (imageIn(text) !== undefined) return text;
    }
  }
  return '';
}

function imageIn(manifest: string): string | undefined {
  return /^\s+image: ["']?([^\s"']+)/m.exec(manifest)?.[1];
}

async function vipOf(
  host: HostReader,
  { controlPlaneEndpoint }: Configuration,
  manifest: string,
): Promise<Vip | undefined> {
  const endpoint = word(controlPlaneEndpoint)?.replace(/:\d+$/, '');
  if (endpoint === undefined) return undefined;
  const text = await textOf(host, `${KEEPALIVED}/keepalived.conf.template`);
  const number = (word: string): number | undefined => {
    const found = new RegExp(`^\\s*${word} (\\d+)$`, 'm').exec(text)?.[1];
    return found === undefined ? undefined : Number(found);
  };
  const address = /^\s+(\d+\.\d+\.\d+\.\d+)\/32 dev /m.exec(text)?.[1];
  return {
    endpoint,
    addresses: address === undefined ? [] : [address],
    carrier: manifest === '' && address === undefined ? 'load-balancer' : 'keepalived',
    routerId: number('virtual_router_id') ?? 0,
    vrrpVersion: number('vrrp_version') === 2 ? 2 : 3,
  };
}
