import type { Change } from '../../engine/change';
import type { HostReader } from '../../engine/host';
import { step, type Step } from '../../engine/step';
import { podRoutes, withoutCluster } from '../../kubernetes/iptables';
import type { Settings } from '../../variables/settings';
import { ask, readText } from '../prepare/ask';

const NETWORK = '/etc/cni/net.d/10-flannel.conflist';
const SUBNET = '/run/flannel/subnet.env';
/** What flannel and the bridge plugin make. */
const LINKS = ['cni0', 'flannel.1'];
const FAMILIES = ['iptables', 'ip6tables'] as const;

interface Observed {
  readonly files: readonly string[];
  readonly links: readonly string[];
  readonly routes: readonly string[];
  /** By program: what takes the cluster's rules out. */
  readonly rules: readonly (readonly [(typeof FAMILIES)[number], string])[];
}

/** The networks of a cluster, as far as they are known. */
export type Networks = Partial<Pick<Settings, 'podSubnet' | 'serviceSubnet'>>;

/** Takes away what kubeadm says that it leaves: the pods' network with its interfaces and routes, and the rules of kube-proxy, the kubelet and flannel. */
export function podNetwork(
  { podSubnet: configured, serviceSubnet }: Networks,
  after: readonly string[],
): Step {
  return step<Observed>({
    id: 'pod-network',
    title: "Take away the pods' network",
    after,
    probe: async host => {
      const told = /^FLANNEL_NETWORK=(\S+)$/m.exec(await readText(host, SUBNET))?.[1];
      // Without it nothing can be told from routes and rules of the site's own.
      const podSubnet = told ?? configured;
      const [files, links, routes, rules] = await Promise.all([
        presentOf(host, [NETWORK, SUBNET]),
        ask(host, 'ip', ['-o', 'link', 'show']),
        ask(host, 'ip', ['-4', 'route', 'show']),
        Promise.all(
          FAMILIES.map(async family => [family, await clusterRules(host, family, podSubnet)] as const),
        ),
      ]);
      return {
        files,
        links: LINKS.filter(link =>
          new RegExp(`^\\d+: ${link.replace('.', '\\.')}[:@]`, 'm').test(links.stdout),
        ),
        routes: [
          ...(podSubnet === undefined ? [] : podRoutes(routes.stdout, podSubnet)),
          ...servicesRoute(routes.stdout, serviceSubnet),
        ],
        rules: rules.flatMap(([family, input]) => (input === undefined ? [] : [[family, input] as const])),
      };
    },
    plan: ({ files, links, routes, rules }) => [
      ...links.map(link => run(`Remove the interface ${link}`, 'ip', 'link', 'delete', link)),
      ...routes.map(route => run(`Remove the route to ${route}`, 'ip', '-4', 'route', 'delete', route)),
      ...rules.map(([family, input]): Change => ({
        kind: 'run',
        title: `Take the cluster's rules out of ${family}`,
        command: { file: `${family}-restore`, args: ['--noflush'], input },
        timeoutMs: 60_000,
      })),
      // The last of them, for it says which network it was.
      ...files.map((path): Change => ({ kind: 'remove', path })),
    ],
  });
}

/** The one that kubelet-address.sh adds where there is no default route. */
function servicesRoute(routes: string, serviceSubnet = ''): readonly string[] {
  const found = routes.split('\n').some(line => line.startsWith(`${serviceSubnet} dev `));
  return serviceSubnet !== '' && found ? [serviceSubnet] : [];
}

async function clusterRules(
  host: HostReader,
  family: (typeof FAMILIES)[number],
  podSubnet: string | undefined,
): Promise<string | undefined> {
  const { code, stdout } = await ask(host, `${family}-save`, []);
  return code === 0 ? withoutCluster(stdout, podSubnet) : undefined;
}

async function presentOf(host: HostReader, paths: readonly string[]): Promise<readonly string[]> {
  const found = await Promise.all(paths.map(async path => ({ path, stat: await host.stat(path) })));
  return found.filter(({ stat }) => stat !== undefined).map(({ path }) => path);
}

function run(title: string, file: string, ...args: readonly string[]): Change {
  return { kind: 'run', title, command: { file, args }, timeoutMs: 30_000 };
}
