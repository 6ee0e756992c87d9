import type { LabHost } from '../lab';
import { withoutNature } from './end-files';

const kinds =
  'nodes,daemonsets,deployments,services,configmaps,serviceaccounts,secrets,roles,rolebindings,clusterroles,' +
  'clusterrolebindings,podsecuritypolicies,jobs,namespaces,pods';

interface Owned {
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly ownerReferences?: readonly { readonly kind: string; readonly name: string }[];
  };
  readonly [field: string]: unknown;
}

/** Fields that the cluster gives as it likes: addresses and names that are drawn by lot, and what was seen at some time. */
const given = [
  ...[
    'status',
    'apiVersion',
    'clusterIP',
    'clusterIPs',
    'podCIDR',
    'podCIDRs',
    'nodePort',
    'uid',
    'resourceVersion',
  ],
  ...['creationTimestamp', 'generation', 'managedFields', 'selfLink', 'resourceNames', 'metadata'],
];
const givenAnnotations =
  /^(kubernetes\.io\/config\.|kubeadm\.kubernetes\.io\/|deployment\.kubernetes\.io\/|kubernetes\.io\/service-account\.uid|flannel\.|node\.alpha|volumes\.)/;

/** What signs cluster-info, one for each bootstrap token that there is: that follows the tokens, which are compared. */
const signature = /^jws-kubeconfig-[a-z0-9]{6}$/;

/** What a master's program has done last depends on what it was started anew for; what it found is compared. */
function withoutDeed(text: string): string {
  return text.replace(/"did":"[^"]*",/, '');
}

/** Names end with letters drawn by lot: of pods, and of the tokens of service accounts. */
function nameOf({ kind, metadata }: Owned): string {
  const { name, ownerReferences } = metadata;
  if (kind === 'Pod' && ownerReferences?.[0]?.kind !== 'Node') {
    return name.replace(/(-[a-z0-9]{6,10})?-[a-z0-9]{5}$/, '-[lot]');
  }
  if (kind === 'Secret') {
    return name
      .replace(/-token-[a-z0-9]{5}$/, '-token-[lot]')
      .replace(/^bootstrap-token-.*/, 'bootstrap-token-[lot]');
  }
  return name;
}

function plain(value: unknown): unknown {
  if (typeof value === 'string') return withoutNature(value);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => !given.includes(name) && !signature.test(name))
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([name, field]) => [name, plain(field)]),
  );
}

/** What a Secret holds is none of ours: that it is there, and its names, are. */
function bodyOf(object: Owned): unknown {
  const { kind, metadata } = object;
  const { labels = {}, annotations = {} } = metadata;
  const notes = Object.fromEntries(
    Object.entries(annotations)
      .filter(([name]) => !givenAnnotations.test(name))
      .map(([name, text]) => [name, withoutDeed(text)]),
  );
  const marks = { labels: plain(labels), annotations: plain(notes) };
  // A pod is what its owner made of it, and where it runs is up to the scheduler.
  if (kind === 'Pod') return { owner: metadata.ownerReferences?.[0]?.kind, phase: phaseOf(object) };
  if (kind === 'Secret')
    return { ...marks, type: object['type'], holds: Object.keys(object['data'] ?? {}).sort() };
  if (kind === 'ServiceAccount') return marks;
  return { ...marks, ...(plain(object) as object) };
}

function phaseOf(object: Owned): unknown {
  return (object['status'] as { readonly phase?: string } | undefined)?.phase;
}

/** Tells the objects of a cluster as a list of the same name would: how many there are of it, and what they say. */
export function objectsIn(list: string): Readonly<Record<string, string>> {
  const { items } = JSON.parse(list) as { items: readonly Owned[] };
  const found = new Map<string, string[]>();
  for (const object of items) {
    const key = `${object.kind} ${object.metadata.namespace ?? ''}/${nameOf(object)}`;
    found.set(key, [...(found.get(key) ?? []), JSON.stringify(bodyOf(object), null, 1)]);
  }
  return Object.fromEntries(
    [...found]
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([key, bodies]) => [key, bodies.sort().join('\n')]),
  );
}

/** The objects of a cluster, asked on a master, without what differs by nature. */
export async function objectsOf(master: LabHost): Promise<Readonly<Record<string, string>>> {
  return objectsIn(
    await master.succeed(
      `kubectl --kubeconfig /etc/kubernetes/admin.conf get ${kinds} --all-namespaces -o json`,
    ),
  );
}
