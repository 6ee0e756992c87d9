import { readRole } from '../cluster/role';
import type { Check, Finding } from '../engine/check';
import type { HostReader } from '../engine/host';
import { freeNetwork } from '../variables/free-network';
import { overlap, parseNetwork } from '../variables/network';
import type { Settings } from '../variables/settings';
import { fatal, ok, warning } from './finding';
import { takenAddresses, type Taken } from './networks-taken';

const KUBELET_CONF = '/etc/kubernetes/kubelet.conf';

/** The cluster's own networks, which nobody whom this host must reach may have an address of: packets to it would go to pods and Services. */
export function networks(settings: Settings): Check {
  const { podSubnet, serviceSubnet } = settings;
  return {
    id: 'networks',
    title: 'Networks',
    run: async host => {
      const taken = await takenAddresses(host, settings);
      const running = await clusterRuns(host);
      const findings = [
        ...judge('POD_SUBNET', podSubnet, { smallest: 22, other: serviceSubnet, taken, running }),
        ...judge('SERVICE_SUBNET', serviceSubnet, { smallest: 28, other: podSubnet, taken, running }),
      ];
      if (findings.length > 0) return findings;
      return [
        ok(
          `POD_SUBNET ${podSubnet} and SERVICE_SUBNET ${serviceSubnet} overlap with no other network that this host knows`,
        ),
      ];
    },
  };
}

/** Whether a cluster runs here already: then its networks are what they are. */
async function clusterRuns(host: HostReader): Promise<boolean> {
  return (await readRole(host)).finished || (await host.stat(KUBELET_CONF)) !== undefined;
}

interface Beside {
  /** The longest prefix that the variable may have. */
  readonly smallest: number;
  /** The cluster's other network. */
  readonly other: string;
  readonly taken: readonly Taken[];
  readonly running: boolean;
}

function judge(name: string, value: string, { smallest, other, taken, running }: Beside): readonly Finding[] {
  const network = parseNetwork(value);
  if (network === undefined) return [];
  const over = taken.filter(one => overlap(one.network, network)).map(({ what }) => what);
  if (over.length === 0) return [];
  const message = `${name} ${value} overlaps with ${[...new Set(over)].join(', ')}`;
  if (running) {
    return [
      warning(
        `${message}: pods do not reach what has an address there`,
        'A cluster keeps the networks that it was made with: move the other one, or make the cluster anew.',
      ),
    ];
  }
  const rest = [...taken.map(one => one.network), parseNetwork(other)].filter(one => one !== undefined);
  const free = freeNetwork(network.prefix, smallest, rest);
  return [
    fatal(
      message,
      free === undefined
        ? `Set ${name} to a network of which no host of the site has an address; this host knows of none.`
        : `Set ${name} to a network of which no host of the site has an address: as far as this host knows, ${name}=${free}.`,
    ),
  ];
}
