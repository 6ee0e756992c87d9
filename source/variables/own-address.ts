import type { HostReader } from '../engine/host';
import { ETCD_CLUSTER_MANIFEST, ETCD_INIT_MANIFEST, KUBEADM_CONFIG, STATIC_PODS } from '../steps/paths';
import { addressesOf } from './lookup';
import { addressNumber, aligned, contains, parseNetwork } from './network';

/** An IPv4 address that a host has for others to reach. */
export interface Assigned {
  readonly device: string;
  readonly address: string;
  readonly prefix: number;
  /** A second address of the same network. */
  readonly secondary: boolean;
}

/** What was said of the cluster that tells which of its addresses a host is known by. */
export interface Clues {
  /** NODE_SUBNET: the network that the hosts' addresses are in. */
  readonly subnet?: string;
  /** The addresses that --masters names; one of them may be this host's. */
  readonly masters?: readonly string[];
  /** The VIP's: a master that has it now has it for a while only. */
  readonly vip?: readonly string[];
}

/** The address that the others know a host by. */
export interface Own {
  readonly address: string;
  readonly device: string;
  /** What it was known by: "NODE_SUBNET 10.2.0.0/16". */
  readonly from: string;
}

/** Interfaces of containers, pods and Services, and of virtual machines: nobody reaches this host there. */
const INSIDE =
  /^(lo|cni\d*|flannel[.-]|docker\d*$|br-[0-9a-f]{12}$|kube-ipvs|nodelocaldns|cali|tunl\d|vxlan\.calico|weave|vethwe|cilium|lxc|veth|virbr|vnet|podman)/;

/** Whether an interface is one that containers, pods or virtual machines of this host have for themselves. */
export function isInside(device: string): boolean {
  return INSIDE.test(device);
}

/** What `ip -4 -o addr show` lists. */
export function parseAddresses(stdout: string): readonly Assigned[] {
  return [...stdout.matchAll(/^\d+: ([^\s@:]+)\S* +inet ([\d.]+)(?:\/(\d+))?(.*)$/gm)].map(
    ([, device = '', address = '', prefix = '32', rest = '']) => ({
      ...{ device, address, prefix: Number(prefix) },
      secondary: / secondary\b/.test(rest),
    }),
  );
}

/** The addresses of a host at which others may reach it. */
export async function assignedTo(
  host: HostReader,
  vip: readonly string[] = [],
): Promise<readonly Assigned[]> {
  const answer = await host.query({ file: 'ip', args: ['-4', '-o', 'addr', 'show', 'scope', 'global'] });
  const outside = parseAddresses(answer.stdout).filter(({ device }) => !isInside(device));
  // keepalived puts the VIP beside the interface's own address; one that stands alone is the host's, whatever it is called.
  return outside.filter(
    one =>
      !vip.includes(one.address) ||
      !(one.secondary || one.prefix === 32) ||
      outside.every(other => other === one || other.device !== one.device),
  );
}

/**
 * The one place that decides which of its addresses a host is known by. In this order: the network that was given, the
 * address that --masters names, the one that a cluster here was made with, the one that the host's name resolves to,
 * the one that packets to the VIP and to the other masters leave from, the default route's, and the only one that there is.
 */
export async function ownAddress(
  host: HostReader,
  hostname: string,
  clues: Clues = {},
): Promise<Own | { readonly candidates: readonly Assigned[] }> {
  const { subnet, masters = [], vip = [] } = clues;
  const own = await assignedTo(host, vip);
  const known = (address: string | undefined, from: string): Own | undefined => {
    const found = own.find(one => one.address === address);
    return found && { address: found.address, device: found.device, from };
  };
  const candidates = own.filter(one => !isBeside(one, own));
  if (subnet !== undefined) {
    const inside = [...candidates, ...own].find(one => isIn(one.address, subnet));
    return known(inside?.address, `NODE_SUBNET ${subnet}`) ?? { candidates };
  }
  const first = <Item>(items: readonly Item[], find: (item: Item) => Own | undefined): Own | undefined =>
    items.map(find).find(one => one !== undefined);
  const told =
    first(masters, address => known(address, '--masters')) ??
    first(await recorded(host), address => known(address, 'the cluster here'));
  if (told !== undefined) return told;
  const named = (await addressesOf(host, hostname)).filter(address => known(address, '') !== undefined);
  if (named.length === 1) return known(named[0], `the name ${hostname}`) ?? { candidates };
  for (const peer of [...vip, ...masters]) {
    const source = await sourceTowards(host, peer);
    const found =
      named.length > 0 && !named.includes(source ?? '') ? undefined : known(source, `the route to ${peer}`);
    if (found !== undefined) return found;
  }
  if (named.length > 0) return known(named[0], `the name ${hostname}`) ?? { candidates };
  const routed = known(await sourceTowards(host, ANYWHERE), 'the default route');
  if (routed !== undefined) return routed;
  const [only] = candidates;
  return candidates.every(({ device }) => device === only?.device)
    ? (known(only?.address, 'the only interface with an address') ?? { candidates })
    : { candidates };
}

/** Reserved for documentation (RFC 5737): asking for its route sends nothing. */
const ANYWHERE = '192.0.2.1';

/** The address that packets to another one leave from; undefined where there is no way to it. */
export async function sourceTowards(host: HostReader, address: string): Promise<string | undefined> {
  const { code, stdout } = await host.query({ file: 'ip', args: ['-4', '-o', 'route', 'get', address] });
  return code === 0 ? /\bsrc (\S+)/.exec(stdout)?.[1] : undefined;
}

/** An address that was put beside another one: a second one of its network, or a VIP with a network of its own. */
function isBeside(one: Assigned, all: readonly Assigned[]): boolean {
  return (
    one.secondary ||
    (one.prefix === 32 && all.some(other => other.device === one.device && other.prefix < 32))
  );
}

/** Whether an address is in a network. */
export function isIn(address: string, network: string): boolean {
  const number = addressNumber(address);
  const range = parseNetwork(network);
  return number !== undefined && range !== undefined && contains(aligned(range), number);
}

/** What the files of a master say that it is known by. */
async function recorded(host: HostReader): Promise<readonly string[]> {
  const texts = await Promise.all(
    [`${STATIC_PODS}/kube-apiserver.yaml`, ETCD_CLUSTER_MANIFEST, ETCD_INIT_MANIFEST, KUBEADM_CONFIG].map(
      async path => (await host.read(path))?.toString('utf8') ?? '',
    ),
  );
  return texts.flatMap(text => {
    const [, advertised, clients, configured] =
      /--advertise-address=([\d.]+)|--advertise-client-urls=https:\/\/([\d.]+):|^ *advertiseAddress: ["']?([\d.]+)/m.exec(
        text,
      ) ?? [];
    return [advertised, clients, configured].filter((one): one is string => one !== undefined);
  });
}
