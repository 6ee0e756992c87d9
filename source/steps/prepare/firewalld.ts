import type { Change } from '../../engine/change';
import type { HostReader } from '../../engine/host';
import { step } from '../../engine/step';
import type { Step } from '../../engine/step';
import type { Settings } from '../../variables/settings';
import { ask, lines } from './ask';
import { readUnit } from './units';

/** What other hosts must reach: apiserver, kubelet, etcd's clients, peers and health, flannel's VXLAN. Scheduler and controller-manager listen on loopback only. */
const PORTS = ['6443/tcp', '10250/tcp', '2379-2380/tcp', '2381/tcp', '8472/udp'] as const;

/** Keepalived's protocol, on every host, as a master may be made of each; as a rich rule: --add-protocol is not known to the firewalld of EL7.2. */
const VRRP = 'rule protocol value="vrrp" accept';

type Where = 'now' | 'at boot';

interface Zone {
  readonly ports: readonly string[];
  readonly richRules: readonly string[];
  readonly sources: readonly string[];
}

interface ObservedFirewall {
  /** Undefined while firewalld does not run. */
  readonly zone: string | undefined;
  readonly zones: Readonly<Record<Where, { readonly host: Zone; readonly trusted: Zone }>> | undefined;
}

/**
 * Opens what a node needs, in the running firewall and in the stored one separately: a reload would throw away the rules of docker and kube-proxy.
 * The pods' addresses become a source of the zone `trusted`, because firewalld's last rule rejects whatever else is forwarded, and flannel's own rules come after it. Node ports need no opening beyond that: they are rewritten to pods before the firewall sees them. No masquerading: kube-proxy and flannel do theirs.
 */
export function firewalld(settings: Settings): Step {
  return step<ObservedFirewall>({
    id: 'firewalld',
    title: 'Open the firewall',
    after: [],
    probe: readFirewall,
    plan: observed => missingRules(settings, observed).map(change),
  });
}

interface Rule {
  /** What is let through: "6443/tcp". */
  readonly opens: string;
  readonly title: string;
  readonly args: readonly string[];
}

/** What the firewall does not let through yet; [] where firewalld does not run. */
export function missingRules(settings: Settings, observed: ObservedFirewall): readonly Rule[] {
  const { zone, zones } = observed;
  if (zone === undefined || zones === undefined) return [];
  return (['now', 'at boot'] as const).flatMap(where => {
    const { host, trusted } = zones[where];
    const rule = (name: string, of: string, option: string): Rule => ({
      opens: name,
      title: `Let ${name} through in firewalld's zone ${of}${where === 'now' ? '' : ' for later boots'}`,
      args: [...(where === 'now' ? [] : ['--permanent']), `--zone=${of}`, option],
    });
    return [
      ...PORTS.filter(port => !host.ports.some(open => covers(open, port))).map(port =>
        rule(port, zone, `--add-port=${port}`),
      ),
      ...(host.richRules.includes(VRRP) ? [] : [rule('protocol vrrp', zone, `--add-rich-rule=${VRRP}`)]),
      ...(trusted.sources.includes(settings.podSubnet)
        ? []
        : [rule(`packets of pods (${settings.podSubnet})`, 'trusted', `--add-source=${settings.podSubnet}`)]),
    ];
  });
}

/** Whether "2379-2381/tcp" is open where "2381/tcp" is wanted: later versions of firewalld join ranges that touch. */
function covers(open: string, wanted: string): boolean {
  const range = (text: string): readonly [number, number, string] => {
    const [, first = '', last = first, protocol = ''] = /^(\d+)(?:-(\d+))?\/(\w+)$/.exec(text) ?? [];
    return [Number(first), Number(last), protocol];
  };
  const [first, last, protocol] = range(open);
  const [from, to, of] = range(wanted);
  return protocol === of && first <= from && to <= last;
}

function change({ title, args }: Rule): Change {
  const asked = (verb: 'remove' | 'query'): readonly string[] =>
    args.map(argument => argument.replace(/^--add-/, `--${verb}-`));
  return {
    kind: 'run',
    title,
    command: { file: 'firewall-cmd', args },
    timeoutMs: 60_000,
    undo: [
      {
        kind: 'run',
        title: `No more: ${title}`,
        command: { file: 'firewall-cmd', args: asked('remove') },
        timeoutMs: 60_000,
        needed: { command: { file: 'firewall-cmd', args: asked('query') }, matches: '^yes' },
      },
    ],
  };
}

/** Asks the running firewalld for the zone that the host's address is in, and for the trusted one. */
export async function readFirewall(host: HostReader): Promise<ObservedFirewall> {
  const unit = await readUnit(host, 'firewalld.service');
  if (unit.active !== 'active') return { zone: undefined, zones: undefined };
  const zone = await zoneOfHost(host);
  const read = async (of: string, options: readonly string[]): Promise<Zone> =>
    parseZone((await ask(host, 'firewall-cmd', [...options, `--zone=${of}`, '--list-all'])).stdout);
  const both = async (
    options: readonly string[],
  ): Promise<{ readonly host: Zone; readonly trusted: Zone }> => ({
    host: await read(zone, options),
    trusted: await read('trusted', options),
  });
  return { zone, zones: { now: await both([]), 'at boot': await both(['--permanent']) } };
}

async function zoneOfHost(host: HostReader): Promise<string> {
  const route = await ask(host, 'ip', ['-4', 'route', 'show', 'default']);
  const [, device] = /\bdev (\S+)/.exec(route.stdout) ?? [];
  if (device !== undefined) {
    const { code, stdout } = await ask(host, 'firewall-cmd', [`--get-zone-of-interface=${device}`]);
    if (code === 0 && stdout.trim() !== '') return stdout.trim();
  }
  return (await ask(host, 'firewall-cmd', ['--get-default-zone'])).stdout.trim();
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
