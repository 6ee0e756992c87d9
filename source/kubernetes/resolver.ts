import type { HostReader } from '../engine/host';

/** What a file such as /etc/resolv.conf says, as the kubelet reads it (parseResolvConf in pkg/kubelet/network/dns/dns.go): of several search lines the last counts. */
export interface ResolverFile {
  readonly nameservers: readonly string[];
  readonly searches: readonly string[];
  /** Lines at which the kubelet gives up, and starts no pod. */
  readonly faulty: readonly string[];
}

/** Reads its text. */
export function parseResolver(text: string): ResolverFile {
  let searches: readonly string[] = [];
  const nameservers: string[] = [];
  const faulty: string[] = [];
  for (const line of text.split('\n').map(one => one.trim())) {
    const [word, ...rest] = line.split(/\s+/);
    if (word === 'nameserver') {
      if (rest[0] === undefined) faulty.push(line);
      else nameservers.push(rest[0]);
    }
    if (word === 'search') searches = rest.map(one => one.replace(/\.$/, ''));
  }
  return { nameservers, searches, faulty };
}

export const RESOLV_CONF = '/etc/resolv.conf';
/** Where programs that put themselves in front of the site's servers keep those: systemd-resolved, and NetworkManager (NO_STUB_RESOLV_CONF in its nm-dns-manager.c). */
const BEHIND = ['/run/systemd/resolve/resolv.conf', '/run/NetworkManager/no-stub-resolv.conf'];

/** How names are resolved on a host, and which servers its pods can use. */
export interface Resolver {
  /** The file that the kubelet reads. */
  readonly path: string;
  /** What is there: a file, a link that leads nowhere, or nothing. */
  readonly state: 'file' | 'dangling' | 'absent';
  readonly file: ResolverFile;
  /** Of its servers, those that in a pod are the pod itself, or CoreDNS asking itself. */
  readonly circular: readonly string[];
  /** The servers that pods can use, and the file that names them. */
  readonly usable: readonly string[];
  readonly from: string;
}

/** Reads the host's files. `clusterDns` is the cluster's own DNS, which cannot ask itself. */
export async function readResolver(host: HostReader, clusterDns: string): Promise<Resolver> {
  const arguments_ = (await host.read('/etc/sysconfig/kubelet'))?.toString('utf8') ?? '';
  const path = /--resolv-conf[= ]["']?(\/[^\s"']+)/.exec(arguments_)?.[1] ?? RESOLV_CONF;
  const text = (await host.read(path))?.toString('utf8');
  const file = parseResolver(text ?? '');
  const isCircular = (one: string): boolean => /^(127\.|0\.0\.0\.0$|::1?$)/.test(one) || one === clusterDns;
  // Pods have addresses of IPv4 only.
  const usableOf = (one: ResolverFile): readonly string[] =>
    one.nameservers.filter(server => !isCircular(server) && /^[\d.]+$/.test(server));
  const stat = text === undefined ? await host.stat(path) : undefined;
  const circular = file.nameservers.filter(isCircular);
  const found = {
    path,
    file,
    circular,
    state: text !== undefined ? 'file' : stat ? 'dangling' : 'absent',
  } as const;
  if (usableOf(file).length > 0) return { ...found, usable: usableOf(file), from: path };
  for (const behind of BEHIND) {
    const usable = usableOf(parseResolver((await host.read(behind))?.toString('utf8') ?? ''));
    if (usable.length > 0) return { ...found, usable, from: behind };
  }
  return { ...found, usable: [], from: path };
}

/** What CoreDNS must be told, since it would end on what its pod finds in /etc/resolv.conf; undefined where it need not be told anything. */
export function upstreamOf(resolver: Resolver): readonly string[] | undefined {
  const { circular, usable, from, path } = resolver;
  return usable.length > 0 && circular.length === 0 && from === path ? undefined : usable;
}
