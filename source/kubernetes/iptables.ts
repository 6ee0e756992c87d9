/** Chains of kube-proxy, of the kubelet, of the CNI plugins, and the one that an earlier version of this product made for members of etcd that had fallen silent. */
const CLUSTER_CHAIN = /^(KUBE-|CNI-)/;
const CHAINS = /^:(\S+)/;
const RULE = /^-A (\S+) /;

/**
 * What takes a cluster's rules out of the kernel's, as input for `iptables-restore --noflush`, which does each table at
 * once or not at all: rules that lead to its chains, what flannel adds for the pods' network, and then the chains.
 * Undefined where there is nothing of it in what `iptables-save` printed. Everybody else's rules stay as they are.
 */
export function withoutCluster(saved: string, podSubnet: string | undefined): string | undefined {
  const tables = saved
    .split(/^(?=\*)/m)
    .map(table => tableWithout(table.split('\n'), podSubnet))
    .filter(table => table !== undefined);
  return tables.length === 0 ? undefined : `${tables.join('\n')}\n`;
}

function tableWithout(lines: readonly string[], podSubnet: string | undefined): string | undefined {
  const [table = ''] = lines;
  if (!table.startsWith('*')) return undefined;
  const chains = lines.map(line => CHAINS.exec(line)?.[1] ?? '').filter(chain => CLUSTER_CHAIN.test(chain));
  const rules = lines.filter(line => isOfCluster(line, podSubnet));
  if (chains.length === 0 && rules.length === 0) return undefined;
  return [
    table,
    // Naming a chain empties it, so that none is led to any more when it goes.
    ...chains.map(chain => `:${chain} - [0:0]`),
    ...rules.map(rule => rule.replace(/^-A /, '-D ')),
    ...chains.map(chain => `-X ${chain}`),
    'COMMIT',
  ].join('\n');
}

/** A rule of a chain that stays. */
function isOfCluster(line: string, podSubnet: string | undefined): boolean {
  const chain = RULE.exec(line)?.[1];
  if (chain === undefined || CLUSTER_CHAIN.test(chain)) return false;
  const [, target = ''] = / -[jg] (\S+)/.exec(line) ?? [];
  if (CLUSTER_CHAIN.test(target)) return true;
  if (podSubnet === undefined) return false;
  // flanneld's (network/iptables.go): in these two chains, for the pods' network as a whole.
  const network = podSubnet.replace(/[.]/g, '\\.');
  return (
    ['FORWARD', 'POSTROUTING'].includes(chain) &&
    new RegExp(`(^| )-[sd] ${network} `).test(line) &&
    ['ACCEPT', 'RETURN', 'MASQUERADE'].includes(target)
  );
}

/** Routes into the pods' network that lead over another host; those over flannel's own interface go with it. */
export function podRoutes(routes: string, podSubnet: string): readonly string[] {
  const [network = '', length = '32'] = podSubnet.split('/');
  const size = 2 ** (32 - Number(length));
  const base = Math.floor(numberOf(network) / size);
  return routes
    .split('\n')
    .filter(line => / via /.test(line))
    .map(line => line.split(/\s+/)[0] ?? '')
    .filter(destination => {
      const [address = '', bits = '32'] = destination.split('/');
      return (
        /^\d+\.\d+\.\d+\.\d+$/.test(address) &&
        Number(bits) >= Number(length) &&
        Math.floor(numberOf(address) / size) === base
      );
    });
}

function numberOf(address: string): number {
  return address.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0);
}
