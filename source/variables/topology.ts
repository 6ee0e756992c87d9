import { Failure } from '../engine/failure';
import type { HostReader } from '../engine/host';
import type { ClusterNetwork } from './cluster-network';
import type { Collector } from './collector';
import { isDnsName } from './fields';
import { addressesOf } from './lookup';
import { findMaster } from './master';
import { mastersOf } from './masters';
import type { Here } from './masters';
import { addressNumber } from './network';
import { assignedTo } from './own-address';
import { platformOf } from './platform';
import type { Settings } from './settings';
import { sshAccess } from './ssh';
import type { ToldSsh } from './ssh';
import { vipOf } from './vip';

/** Which hosts are the masters and where they are reached, as it was given. */
export interface Topology {
  /** Address or name; empty where none is given. */
  readonly vip: string;
  /** Comma-separated; empty where none is given. */
  readonly masters: string;
  /** "flag" or "answer". */
  readonly where: { readonly vip: string; readonly masters: string };
  readonly platform?: string;
  /** Present where --ssh was given. */
  readonly ssh?: ToldSsh;
}

/** This host as a master; asked only where a VIP or masters are given, since a host is prepared without an address too. */
async function thisHost(
  collector: Collector,
  host: HostReader,
  told: Topology,
  subnet: string | undefined,
): Promise<Here | undefined> {
  if (told.vip === '' && told.masters === '') return undefined;
  try {
    const [vip, masters] = await Promise.all([resolvedOf(host, told.vip), resolvedOf(host, told.masters)]);
    const clues = { masters, vip, ...(subnet === undefined ? {} : { subnet }) };
    const master = await findMaster(host, clues);
    return { master, own: (await assignedTo(host, vip)).map(({ address }) => address) };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const field = told.masters === '' ? 'vip' : 'masters';
    const { message, hint = 'a host with an address' } = error.report;
    collector.problems.push({
      field: `--${field}`,
      value: told[field],
      where: told.where[field],
      wrong: `cannot be used: ${message}`,
      right: hint,
    });
    return undefined;
  }
}

/** The addresses of what a flag names; what is wrong with a name is found out later. This host's own name says no more than it does everywhere. */
async function resolvedOf(host: HostReader, text: string): Promise<readonly string[]> {
  const { stdout } = await host.query({ file: 'hostname', args: [] });
  const names = text.split(',').map(part => part.trim());
  const found = await Promise.all(
    names
      .filter(name => isDnsName(name) && name !== stdout.trim().toLowerCase())
      .map(async name => (addressNumber(name) === undefined ? addressesOf(host, name) : [name])),
  );
  return found.flat();
}

/** Validates --vip, --masters, --platform and --ssh against the host, as far as its resolver and firmware tell; every problem is added at once. */
export async function topologyOf(
  collector: Collector,
  host: HostReader,
  told: Topology,
  network: ClusterNetwork,
): Promise<Pick<Settings, 'own' | 'others' | 'vip' | 'platform' | 'ssh'>> {
  const { where } = told;
  const platform = await platformOf(collector, host, told.platform);
  const here = await thisHost(collector, host, told, network.nodeSubnet);
  const masters =
    here === undefined || told.masters === ''
      ? []
      : await mastersOf(collector, host, here, { text: told.masters, where: where.masters }, network);
  const vip = await vipOf(collector, host, {
    text: here === undefined ? '' : told.vip,
    where: where.vip,
    platform,
    masters: masters.length > 0 || here === undefined ? masters : [here.master],
    network,
  });
  if (masters.length > 1 && told.vip === '') {
    collector.problems.push({
      field: '--vip',
      value: '',
      where: where.masters,
      wrong: 'is missing: several masters need an address that is none of theirs',
      right: 'a free IPv4 address of their network, or its name; on AWS the name of the load balancer',
    });
  }
  if (masters.length > 0) {
    collector.shown.push({
      name: '--masters',
      value: masters.map(({ hostname, address }) => `${hostname} (${address})`).join(', '),
      source: `${where.masters === 'flag' ? 'flag --masters' : where.masters}; this host is first`,
    });
  }
  if (told.vip !== '' || told.platform !== undefined) {
    collector.shown.push({ name: '--platform', value: platform.name, source: platform.from });
  }
  const ssh = await sshAccess(collector, host, told.ssh);
  return {
    ...(here === undefined ? {} : { own: here.master }),
    others: masters.slice(1),
    platform,
    ...(vip === undefined ? {} : { vip }),
    ...(ssh === undefined ? {} : { ssh }),
  };
}
