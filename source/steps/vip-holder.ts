import type { HostReader } from '../engine/host';
import { allMasters } from '../kubernetes/endpoint';
import type { Master } from '../variables/master';
import type { Settings } from '../variables/settings';

/**
 * The master that has the VIP now: this host by its own addresses, another one by the hardware address that the VIP is reached under.
 * Undefined where that cannot be told, or where a load balancer carries the VIP.
 */
export async function vipHolder(
  host: HostReader,
  settings: Settings,
  master: Master,
): Promise<Master | undefined> {
  const { vip } = settings;
  const [address] = vip?.addresses ?? [];
  if (vip?.carrier !== 'keepalived' || address === undefined) return undefined;
  const [own, neighbours] = await Promise.all([
    host.query({ file: 'ip', args: ['-4', '-o', 'addr', 'show'] }),
    host.query({ file: 'ip', args: ['-4', 'neigh', 'show'] }),
  ]);
  if (own.stdout.includes(` inet ${address}/`)) return master;
  const hardware = new Map(
    [...neighbours.stdout.matchAll(/^(\S+) .*\blladdr (\S+)/gm)].map(([, ip = '', mac = '']) => [ip, mac]),
  );
  const reached = hardware.get(address);
  if (reached === undefined) return undefined;
  const holders = allMasters(settings, master).filter(one => hardware.get(one.address) === reached);
  return holders.length === 1 ? holders[0] : undefined;
}
