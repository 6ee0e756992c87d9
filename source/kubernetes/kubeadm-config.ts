import type { Master } from '../variables/master';
import type { Settings } from '../variables/settings';
import { certSans, endpointHost } from './endpoint';
import { CRI_SOCKET } from './join-configuration';
import { OWN_ETCD } from './own-etcd';
import { goDuration, leaderElectionArgs } from './timings';
import { toYaml } from './yaml';

/** What kubeadm's configuration takes from the host rather than from the settings. */
interface KubeadmHost extends Master {
  /** docker's, which the kubelets must agree with: "systemd" or "cgroupfs". */
  readonly cgroupDriver: string;
  /** Of a node that there is already: what it has, in the place of what a new one is given. */
  readonly registered?: { readonly criSocket: string; readonly taints: readonly object[] };
}

/** Long enough to add workers on the day of the installation; `join-command` makes a new token later. kubeadm's own default. */
const TOKEN_TTL = '24h0m0s';

/** The place of the token in the configuration; it is filled from a file as the configuration is written. */
export const TOKEN_PLACE = 'token';

/**
 * The configuration of `kubeadm init`: v1beta2 and v1beta3 agree in every field that is used here
 * (cmd/kubeadm/app/apis/kubeadm/v1beta2 and v1beta3).
 */
export function kubeadmConfig(settings: Settings, host: KubeadmHost): string {
  const api = settings.facts.kubeadmApi;
  return toYaml(
    { apiVersion: api, kind: 'InitConfiguration', ...initConfiguration(settings, host) },
    { apiVersion: api, kind: 'ClusterConfiguration', ...clusterConfiguration(settings, host) },
    kubeletConfiguration(settings, host.cgroupDriver),
    {
      apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
      kind: 'KubeProxyConfiguration',
      clusterCIDR: settings.podSubnet,
    },
  );
}

function initConfiguration(settings: Settings, host: KubeadmHost): object {
  return {
    bootstrapTokens: [
      {
        token: `{{${TOKEN_PLACE}}}`,
        description: 'made by kube-el7-install for joining workers',
        ttl: TOKEN_TTL,
        usages: ['signing', 'authentication'],
        groups: ['system:bootstrappers:kubeadm:default-node-token'],
      },
    ],
    localAPIEndpoint: { advertiseAddress: host.address, bindPort: 6443 },
    nodeRegistration: {
      name: host.hostname,
      criSocket: host.registered?.criSocket ?? CRI_SOCKET,
      kubeletExtraArgs: { 'node-ip': host.address, 'pod-infra-container-image': settings.images.pause },
      taints:
        host.registered?.taints ?? settings.facts.masterTaints.map(key => ({ key, effect: 'NoSchedule' })),
    },
  };
}

/**
 * With a VIP, controlPlaneEndpoint is all it takes for the kubeconfigs, cluster-info, kube-proxy's and kubeadm's own configmap to name it, as a host name too:
 * kubeadm asks the same function of its own for each of them (GetControlPlaneEndpoint in cmd/kubeadm/app/util/endpoint.go; cluster-info is copied from admin.conf).
 */
function clusterConfiguration(settings: Settings, host: KubeadmHost): object {
  const [dnsRepository, dnsTag] = repositoryAndTag(settings.images.coredns);
  return {
    clusterName: 'kubernetes',
    kubernetesVersion: `v${settings.kubeVersion}`,
    imageRepository: settings.imageRepository,
    certificatesDir: '/etc/kubernetes/pki',
    ...(settings.vip === undefined ? {} : { controlPlaneEndpoint: endpointHost(settings, host) }),
    networking: {
      dnsDomain: settings.clusterDomain,
      podSubnet: settings.podSubnet,
      serviceSubnet: settings.serviceSubnet,
    },
    apiServer: {
      certSANs: certSans(settings, host),
      timeoutForControlPlane: goDuration(settings.timings.controlPlaneSeconds),
    },
    ...leaderElection(settings),
    dns: { imageRepository: dnsRepository, imageTag: dnsTag },
    etcd: {
      external: {
        endpoints: [OWN_ETCD],
        caFile: '/etc/kubernetes/pki/etcd/ca.crt',
        certFile: '/etc/kubernetes/pki/apiserver-etcd-client.crt',
        keyFile: '/etc/kubernetes/pki/apiserver-etcd-client.key',
      },
    },
  };
}

/** Left out where it is the programs' own: a finished cluster is compared with this line by line. */
function leaderElection({ timings }: Settings): object {
  const extraArgs = leaderElectionArgs(timings);
  return Object.keys(extraArgs).length === 0
    ? {}
    : { controllerManager: { extraArgs }, scheduler: { extraArgs } };
}

function kubeletConfiguration(settings: Settings, cgroupDriver: string): object {
  const reserved = parseReserved(settings.systemReserved);
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    cgroupDriver,
    clusterDNS: [settings.clusterDns],
    clusterDomain: settings.clusterDomain,
    ...(Object.keys(reserved).length === 0 ? {} : { systemReserved: reserved }),
  };
}

/** "registry:5000/a/coredns:1.7.0" -> ["registry:5000/a", "1.7.0"]: kubeadm adds the name itself. */
function repositoryAndTag(image: string): readonly [string, string] {
  const slash = image.lastIndexOf('/');
  const colon = image.indexOf(':', slash);
  return [image.slice(0, slash), image.slice(colon + 1)];
}

/** "cpu=200m,memory=500Mi" as the kubelet's configuration wants it: a map. */
function parseReserved(text: string): Readonly<Record<string, string>> {
  const pairs = text.split(',').filter(part => part.trim() !== '');
  return Object.fromEntries(pairs.map(part => part.split('=').map(word => word.trim()) as [string, string]));
}
