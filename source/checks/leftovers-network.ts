import type { Finding } from '../engine/check';
import type { HostReader } from '../engine/host';
import { withoutCluster } from '../kubernetes/iptables';
import { isOfCluster, POD_NETWORKS } from '../kubernetes/pod-networks';
import { ask, readText } from '../steps/prepare/ask';
import { isIn, parseAddresses, type Assigned } from '../variables/own-address';
import type { Settings } from '../variables/settings';
import { fatal, warning } from './finding';

export const NETWORKS = '/etc/cni/net.d';
export const FLANNEL_NETWORK = '10-flannel.conflist';
const SUBNET = '/run/flannel/subnet.env';
/** What the plugins that give flannel's pods their addresses have written down (host-local and flannel of the CNI plugins); other networks of the host have names of their own. */
const LEASES = ['/var/lib/cni/networks/cbr0', '/var/lib/cni/flannel'];

/** Of a cluster that is no more: what its pods' network has left, which the new pods' network would stumble over. */
export async function networkOfBefore(host: HostReader, settings: Settings): Promise<readonly Finding[]> {
  const [links, addresses, files, rules, quiet] = await Promise.all([
    ask(host, 'ip', ['-o', 'link', 'show']),
    ask(host, 'ip', ['-4', '-o', 'addr', 'show']),
    host.list(NETWORKS),
    ask(host, 'iptables-save', []),
    presentOf(host, [SUBNET, ...LEASES, ...POD_NETWORKS.flatMap(({ data }) => data)]),
  ]);
  const assigned = parseAddresses(addresses.stdout);
  const found = namesOf(links.stdout).filter(isOfCluster);
  // The kernel has it as soon as its module is loaded, whoever has loaded that.
  const left = found.filter(name => name !== 'tunl0' || assigned.some(({ device }) => device === name));
  const configurations = (files ?? []).filter(name =>
    POD_NETWORKS.some(({ name: of, configuration }) => of !== 'flannel' && configuration.test(name)),
  );
  const chains = rules.code === 0 && withoutCluster(rules.stdout, settings.podSubnet) !== undefined;
  const data = [
    ...quiet,
    ...((files ?? []).includes(FLANNEL_NETWORK) ? [`${NETWORKS}/${FLANNEL_NETWORK}`] : []),
  ];
  return [
    ...(left.length === 0 ? [] : [interfaces(left, assigned, settings)]),
    ...(configurations.length === 0
      ? []
      : [
          fatal(
            `${NETWORKS} has ${configurations.join(', ')} of another network of pods: until flannel runs, the kubelet takes that, and pods get addresses of it`,
            `Remove it: rm ${configurations.map(name => `${NETWORKS}/${name}`).join(' ')}`,
          ),
        ]),
    ...(data.length === 0 && !chains
      ? []
      : [
          warning(
            `an earlier cluster has left ${[...data, ...(chains ? ['rules of kube-proxy or of pods in iptables'] : [])].join(', ')}`,
            [
              ...(data.length === 0 ? [] : [`rm -r ${data.join(' ')}`]),
              ...(chains ? ['boot the host anew, which ends the rules'] : []),
            ].join('; '),
          ),
        ]),
  ];
}

/** On a node: that the bridge has the network that flannel has told it. Else no pod starts (kubernetes#39557). */
export async function bridgeFault(host: HostReader): Promise<readonly Finding[]> {
  const told = /^FLANNEL_SUBNET=([\d.]+\/\d+)$/m.exec(await readText(host, SUBNET))?.[1];
  if (told === undefined) return [];
  const { stdout } = await ask(host, 'ip', ['-4', '-o', 'addr', 'show']);
  const bridge = parseAddresses(stdout).find(({ device }) => device === 'cni0');
  if (bridge === undefined || isIn(bridge.address, told)) return [];
  return [
    fatal(
      `cni0 has ${text(bridge)}, and flannel gives this node ${told}: no pod starts here`,
      'Take the bridge away, it is made anew: ip link delete cni0',
    ),
  ];
}

function interfaces(names: readonly string[], assigned: readonly Assigned[], settings: Settings): Finding {
  const { podSubnet, serviceSubnet } = settings;
  const named = names.map(name => {
    const own = assigned.filter(({ device }) => device === name).map(text);
    return own.length === 0 ? name : `${name} (${own.slice(0, 3).join(', ')}${own.length > 3 ? ', …' : ''})`;
  });
  const shown = named.length > 6 ? [...named.slice(0, 5), `${named.length - 5} more`] : named;
  const networks = POD_NETWORKS.filter(one => names.some(name => one.interfaces.test(name)));
  const whose = networks.length === 0 ? '' : ` (${networks.map(({ name }) => name).join(', ')})`;
  const inside = assigned
    .filter(({ device }) => names.includes(device))
    .every(({ address }) => isIn(address, podSubnet) || isIn(address, serviceSubnet));
  const commands = names.map(name =>
    name === 'tunl0'
      ? 'modprobe -r ipip'
      : name === 'kube-ipvs0'
        ? 'ip link delete kube-ipvs0; ipvsadm --clear'
        : `ip link delete ${name}`,
  );
  return fatal(
    `an earlier cluster${whose} has left the interfaces ${shown.join(', ')}: ${
      inside
        ? 'pods do not start where the bridge has another network than flannel gives this node'
        : `their addresses are not in POD_SUBNET ${podSubnet}, so no pod would start`
    }`,
    `Take them away: ${commands.slice(0, 6).join('; ')}${commands.length > 6 ? '; and so on, or boot the host anew' : ''}`,
  );
}

function namesOf(stdout: string): readonly string[] {
  return [...stdout.matchAll(/^\d+: ([^:@\s]+)/gm)].map(([, name = '']) => name);
}

function text({ address, prefix }: Assigned): string {
  return `${address}/${prefix}`;
}

async function presentOf(host: HostReader, paths: readonly string[]): Promise<readonly string[]> {
  const all = [...new Set(paths)];
  const stats = await Promise.all(all.map(path => host.stat(path)));
  return all.filter((_, at) => stats[at] !== undefined);
}
