import type { ImageName } from './settings';

/** Every variable of a variables file; docs/variables.md describes each. */
export const VARIABLES = [
  'KUBE_VERSION',
  'DOCKER_REGISTRY',
  'DOCKER_REGISTRY_PLAIN_HTTP',
  'DOCKER_REGISTRY_CA',
  'DOCKER_REGISTRY_USER',
  'DOCKER_REGISTRY_PASSWORD_FILE',
  'YUM_REPOSITORY',
  'YUM_REPOSITORY_GPGKEY',
  'YUM_REPOSITORY_UNSIGNED',
  'CLUSTER_DOMAIN',
  'CLUSTER_DNS',
  'POD_SUBNET',
  'SERVICE_SUBNET',
  'NODE_SUBNET',
  'KUBELET_SYSTEM_RESERVED',
  'HELM_REPO',
  'TILLER',
  'VIP_ROUTER_ID',
  'VRRP_VERSION',
  'ETCD_HEARTBEAT_INTERVAL',
  'ETCD_ELECTION_TIMEOUT',
  'LEADER_ELECTION_LEASE',
  'CONTROL_PLANE_TIMEOUT',
  'KUBE_APISERVER_IMAGE',
  'KUBE_CONTROLLER_MANAGER_IMAGE',
  'KUBE_SCHEDULER_IMAGE',
  'KUBE_PROXY_IMAGE',
  'PAUSE_IMAGE',
  'COREDNS_IMAGE',
  'ETCD_IMAGE',
  'FLANNEL_IMAGE',
  'TILLER_IMAGE',
  'KEEPALIVED_IMAGE',
] as const;

export type VariableName = (typeof VARIABLES)[number];

/** The only ones that are taken from the environment; what else is set there is pointed out and not used. */
export const FROM_ENVIRONMENT: readonly VariableName[] = [
  'KUBELET_SYSTEM_RESERVED',
  'DOCKER_REGISTRY',
  'HELM_REPO',
];

/** Which variable names which image. */
export const IMAGE_VARIABLES: Readonly<Record<ImageName, VariableName>> = {
  'kube-apiserver': 'KUBE_APISERVER_IMAGE',
  'kube-controller-manager': 'KUBE_CONTROLLER_MANAGER_IMAGE',
  'kube-scheduler': 'KUBE_SCHEDULER_IMAGE',
  'kube-proxy': 'KUBE_PROXY_IMAGE',
  pause: 'PAUSE_IMAGE',
  coredns: 'COREDNS_IMAGE',
  etcd: 'ETCD_IMAGE',
  flannel: 'FLANNEL_IMAGE',
  tiller: 'TILLER_IMAGE',
  keepalived: 'KEEPALIVED_IMAGE',
};

export const IMAGE_NAMES = Object.keys(IMAGE_VARIABLES) as readonly ImageName[];

/** The four that kubeadm names itself, out of its imageRepository and the version. */
export const KUBE_IMAGES = [
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kube-proxy',
] as const;

/** Whether a name is one of a variables file. */
export function isVariable(name: string): name is VariableName {
  return (VARIABLES as readonly string[]).includes(name);
}
