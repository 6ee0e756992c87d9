import type { Change } from '../../engine/change';
import { step } from '../../engine/step';
import type { Step } from '../../engine/step';
import type { Settings } from '../../variables/settings';
import { readFirewall, type ObservedFirewall } from './firewalld-zones';

/** What other hosts must reach: apiserver, kubelet, etcd's clients, peers and health, flannel's VXLAN. Scheduler and controller-manager listen on loopback only. */
const PORTS = ['6443/tcp', '10250/tcp', '2379-2380/tcp', '2381/tcp', '8472/udp'] as const;

/** Keepalived's protocol, on every host, as a master may be made of each; as a rich rule: --add-protocol is not known to the firewalld of EL7.2. */
const VRRP = 'rule protocol value="vrrp" accept';

/**
 * Opens what a node needs, in the running firewall and in the stored one separately: a reload would throw away the rules of docker and kube-proxy.
 * The pods' addresses become a source of the zone `trusted`, because firewalld's last rule rejects whatever else is forwarded, and flannel's own rules come after it. Node ports need no opening beyond that: they are rewritten to pods before the firewall sees them. No masquerading: kube-proxy and flannel do theirs.
 */
export function firewalld(settings: Settings): Step {
  return step<ObservedFirewall>({
    id: 'firewalld',
    title: 'Open the firewall',
    after: [],
    probe: host => readFirewall(host, settings),
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
  const { zones, trusted } = observed;
  if (zones.length === 0) return [];
  return (['now', 'at boot'] as const).flatMap(where => {
    const rule = (name: string, of: string, option: string): Rule => ({
      opens: name,
      title: `Let ${name} through in firewalld's zone ${of}${where === 'now' ? '' : ' for later boots'}`,
      args: [...(where === 'now' ? [] : ['--permanent']), `--zone=${of}`, option],
    });
    return [
      ...zones.flatMap(([zone, { [where]: has }]) => [
        ...PORTS.filter(port => !has.ports.some(open => covers(open, port))).map(port =>
          rule(port, zone, `--add-port=${port}`),
        ),
        ...(has.richRules.includes(VRRP) ? [] : [rule('protocol vrrp', zone, `--add-rich-rule=${VRRP}`)]),
      ]),
      ...(trusted[where].sources.includes(settings.podSubnet)
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
