import type { HostReader } from '../engine/host';
import type { ClusterNetwork } from './cluster-network';
import { addressFault } from './cluster-network';
import type { Collector } from './collector';
import type { Check, Fault } from './fields';
import { isDnsName } from './fields';
import { addressesOf } from './lookup';
import type { Master } from './master';
import { addressNumber } from './network';
import type { Platform, Vip } from './settings';

const RIGHT = 'an IPv4 address that no host has, or a name that resolves to one';

/** The rule for VRRP's router id: the sum of the last two octets modulo 255, and 255 where that is 0; so within a /24 no two VIPs have the same. */
export function routerIdOf(address: string): number {
  const [, , third = 0, fourth = 0] = address.split('.').map(Number);
  return (third + fourth) % 255 || 255;
}

const routerId: Check = value =>
  value === '' || (/^[1-9]\d{0,2}$/.test(value) && Number(value) <= 255)
    ? undefined
    : {
        wrong: 'is no router id of VRRP',
        right: 'a number from 1 to 255 that nobody else uses in this network',
      };

const vrrpVersion: Check = value =>
  value === '' || value === '2' || value === '3'
    ? undefined
    : {
        wrong: 'is no version of VRRP that keepalived speaks',
        right: '3, which takes over in about a second, or 2, which has a password',
      };

/** What the endpoint resolves to, or what is wrong with it. */
async function resolved(
  host: HostReader,
  endpoint: string,
  carrier: Vip['carrier'],
): Promise<{ readonly addresses: readonly string[] } | Fault> {
  if (/^[\d.]+$/.test(endpoint) ? addressNumber(endpoint) === undefined : !isDnsName(endpoint)) {
    return { wrong: 'is neither an IPv4 address nor a host name in lower case', right: RIGHT };
  }
  if (addressNumber(endpoint) !== undefined) return { addresses: [endpoint] };
  const addresses = await addressesOf(host, endpoint);
  if (addresses.length === 0) {
    return { wrong: `does not resolve to an IPv4 address on ${host.name}`, right: RIGHT };
  }
  if (addresses.length > 1 && carrier === 'keepalived') {
    return {
      wrong: `resolves to several addresses (${addresses.join(', ')}), and keepalived carries one`,
      right: 'a name with one address; or --platform aws, where a load balancer has several',
    };
  }
  return { addresses };
}

/** Why no client could reach a control plane at this address. */
function taken(address: string, masters: readonly Master[], network: ClusterNetwork): string | undefined {
  const owner = masters.find(master => master.address === address);
  if (owner !== undefined) return `is the own address of the master ${owner.hostname}`;
  return addressFault(address, network);
}

interface GivenVip {
  readonly text: string;
  readonly where: string;
  readonly platform: Platform;
  /** This host and the others, as far as they are known. */
  readonly masters: readonly Master[];
  readonly network: ClusterNetwork;
}

async function endpointOf(
  collector: Collector,
  host: HostReader,
  given: GivenVip,
): Promise<Pick<Vip, 'endpoint' | 'addresses' | 'carrier'> | undefined> {
  const { text: endpoint, where, platform, masters, network } = given;
  if (endpoint === '') return undefined;
  const carrier = platform.name === 'aws' ? 'load-balancer' : 'keepalived';
  const wrong = (fault: Fault): void => {
    collector.problems.push({ field: '--vip', value: endpoint, where, ...fault });
  };
  const found = await resolved(host, endpoint, carrier);
  if ('wrong' in found) {
    wrong(found);
    return undefined;
  }
  const { addresses } = found;
  for (const address of addresses) {
    const fault = taken(address, masters, network);
    if (fault === undefined) continue;
    wrong({
      wrong: address === endpoint ? fault : `resolves to ${address}, which ${fault}`,
      right: RIGHT,
    });
    return undefined;
  }
  const list = addresses.join(', ');
  collector.shown.push({
    name: '--vip',
    value: endpoint === list ? endpoint : `${endpoint} (${list})`,
    source: where === 'flag' ? 'flag --vip' : where,
  });
  return { endpoint, addresses, carrier };
}

/** The VIP with what carries it; undefined where none is given or something is wrong with it. Its variables are checked even where there is none. */
export async function vipOf(
  collector: Collector,
  host: HostReader,
  given: GivenVip,
): Promise<Vip | undefined> {
  const found = await endpointOf(collector, host, given);
  const rule = routerIdOf(found?.addresses[0] ?? '0.0.0.0');
  const vrrp = found?.carrier === 'keepalived';
  const id = collector.take('VIP_ROUTER_ID', vrrp ? String(rule) : '', routerId);
  const version = collector.take('VRRP_VERSION', vrrp ? '3' : '', vrrpVersion);
  if (found === undefined) return undefined;
  return {
    ...found,
    routerId: id === '' ? rule : Number(id),
    vrrpVersion: version === '2' ? 2 : 3,
  };
}
