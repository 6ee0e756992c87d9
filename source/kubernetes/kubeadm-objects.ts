import type { Node } from './api';

const SYSTEM = '/api/v1/namespaces/kube-system';
const APPS = '/apis/apps/v1/namespaces/kube-system';
const RBAC = '/apis/rbac.authorization.k8s.io/v1';
const SYSTEM_RBAC = `${RBAC}/namespaces/kube-system`;
const PUBLIC_RBAC = `${RBAC}/namespaces/kube-public`;

export const SERVICES = '/api/v1/services';
export const KUBEADM_CONFIG_MAP = `${SYSTEM}/configmaps/kubeadm-config`;
export const CLUSTER_INFO_MAP = '/api/v1/namespaces/kube-public/configmaps/cluster-info';
/** Lets anybody read cluster-info, which a node does before it has joined. */
export const CLUSTER_INFO_BINDING = `${PUBLIC_RBAC}/rolebindings/kubeadm:bootstrap-signer-clusterinfo`;
export const COREDNS_MAP = `${SYSTEM}/configmaps/coredns`;
export const COREDNS = `${APPS}/deployments/coredns`;
export const KUBE_DNS = `${SYSTEM}/services/kube-dns`;
export const PROXY_MAP = `${SYSTEM}/configmaps/kube-proxy`;
export const PROXY = `${APPS}/daemonsets/kube-proxy`;
/** Lets nodes that join read kube-proxy's settings; kubeadm goes on without them (componentconfigs/configset.go, fromConfigMap). */
export const PROXY_BINDING = `${SYSTEM_RBAC}/rolebindings/kube-proxy`;

/** What kubelets are configured with, by minor. */
export function kubeletConfigMap(minor: string): string {
  return `${SYSTEM}/configmaps/kubelet-config-${minor}`;
}

/** What is there of all that kubeadm makes in a cluster and that is asked for again later. */
export interface KubeadmObjects {
  /** By path: every object that is there. */
  readonly there: ReadonlyMap<string, object>;
  readonly node: Node | undefined;
  /** Whether flannel was deployed, which comes only once kubeadm is through. */
  readonly networked: boolean;
  /** The addresses that pods on this host ask for names. */
  readonly dnsAddresses: readonly string[];
  /** The Service with ready endpoints at one of those: "kube-system/kube-dns". */
  readonly dns: string | undefined;
  /** Whether there is kube-proxy, or the API answers at its Service's address without it: then another program does its work. */
  readonly serviceAnswers: boolean;
}

/** A phase of `kubeadm init`, and the objects that it makes, or writes over where they are there. */
export interface KubeadmPhase {
  readonly words: readonly string[];
  readonly writes: readonly string[];
}

export type KubeadmPhases = Readonly<Record<'kubeadm' | 'kubelet' | 'coredns' | 'kube-proxy', KubeadmPhase>>;

/** Those that a single object can be put back by (cmd/kubeadm/app/phases: uploadconfig, kubelet, addons; 1.16 to 1.23 agree). */
export function kubeadmPhases(minor: string): KubeadmPhases {
  const ruled = (name: string): readonly string[] => [
    `${SYSTEM_RBAC}/roles/${name}`,
    `${SYSTEM_RBAC}/rolebindings/${name}`,
  ];
  return {
    kubeadm: {
      words: ['upload-config', 'kubeadm'],
      writes: [KUBEADM_CONFIG_MAP, ...ruled('kubeadm:nodes-kubeadm-config')],
    },
    kubelet: {
      words: ['upload-config', 'kubelet'],
      writes: [kubeletConfigMap(minor), ...ruled(`kubeadm:kubelet-config-${minor}`)],
    },
    coredns: {
      words: ['addon', 'coredns'],
      writes: [
        ...[COREDNS_MAP, COREDNS, KUBE_DNS],
        ...[`${RBAC}/clusterroles/system:coredns`, `${RBAC}/clusterrolebindings/system:coredns`],
      ],
    },
    'kube-proxy': {
      words: ['addon', 'kube-proxy'],
      writes: [
        ...[PROXY_MAP, PROXY, `${RBAC}/clusterrolebindings/kubeadm:node-proxier`],
        ...[`${SYSTEM_RBAC}/roles/kube-proxy`, PROXY_BINDING],
      ],
    },
  };
}

/** An object as it can be given back to the apiserver: without what only the apiserver writes. */
export function asManifest(live: object): object {
  return without(live, ['status'], metadata => without(metadata, SERVERS_OWN));
}

function without(
  object: object,
  fields: readonly string[],
  within: (metadata: object) => object = value => value,
): object {
  const own = Object.entries(object).filter(([field]) => !fields.includes(field));
  return Object.fromEntries(
    own.map(([field, value]) => [field, field === 'metadata' ? within(value as object) : (value as unknown)]),
  );
}

const SERVERS_OWN: readonly string[] = [
  ...['uid', 'resourceVersion', 'generation', 'creationTimestamp', 'selfLink', 'managedFields'],
];
