import { OUR_ETCD, type EtcdAccess } from '../steps/access';
import { ETCD_DATA, type Pair } from '../steps/paths';
import type { StaticContainer } from './static-pods';

/** An etcd that a kubelet runs as a static pod. */
export interface StaticEtcd {
  readonly manifest: string;
  readonly image: string;
  /** On the host; undefined where its flags do not tell. */
  readonly dataDirectory: string | undefined;
  /** Its member's name. */
  readonly name: string;
  /** The address that the other members know it by. */
  readonly address: string | undefined;
  /** How it and the other members are asked; undefined where its flags do not tell. */
  readonly access: EtcdAccess | undefined;
  /** A client's pair that is shown instead, where it is there. */
  readonly clientPair?: Pair;
  /** It was added to an etcd that was there before. */
  readonly joined: boolean;
  /** Everything in its flags that may name another member. */
  readonly named: string;
}

/** What an installation of this product calls its manifests, and copies of them. Others may take the names, too: what is in them tells. */
const OUR_NAME = /\/\.?etcd-(?:init|cluster)\.[^/]*$/;

/** Whether a manifest has a name that this product gives. */
export function hasOurName({ path }: Pick<StaticContainer, 'path'>): boolean {
  return OUR_NAME.test(path);
}

/** Whether a manifest of etcd is as this product writes it: only there are health and metrics also told at the member's address, over TLS (kubernetes/etcd-pod.ts). */
export function isOurEtcd(container: StaticContainer): boolean {
  const { flags } = container;
  const metrics = flags.get('listen-metrics-urls') ?? '';
  return (
    hasOurName(container) && /https:\/\/[^,]+:2381\b/.test(metrics) && flags.get('data-dir') === ETCD_DATA
  );
}

/** What a manifest tells of its etcd. `ours` has one way to be asked, whatever somebody changed in its flags. */
export function staticEtcd(container: StaticContainer, ours: boolean): StaticEtcd {
  const { path, image, flags, onHost } = container;
  const directory = flags.get('data-dir');
  const peer = firstUrl(flags.get('initial-advertise-peer-urls')) ?? firstUrl(flags.get('listen-peer-urls'));
  return {
    manifest: path,
    image,
    dataDirectory: ours ? ETCD_DATA : directory === undefined ? undefined : onHost(directory),
    name: flags.get('name') ?? 'default',
    address: peer?.hostname,
    ...(ours ? { access: OUR_ETCD } : accessOf(container, peer)),
    joined: flags.get('initial-cluster-state') === 'existing',
    named: flags.get('initial-cluster') ?? '',
  };
}

/** kubeadm keeps a client's pair for health checks beside the server's; where there is none the server's own is shown, which kubeadm makes for both uses (kubernetes cmd/kubeadm/app/phases/certs/certlist.go). */
function accessOf(
  { flags, onHost }: StaticContainer,
  peer: URL | undefined,
): Pick<StaticEtcd, 'access' | 'clientPair'> {
  const client = firstUrl(flags.get('advertise-client-urls')) ?? firstUrl(flags.get('listen-client-urls'));
  if (client === undefined || peer?.protocol !== client.protocol) return { access: undefined };
  const ports = { clients: portOf(client), peers: portOf(peer), metrics: portOf(client) };
  if (client.protocol === 'http:') return { access: { scheme: 'http', ports } };
  const [ca, cert, key] = ['trusted-ca-file', 'cert-file', 'key-file'].map(name => flags.get(name));
  if (ca === undefined || cert === undefined || key === undefined) return { access: undefined };
  const pair = { certPath: onHost(cert), keyPath: onHost(key) };
  const health = `${pair.certPath.slice(0, pair.certPath.lastIndexOf('/'))}/healthcheck-client`;
  return {
    access: { scheme: 'https', ports, caFile: onHost(ca), pair },
    clientPair: { certPath: `${health}.crt`, keyPath: `${health}.key` },
  };
}

function portOf({ port, protocol }: URL): number {
  return port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port);
}

function firstUrl(list: string | undefined): URL | undefined {
  for (const text of list?.split(',') ?? []) {
    try {
      const url = new URL(text.trim());
      if (!['0.0.0.0', '[::]'].includes(url.hostname)) return url;
    } catch {
      // What is no URL tells nothing.
    }
  }
  return undefined;
}
