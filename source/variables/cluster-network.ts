import type { Collector } from './collector';
import type { Fault } from './fields';
import { clusterDomain } from './fields';
import type { Network } from './network';
import {
  addressNumber,
  addressText,
  aligned,
  contains,
  networkSize,
  networkText,
  overlap,
  parseNetwork,
} from './network';

/** The cluster's own addresses, which no host has. */
export interface ClusterNetwork {
  readonly clusterDomain: string;
  readonly clusterDns: string;
  readonly podSubnet: string;
  readonly serviceSubnet: string;
  /** The network of the hosts' own addresses, where it was given. */
  readonly nodeSubnet?: string;
}

const DEFAULT_SERVICES = '10.96.0.0/12';
const DEFAULT_PODS = '10.244.0.0/16';

/** Ranges that no cluster can use, whatever the site. */
const SPECIAL: readonly (readonly [string, string])[] = [
  ['0.0.0.0/8', 'which no packet can be sent to'],
  ['127.0.0.0/8', 'which every host keeps for itself'],
  ['169.254.0.0/16', 'the link-local addresses'],
  ['224.0.0.0/3', 'multicast and reserved addresses'],
];

function subnet(
  value: string,
  limits: { min: number; max: number; why: string; example: string },
): Fault | undefined {
  const right = `an IPv4 network from /${limits.min} to /${limits.max}, such as ${limits.example}`;
  const network = parseNetwork(value);
  if (network === undefined) return { wrong: 'is not an IPv4 network (address/prefix)', right };
  const base = aligned(network);
  if (base.first !== network.first) {
    return { wrong: 'does not start at a network address', right: networkText(base) };
  }
  if (network.prefix < limits.min || network.prefix > limits.max) {
    return { wrong: `has a prefix of /${network.prefix}: ${limits.why}`, right };
  }
  for (const [range, what] of SPECIAL) {
    const special = parseNetwork(range);
    if (special !== undefined && overlap(special, network)) {
      return { wrong: `overlaps with ${range}, ${what}`, right };
    }
  }
  return undefined;
}

/** The network of the hosts' own addresses; a host's single address is one of /32. */
function nodeSubnet(collector: Collector): string | undefined {
  const right = "the network of the hosts' own addresses, such as 10.2.0.0/16";
  return collector.optional('NODE_SUBNET', value => {
    const network = parseNetwork(value);
    if (network === undefined) return { wrong: 'is not an IPv4 network (address/prefix)', right };
    const base = aligned(network);
    if (base.first !== network.first) {
      return { wrong: 'does not start at a network address', right: networkText(base) };
    }
    const special = SPECIAL.find(([range]) => {
      const other = parseNetwork(range);
      return other !== undefined && overlap(other, network);
    });
    return special && { wrong: `overlaps with ${special[0]}, ${special[1]}`, right };
  });
}

/** Why an address cannot be that of a host of this cluster or of its VIP; undefined where it can. */
export function addressFault(address: string, network: ClusterNetwork): string | undefined {
  const number = addressNumber(address);
  if (number === undefined) return 'is not an IPv4 address';
  const inside = (text: string): boolean => {
    const range = parseNetwork(text);
    return range !== undefined && contains(range, number);
  };
  const special = SPECIAL.find(([range]) => inside(range));
  if (special !== undefined) return `is in ${special[0]}, ${special[1]}`;
  if (inside(network.podSubnet)) return `is in POD_SUBNET ${network.podSubnet}`;
  return inside(network.serviceSubnet) ? `is in SERVICE_SUBNET ${network.serviceSubnet}` : undefined;
}

function dnsAddress(value: string, services: Network): Fault | undefined {
  const right = `an address of ${networkText(services)} such as ${addressText(services.first + 10)}`;
  const address = addressNumber(value);
  if (address === undefined) return { wrong: 'is not an IPv4 address', right };
  if (!contains(services, address)) {
    return { wrong: `is outside of the service subnet ${networkText(services)}`, right };
  }
  if (address === services.first) return { wrong: 'is the network address of the service subnet', right };
  if (address === services.first + 1) {
    return { wrong: 'is the first service address, which Kubernetes takes for its own API', right };
  }
  if (address === services.first + networkSize(services) - 1) {
    return { wrong: 'is the last address of the service subnet, which is not given to services', right };
  }
  return undefined;
}

/** The cluster's domain, subnets and DNS address. Limits: the apiserver takes service subnets of at most 20 bits, kubeadm wants ten addresses in them; every node gets a /24 of the pods', and flannel wants room for four. */
export function clusterNetwork(collector: Collector): ClusterNetwork {
  const domain = collector.take('CLUSTER_DOMAIN', 'cluster.local', clusterDomain);
  const serviceSubnet = collector.take('SERVICE_SUBNET', DEFAULT_SERVICES, value =>
    subnet(value, {
      min: 12,
      max: 28,
      why: 'the apiserver accepts /12 to /28',
      example: DEFAULT_SERVICES,
    }),
  );
  const podSubnet = collector.take('POD_SUBNET', DEFAULT_PODS, value =>
    subnet(value, {
      min: 8,
      max: 22,
      why: 'every node gets a /24 of it, and flannel wants room for four',
      example: DEFAULT_PODS,
    }),
  );
  const services = parseNetwork(serviceSubnet);
  const pods = parseNetwork(podSubnet);
  const sound = collector.sound('SERVICE_SUBNET');
  if (services !== undefined && pods !== undefined && sound && collector.sound('POD_SUBNET')) {
    if (overlap(services, pods)) {
      collector.wrong('POD_SUBNET', podSubnet, {
        wrong: `overlaps with SERVICE_SUBNET ${serviceSubnet}`,
        right: 'two networks without an address in common',
      });
    }
  }
  const usable = sound && services !== undefined ? services : undefined;
  const tenth = usable === undefined ? '10.96.0.10' : addressText(usable.first + 10);
  const clusterDns = collector.take('CLUSTER_DNS', tenth, value =>
    usable === undefined
      ? addressNumber(value) === undefined
        ? { wrong: 'is not an IPv4 address', right: 'an address such as 10.96.0.10' }
        : undefined
      : dnsAddress(value, usable),
  );
  const nodes = nodeSubnet(collector);
  const own = nodes === undefined || !collector.sound('NODE_SUBNET') ? undefined : parseNetwork(nodes);
  for (const [name, range] of [
    ['POD_SUBNET', pods],
    ['SERVICE_SUBNET', services],
  ] as const) {
    if (nodes === undefined || own === undefined || range === undefined) continue;
    if (collector.sound(name, 'NODE_SUBNET') && overlap(own, range)) {
      collector.wrong('NODE_SUBNET', nodes, {
        wrong: `overlaps with ${name} ${networkText(range)}`,
        right: "the network of the hosts' own addresses, which pods and services have none of",
      });
    }
  }
  return {
    ...{ clusterDomain: domain, clusterDns, podSubnet, serviceSubnet },
    ...(nodes === undefined || !collector.sound('NODE_SUBNET') ? {} : { nodeSubnet: nodes }),
  };
}
