import { begunHere } from '../cluster/configuration';
import { readRole } from '../cluster/role';
import type { Check, Finding } from '../engine/check';
import type { HostReader } from '../engine/host';
import { KEEPALIVED } from '../steps/paths';
import { ask, readText } from '../steps/prepare/ask';
import { parseAddresses } from '../variables/own-address';
import type { Vip } from '../variables/settings';
import { fatal, ok, warning } from './finding';
import { knock, pings } from './knock';
import { ownerOf } from './neighbour';

/** Between two looks at who has it. */
const PAUSE_MS = 500;

/** The VIP, which nobody may have before this cluster has it, and which the masters must be able to carry. */
export function vip(settings: Vip, pauseMs = PAUSE_MS): Check {
  const { endpoint, carrier } = settings;
  const [address = endpoint] = settings.addresses;
  return {
    id: 'vip',
    title: 'VIP',
    run: async host => {
      if (await isOurs(host, endpoint, address)) {
        return [ok(`${endpoint} is the address of the cluster that was begun here`)];
      }
      if (carrier === 'load-balancer') {
        return [
          ok(
            `${endpoint} is a load balancer's (${settings.addresses.join(', ')}); it must forward TCP 6443 to the masters`,
          ),
        ];
      }
      const found = (await owned(host, address)) ?? (await answered(host, address, pauseMs));
      return found === undefined ? [await reachable(host, address)] : [found];
    },
  };
}

/** Whether a cluster was begun here with this VIP. A name that has another address since then counts as a new VIP. */
async function isOurs(host: HostReader, endpoint: string, address: string): Promise<boolean> {
  const files = (await host.list(KEEPALIVED)) ?? [];
  const texts = await Promise.all(files.map(name => readText(host, `${KEEPALIVED}/${name}`)));
  const carried = new RegExp(`(^|[^\\d.])${address.replaceAll('.', '\\.')}([^\\d.]|$)`);
  return texts.length > 0
    ? texts.some(text => carried.test(text))
    : (await begunHere(host, await readRole(host)))?.endpoint === endpoint;
}

const ANOTHER = 'Give an address that nobody has, with --vip.';

async function owned(host: HostReader, address: string): Promise<Finding | undefined> {
  const { stdout } = await ask(host, 'ip', ['-4', '-o', 'addr', 'show']);
  const here = parseAddresses(stdout).find(one => one.address === address);
  if (here === undefined) return undefined;
  const { device, prefix } = here;
  return fatal(
    `this host has ${address} already, on ${device}, and no cluster was begun here with it`,
    `If something left it there: ip addr del ${address}/${prefix} dev ${device}. ${ANOTHER}`,
  );
}

/** A ping, then a connection, then what they left in the table of neighbours: some hosts answer neither and are there. */
async function answered(host: HostReader, address: string, pauseMs: number): Promise<Finding | undefined> {
  const how = (await pings(host, address))
    ? 'answers a ping'
    : {
        listens: 'answers on port 6443',
        refuses: 'refuses connections to port 6443',
        silent: undefined,
      }[await knock(host, address, 6443)];
  if (how !== undefined) {
    return fatal(
      `somebody has ${address} already: it ${how}`,
      `${ANOTHER} If it belongs to a cluster that was begun on another master, run the installer there.`,
    );
  }
  return silentOwner(host, address, pauseMs);
}

/** One that answers for other addresses too is a router that stands for a whole network, and not the VIP's owner. */
async function silentOwner(host: HostReader, address: string, pauseMs: number): Promise<Finding | undefined> {
  const owner = await ownerOf(host, address, pauseMs);
  if (owner.kind === 'nobody') return undefined;
  const sure = 'Make sure that nobody has the address: ask who runs the network.';
  if (owner.kind === 'unknown') {
    return warning(
      `${owner.hardware} had ${address} some time ago, and whether it has it still could not be found out`,
      sure,
    );
  }
  const what = `${address} answers neither a ping nor on port 6443, but ${owner.hardware} says that it has the address`;
  return owner.forOthers
    ? warning(`${what}; it answers for other addresses too`, sure)
    : fatal(what, ANOTHER);
}

/** keepalived puts the address on the interface whose network it is in, and VRRP does not pass a router. */
async function reachable(host: HostReader, address: string): Promise<Finding> {
  const { code, stdout, stderr } = await ask(host, 'ip', ['-4', '-o', 'route', 'get', address]);
  if (code !== 0 || /^(unreachable|blackhole|prohibit)/.test(stdout)) {
    return fatal(
      `no interface of this host has a route to ${address}: ${stderr.trim() || stdout.trim()}`,
      'Give an address in the network that the masters are in, with --vip.',
    );
  }
  if (stdout.startsWith('broadcast')) {
    return fatal(`${address} is the broadcast address of a network of this host`, ANOTHER);
  }
  const [, device = 'an interface'] = /\bdev (\S+)/.exec(stdout) ?? [];
  const [, gateway] = /\bvia (\S+)/.exec(stdout) ?? [];
  if (gateway === undefined) return ok(`${address} is free, and in the network of ${device}`);
  return warning(
    `${address} is in no network of this host (packets to it go to the router ${gateway}): other hosts find it only if that router is told`,
    'Give an address in the network that the masters are in, or a route to it on the router.',
  );
}
