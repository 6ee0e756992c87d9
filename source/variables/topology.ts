import type { HostReader } from '../engine/host';
import { isDnsName } from './fields';
import { addressNumber } from './network';
import type { Problem } from './settings';

export interface Topology {
  /** Address or name; empty where none is given. */
  readonly vip: string;
  /** Comma-separated; empty where none is given. */
  readonly masters: string;
}

interface Found {
  readonly name: string;
  readonly addresses: readonly string[];
}

const EXAMPLE = 'an IPv4 address, or a name that resolves to one';

async function resolve(host: HostReader, name: string): Promise<readonly string[]> {
  if (addressNumber(name) !== undefined) return [name];
  const answer = await host.query({ file: 'getent', args: ['ahostsv4', name] }, { timeoutMs: 10_000 });
  if (answer.code !== 0) return [];
  return [...new Set(answer.stdout.split('\n').map(line => line.split(/\s+/)[0] ?? ''))].filter(
    address => addressNumber(address) !== undefined,
  );
}

async function ownAddresses(host: HostReader): Promise<readonly string[]> {
  const answer = await host.query({ file: 'ip', args: ['-o', '-4', 'addr', 'show'] });
  return [...answer.stdout.matchAll(/ inet ([\d.]+)/g)].map(match => match[1] ?? '');
}

async function look(host: HostReader, name: string): Promise<Found | string> {
  if (/^[\d.]+$/.test(name) ? addressNumber(name) === undefined : !isDnsName(name)) {
    return 'is neither an IPv4 address nor a host name in lower case';
  }
  const addresses = await resolve(host, name);
  return addresses.length === 0 ? `does not resolve to an IPv4 address on ${host.name}` : { name, addresses };
}

async function mastersProblems(host: HostReader, topology: Topology, where: string): Promise<Problem[]> {
  const problems: Problem[] = [];
  const add = (value: string, wrong: string, right: string) => {
    problems.push({ field: '--masters', value, where, wrong, right });
  };
  const found: Found[] = [];
  for (const name of topology.masters.split(',').map(part => part.trim())) {
    const seen = name === '' ? 'is empty' : await look(host, name);
    if (typeof seen === 'string') {
      add(name === '' ? topology.masters : name, name === '' ? 'has an empty name' : seen, EXAMPLE);
      continue;
    }
    const same = found.find(
      other => other.name === name || other.addresses.some(address => seen.addresses.includes(address)),
    );
    if (same !== undefined) add(name, `is the same host as ${same.name}`, 'each master once');
    found.push(seen);
  }
  if (problems.length > 0) return problems;
  if (found.length > 1) {
    add(
      topology.masters,
      'names several masters; this version raises a cluster with a single one',
      'no --masters, on the host that is to be the master',
    );
    return problems;
  }
  const own = await ownAddresses(host);
  const [only] = found;
  if (
    only !== undefined &&
    only.name !== host.name &&
    !only.addresses.some(address => own.includes(address))
  ) {
    add(only.name, `is not this host (${host.name})`, 'the installer started on that host');
  }
  return problems;
}

/** Validates --vip and --masters in full; then refuses what this version does not build, so that nobody takes a single master for a safe cluster. */
export async function topologyProblems(
  host: HostReader,
  topology: Topology,
  where: string,
): Promise<readonly Problem[]> {
  const problems: Problem[] = [];
  if (topology.vip !== '') {
    const vip = await look(host, topology.vip);
    const of = { field: '--vip', value: topology.vip, where };
    if (typeof vip === 'string') problems.push({ ...of, wrong: vip, right: EXAMPLE });
    else {
      problems.push({
        ...of,
        wrong: 'asks for a virtual address; this version raises a cluster with a single master and no VIP',
        right: 'no --vip',
      });
    }
  }
  if (topology.masters !== '') problems.push(...(await mastersProblems(host, topology, where)));
  return problems;
}
