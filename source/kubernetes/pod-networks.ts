/** A network of pods, as it is found on a host: what it calls its interfaces, its files in /etc/cni/net.d, and its own data. */
export interface PodNetwork {
  readonly name: string;
  readonly interfaces: RegExp;
  readonly configuration: RegExp;
  /** Files and directories that nothing else makes. */
  readonly data: readonly string[];
}

/** The ones that EL7 hosts were given clusters with; names as their sources have them (calico: felix/rules, weave: net/bridge.go, cilium: pkg/defaults). */
export const POD_NETWORKS: readonly PodNetwork[] = [
  {
    name: 'flannel',
    interfaces: /^flannel[.-]/,
    configuration: /flannel/,
    data: ['/run/flannel/subnet.env'],
  },
  {
    name: 'calico',
    interfaces: /^(cali[0-9a-f]|tunl0$|vxlan\.calico$|wireguard\.cali$)/,
    configuration: /calico|canal/,
    data: ['/var/lib/calico', '/var/run/calico'],
  },
  {
    name: 'weave',
    interfaces: /^(weave$|vethwe|datapath$|vxlan-6784$)/,
    configuration: /weave/,
    data: ['/var/lib/weave'],
  },
  {
    name: 'cilium',
    interfaces: /^(cilium_|lxc[0-9a-f])/,
    configuration: /cilium/,
    data: ['/var/run/cilium'],
  },
  {
    name: 'kube-router',
    interfaces: /^(kube-bridge$|kube-dummy-if$)/,
    configuration: /kube-?router/,
    data: [],
  },
];

/** The bridge of the CNI plugin "bridge", which flannel's pods are on; kube-proxy's interface in its mode ipvs; and the one that serves DNS on each node. */
const COMMON = /^(cni\d+|kube-ipvs0|nodelocaldns)$/;

/** Whether an interface belongs to the pods or Services of a cluster. */
export function isOfCluster(device: string): boolean {
  return COMMON.test(device) || POD_NETWORKS.some(({ interfaces }) => interfaces.test(device));
}
