import type { HostReader } from '../engine/host';
import { isOfCluster } from '../kubernetes/pod-networks';
import { DAEMON_JSON, registryHost } from '../steps/prepare/daemon-json';
import { ask, readText } from '../steps/prepare/ask';
import { addressesOf } from '../variables/lookup';
import { addressNumber, aligned, networkText, parseNetwork, type Network } from '../variables/network';
import { parseAddresses } from '../variables/own-address';
import type { Settings } from '../variables/settings';

/** Addresses that somebody has already, and who: "the route to 10.244.0.0/14 by eth0". */
export interface Taken {
  readonly network: Network;
  readonly what: string;
}

/** A route that covers a sixteenth of all addresses and more is a default route by another name, as VPNs set it. */
const DEFAULT_LIKE = 4;
/** What is no network of somebody: what the host answers at itself, and what it refuses to send. */
const NO_NETWORK = /^(local|broadcast|multicast|anycast|unreachable|blackhole|prohibit|throw|nat) /;

/** All that this host knows of addresses that are taken: interfaces, routes, docker's bridge, and the hosts that the settings name. */
export async function takenAddresses(host: HostReader, settings: Settings): Promise<readonly Taken[]> {
  const [listed, routed, subnet, daemon, options, resolver] = await Promise.all([
    ask(host, 'ip', ['-4', '-o', 'addr', 'show']),
    ask(host, 'ip', ['-4', 'route', 'show', 'table', 'all']),
    readText(host, '/run/flannel/subnet.env'),
    readText(host, DAEMON_JSON),
    readText(host, '/etc/sysconfig/docker'),
    readText(host, '/etc/resolv.conf'),
  ]);
  const interfaces = parseAddresses(listed.stdout).filter(
    ({ device }) => device !== 'lo' && !isOfCluster(device),
  );
  return [
    ...interfaces.flatMap(({ device, address, prefix }) =>
      networkOf(`${address}/${prefix}`, `the network of ${device}`),
    ),
    ...routesOf(routed.stdout, settings, /^FLANNEL_NETWORK=(\S+)$/m.exec(subnet)?.[1]),
    ...(interfaces.some(({ device }) => device === 'docker0') ? [] : bridgeOfDocker(daemon, options)),
    ...(await hostsOf(host, settings)),
    ...[...resolver.matchAll(/^\s*nameserver\s+([\d.]+)/gm)]
      .filter(([, address = '']) => !address.startsWith('127.'))
      .flatMap(([, address = '']) => networkOf(`${address}/32`, 'the DNS server of /etc/resolv.conf')),
  ];
}

function networkOf(text: string, what: string): readonly Taken[] {
  const network = parseNetwork(text);
  if (network === undefined) return [];
  const base = aligned(network);
  return [{ network: base, what: `${what} (${networkText(base)})` }];
}

/** Routes that lead somewhere, but for the default one and those of this cluster. */
function routesOf(stdout: string, settings: Settings, flannel: string | undefined): readonly Taken[] {
  return stdout.split('\n').flatMap(line => {
    if (NO_NETWORK.test(line)) return [];
    const [, destination = ''] = /^(?:unicast )?(\d[\d./]*) /.exec(line) ?? [];
    const [, device = ''] = /\bdev (\S+)/.exec(line) ?? [];
    const text = destination.includes('/') ? destination : `${destination}/32`;
    const network = parseNetwork(text);
    if (network === undefined || network.prefix <= DEFAULT_LIKE || isOfCluster(device)) return [];
    const gateway = /\bvia (\S+)/.exec(line)?.[1];
    // What kubelet-address.sh adds, and what flannel adds to pods of other hosts.
    if (text === settings.serviceSubnet && gateway === undefined) return [];
    if (gateway !== undefined && flannel === settings.podSubnet && isWithin(network, flannel)) return [];
    const way = gateway === undefined ? '' : ` over ${gateway}`;
    return [{ network, what: `the route to ${networkText(network)}${way} by ${device}` }];
  });
}

function isWithin(network: Network, whole: string): boolean {
  const range = parseNetwork(whole);
  return (
    range !== undefined &&
    network.prefix > range.prefix &&
    aligned({ first: network.first, prefix: range.prefix }).first === range.first
  );
}

/** What docker will take for its bridge, where it does not run yet (docker's default, unless bip says otherwise). */
function bridgeOfDocker(daemon: string, options: string): readonly Taken[] {
  if (/"bridge"\s*:\s*"(none|[^"]+)"/.test(daemon)) return [];
  const told = /"bip"\s*:\s*"([\d./]+)"/.exec(daemon)?.[1] ?? /--bip[= ]["']?([\d./]+)/.exec(options)?.[1];
  return networkOf(told ?? '172.17.0.1/16', "the network of docker's bridge docker0");
}

/** The hosts that the settings name, at their addresses. */
async function hostsOf(host: HostReader, settings: Settings): Promise<readonly Taken[]> {
  const { own, others, vip, registry, yumRepository } = settings;
  const at = (address: string, what: string): readonly Taken[] => networkOf(`${address}/32`, what);
  const found = async (name: string, what: string): Promise<readonly Taken[]> => {
    const addresses = addressNumber(name) === undefined ? await addressesOf(host, name) : [name];
    return addresses.filter(one => !one.startsWith('127.')).flatMap(one => at(one, what));
  };
  const repository = yumRepository === undefined ? '' : new URL(yumRepository).hostname;
  return [
    ...[...(own === undefined ? [] : [own]), ...others].flatMap(one =>
      at(one.address, `the address of ${one.hostname}`),
    ),
    ...(vip?.addresses ?? []).flatMap(address => at(address, 'the VIP')),
    ...(await found(registryHost(registry).replace(/:\d+$/, ''), 'the registry')),
    ...(repository === '' ? [] : await found(repository, 'the yum repository')),
  ];
}
