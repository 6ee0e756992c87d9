import type { HostReader } from '../../engine/host';
import { cardOf } from '../../variables/master';
import { parseAddresses } from '../../variables/own-address';
import type { Settings } from '../../variables/settings';
import { ask, lines } from './ask';
import { readUnit } from './units';

type Where = 'now' | 'at boot';

interface Zone {
  readonly ports: readonly string[];
  readonly richRules: readonly string[];
  readonly sources: readonly string[];
}

type Lists = Readonly<Record<Where, Zone>>;

export interface ObservedFirewall {
  /** By name, the zones of the interfaces that the cluster's packets come in at; none while firewalld does not run. */
  readonly zones: readonly (readonly [string, Lists])[];
  readonly trusted: Lists;
}

const NOTHING: Zone = { ports: [], richRules: [], sources: [] };

/** Asks the running firewalld for the zones that the cluster's packets come in at, and for the trusted one. */
export async function readFirewall(host: HostReader, settings: Settings): Promise<ObservedFirewall> {
  const unit = await readUnit(host, 'firewalld.service');
  if (unit.active !== 'active') return { zones: [], trusted: { now: NOTHING, 'at boot': NOTHING } };
  const list = async (of: string, options: readonly string[]): Promise<Zone> =>
    parseZone((await ask(host, 'firewall-cmd', [...options, `--zone=${of}`, '--list-all'])).stdout);
  const lists = async (of: string): Promise<Lists> => ({
    now: await list(of, []),
    'at boot': await list(of, ['--permanent']),
  });
  const zones: [string, Lists][] = [];
  for (const zone of await zonesOf(host, settings)) zones.push([zone, await lists(zone)]);
  return { zones, trusted: await lists('trusted') };
}

/** The zones of the interface that has this host's address and of the one that the VIP comes to; the default one where an interface is in none, or is not known. */
async function zonesOf(host: HostReader, settings: Settings): Promise<readonly string[]> {
  const card = await cardOf(host, settings);
  const devices = ['device' in card ? card.device : undefined, await deviceOfVip(host, settings)];
  const known = [...new Set(devices.filter((one): one is string => one !== undefined))];
  const zones = await Promise.all(known.map(device => zoneOf(host, device)));
  return [...new Set(zones.length === 0 ? [await defaultZone(host)] : zones)];
}

async function zoneOf(host: HostReader, device: string): Promise<string> {
  const { code, stdout } = await ask(host, 'firewall-cmd', [`--get-zone-of-interface=${device}`]);
  return code === 0 && stdout.trim() !== '' ? stdout.trim() : defaultZone(host);
}

async function defaultZone(host: HostReader): Promise<string> {
  return (await ask(host, 'firewall-cmd', ['--get-default-zone'])).stdout.trim();
}

async function deviceOfVip(host: HostReader, { vip }: Settings): Promise<string | undefined> {
  const [address] = vip?.addresses ?? [];
  if (vip?.carrier !== 'keepalived' || address === undefined) return undefined;
  const owned = parseAddresses((await ask(host, 'ip', ['-4', '-o', 'addr', 'show'])).stdout);
  const here = owned.find(one => one.address === address)?.device;
  if (here !== undefined) return here;
  const { code, stdout } = await ask(host, 'ip', ['-4', '-o', 'route', 'get', address]);
  return code === 0 && !/ via /.test(stdout) ? /\bdev (\S+)/.exec(stdout)?.[1] : undefined;
}

/** Rich rules stand on lines of their own below their heading. */
function parseZone(stdout: string): Zone {
  const words = (name: string): readonly string[] => {
    const [, text = ''] = new RegExp(`^  ${name}:(.*)$`, 'm').exec(stdout) ?? [];
    return text.split(' ').filter(word => word !== '');
  };
  return {
    ports: words('ports'),
    sources: words('sources'),
    richRules: lines(stdout)
      .map(line => line.trim())
      .filter(line => line.startsWith('rule ')),
  };
}
