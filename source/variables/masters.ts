import type { HostReader } from '../engine/host';
import type { ClusterNetwork } from './cluster-network';
import { addressFault } from './cluster-network';
import type { Collector } from './collector';
import { isDnsName } from './fields';
import type { Fault } from './fields';
import { addressesOf, nameOf } from './lookup';
import type { Master } from './master';
import { addressNumber } from './network';

/** etcd's own advice: more members make every write slower and the cluster no safer. */
const MOST = 7;
/** What a node's label kubernetes.io/hostname holds. */
const LONGEST_NAME = 63;

/** This host, and the addresses that it answers at. */
export interface Here {
  readonly master: Master;
  readonly own: readonly string[];
}

/** What --masters says, and how it was said: "flag" or "answer". */
interface Given {
  readonly text: string;
  readonly where: string;
}

const EXAMPLE = 'the name that `hostname` prints on that host, which resolves to its address';

function isMaster(found: Master | Fault): found is Master {
  return 'hostname' in found;
}

function nameFault(name: string): string | undefined {
  if (!isDnsName(name)) return 'is not a host name in lower case';
  return name.length > LONGEST_NAME
    ? `has more than ${LONGEST_NAME} characters, which a node's label cannot hold`
    : undefined;
}

/** This host, unless it is meant to be reached at another of its addresses than the one that was given elsewhere. */
function itself({ master }: Here, addresses: readonly string[]): Master | Fault {
  if (addresses.includes(master.address)) return master;
  return {
    wrong: `is this host at ${addresses.join(', ')}, but the address of ${master.hostname} here is ${master.address}`,
    right: `${master.address}, or a NODE_SUBNET that ${addresses[0] ?? 'the other address'} is in`,
  };
}

/** An address needs a name, because nodes and etcd's members are named by it. */
async function byAddress(host: HostReader, here: Here, address: string): Promise<Master | Fault> {
  if (addressNumber(address) === undefined) return { wrong: 'is not an IPv4 address', right: EXAMPLE };
  if (here.own.includes(address)) return itself(here, [address]);
  const name = await nameOf(host, address);
  const right = `the host's name; or a line in /etc/hosts with ${address} and its name`;
  if (name === undefined) {
    return { wrong: `has no host name on ${here.master.hostname}, and the node is named by it`, right };
  }
  const fault = nameFault(name);
  return fault === undefined
    ? { hostname: name, address }
    : { wrong: `has the name "${name}", which ${fault}`, right };
}

async function byName(host: HostReader, here: Here, name: string): Promise<Master | Fault> {
  const fault = nameFault(name);
  if (fault !== undefined) return { wrong: fault, right: EXAMPLE };
  if (name === here.master.hostname) return here.master;
  const addresses = await addressesOf(host, name);
  const [address] = addresses;
  if (address === undefined) {
    return { wrong: `does not resolve to an IPv4 address on ${here.master.hostname}`, right: EXAMPLE };
  }
  if (addresses.some(one => here.own.includes(one))) return itself(here, addresses);
  return addresses.length === 1
    ? { hostname: name, address }
    : {
        wrong: `resolves to several addresses (${addresses.join(', ')})`,
        right: 'a name with one address, the one that the masters reach each other at',
      };
}

async function lookUp(
  host: HostReader,
  here: Here,
  entry: string,
  network: ClusterNetwork,
): Promise<Master | Fault> {
  if (entry === '') return { wrong: 'has an empty name', right: 'names with one comma between them' };
  const found = await (/^[\d.]+$/.test(entry) ? byAddress : byName)(host, here, entry);
  if (!isMaster(found) || found === here.master) return found;
  const fault = addressFault(found.address, network);
  if (fault === undefined) return found;
  const which = entry === found.address ? '' : `resolves to ${found.address}, which `;
  return { wrong: `${which}${fault}`, right: EXAMPLE };
}

/** All masters by --masters, this host first wherever it stands; every problem is added, and what is sound returned. */
export async function mastersOf(
  collector: Collector,
  host: HostReader,
  here: Here,
  given: Given,
  network: ClusterNetwork,
): Promise<readonly Master[]> {
  const { text, where } = given;
  const before = collector.problems.length;
  const wrong = (value: string, fault: Fault): void => {
    collector.problems.push({ field: '--masters', value, where, ...fault });
  };
  const entries = text.split(',').map(part => part.trim());
  const found = await Promise.all(entries.map(entry => lookUp(host, here, entry, network)));
  const masters: Master[] = [];
  const names: string[] = [];
  for (const [at, one] of found.entries()) {
    const entry = entries[at] ?? '';
    if (!isMaster(one)) {
      wrong(entry === '' ? text : entry, one);
      continue;
    }
    const same = masters.findIndex(
      ({ hostname, address }) => hostname === one.hostname || address === one.address,
    );
    if (same !== -1) {
      const first = names[same] ?? '';
      wrong(entry, {
        wrong: entry === first ? 'stands there twice' : `is the same host as ${first}`,
        right: 'each master once',
      });
      continue;
    }
    masters.push(one);
    names.push(entry);
  }
  if (entries.length > MOST) {
    wrong(text, {
      wrong: `names ${entries.length} masters, each of which is a member of etcd`,
      right: `3 or 5, and ${MOST} at most`,
    });
  }
  const { master } = here;
  const sound = collector.problems.length === before;
  if (sound && !masters.includes(master)) {
    wrong(text, {
      wrong: `does not name this host (${master.hostname}, ${master.address})`,
      right: `${master.hostname} among the masters, or the installer started on one of them`,
    });
  }
  return [master, ...masters.filter(one => one !== master)];
}
