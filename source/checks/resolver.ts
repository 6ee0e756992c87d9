import type { Check, Finding } from '../engine/check';
import type { HostReader } from '../engine/host';
import { localhostFault } from '../kubernetes/hosts-file';
import { readResolver, RESOLV_CONF, upstreamOf, type Resolver } from '../kubernetes/resolver';
import { ask, readText } from '../steps/prepare/ask';
import { HOSTS } from '../steps/prepare/name-resolution';
import type { Settings } from '../variables/settings';
import { fatal, ok, warning } from './finding';
import type { Purpose } from './purpose';

/** What the kubelet gives to a pod (pkg/apis/core/validation of Kubernetes): more is left out, with an event for each pod. */
const MOST = { nameservers: 3, searches: 6, characters: 256 } as const;

/** How names are resolved here, since pods inherit it: CoreDNS ends on some of what a host lives with. */
export function resolver(settings: Settings, purpose: Purpose): Check {
  return {
    id: 'resolver',
    title: 'Name resolution',
    run: async host => {
      const found = await readResolver(host, settings.clusterDns);
      const findings = [
        ...localhost(await readText(host, HOSTS)),
        ...(await unusable(host, found)),
        ...(found.state === 'dangling' || found.file.faulty.length > 0 ? [] : servers(found, purpose)),
        ...limits(found, settings),
      ];
      return findings.length > 0
        ? findings
        : [ok(`the servers of ${found.path} are ${found.usable.join(', ')}, and localhost is this host`)];
    },
  };
}

function localhost(hosts: string): readonly Finding[] {
  const fault = localhostFault(hosts);
  if (fault === undefined) return [];
  if (fault === 'absent') {
    return [
      warning(
        `${HOSTS} has no line for localhost, at which kubeadm asks the kubelet whether it is well; one will be added`,
        'Nothing, or add the line "127.0.0.1 localhost" to it.',
      ),
    ];
  }
  return [
    fatal(
      `${HOSTS} says that localhost is ${fault.address}, and kubeadm asks the kubelet there whether it is well`,
      `Let localhost be 127.0.0.1 in ${HOSTS}.`,
    ),
  ];
}

/** What keeps the kubelet from starting any pod. */
async function unusable(host: HostReader, { path, state, file }: Resolver): Promise<readonly Finding[]> {
  if (state === 'dangling') {
    const { stdout } = await ask(host, 'readlink', ['--', path]);
    return [
      fatal(
        `${path} is a link to ${stdout.trim()}, which is not there: the kubelet starts no pod`,
        `Start the service that makes it, or put a file of its own in the place of the link: rm ${path}, then write "nameserver ADDRESS" to it.`,
      ),
    ];
  }
  if (state === 'absent' && path !== RESOLV_CONF) {
    return [
      fatal(
        `${path}, which --resolv-conf in /etc/sysconfig/kubelet names, is not there: the kubelet starts no pod`,
        'Make it, or take the flag away.',
      ),
    ];
  }
  return file.faulty.map(line =>
    fatal(
      `${path} has the line "${line}" without an address: the kubelet cannot read it, and starts no pod`,
      `Complete the line or take it out of ${path}.`,
    ),
  );
}

/** What CoreDNS would end on, and what is done about it. */
function servers(found: Resolver, purpose: Purpose): readonly Finding[] {
  const { path, state, circular, usable, from, file } = found;
  const upstream = upstreamOf(found);
  if (upstream === undefined) return [];
  const what =
    state === 'absent'
      ? `there is no ${path}`
      : circular.length > 0
        ? `${path} names ${circular.join(', ')}, at which a pod asks itself (CoreDNS would end: "Loop … detected")`
        : file.nameservers.length > 0
          ? `${path} names ${file.nameservers.join(', ')} only, which pods do not reach`
          : `${path} names no server, so that CoreDNS would end, or ask 8.8.8.8, which docker puts in its place`;
  const fix = `Name the site's DNS servers in ${path}, as "nameserver ADDRESS", for pods to resolve other names than the cluster's.`;
  if (purpose === 'prepare') {
    return [
      warning(
        `${what}: a pod of CoreDNS ends on this host, unless the first master has told it which servers to ask`,
        fix,
      ),
    ];
  }
  return [
    usable.length > 0
      ? warning(
          `${what}; CoreDNS will be told to ask ${usable.join(', ')}${from === path ? '' : ` (from ${from})`}`,
          'Nothing, if these are the servers that pods are to use.',
        )
      : warning(`${what}; CoreDNS will resolve the cluster's names only`, fix),
  ];
}

function limits({ path, file }: Resolver, { clusterDomain }: Settings): readonly Finding[] {
  const { nameservers, searches } = file;
  const own = [`kube-system.svc.${clusterDomain}`, `svc.${clusterDomain}`, clusterDomain];
  const room = MOST.searches - own.length;
  const characters = [...own, ...searches].join(' ').length;
  return [
    ...(nameservers.length > MOST.nameservers
      ? [
          warning(
            `${path} names ${nameservers.length} servers; pods are given the first ${MOST.nameservers}, and an event says so for each`,
            `Name ${MOST.nameservers} servers at most.`,
          ),
        ]
      : []),
    ...(searches.length > room
      ? [
          warning(
            `${path} has ${searches.length} search domains; pods are given the first ${room} (${searches.slice(0, room).join(', ')}) beside the cluster's ${own.length}`,
            `Name ${room} search domains at most, those that pods need first.`,
          ),
        ]
      : characters > MOST.characters
        ? [
            warning(
              `the search domains of ${path} are ${characters} characters long with the cluster's; pods are given as many of the first as ${MOST.characters} hold`,
              'Name fewer search domains, those that pods need first.',
            ),
          ]
        : []),
  ];
}
