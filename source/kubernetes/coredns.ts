import type { Question } from '../engine/change';
import type { HostReader } from '../engine/host';
import { askApi, isTrue, items, listed, type ApiAccess, type Metadata, type Node } from './api';
import { COREDNS } from './kubeadm-objects';

const PODS = '/api/v1/namespaces/kube-system/pods';
const LABEL = 'k8s-app=kube-dns';
const NODES = '/api/v1/nodes';
/** After a replica is ready it counts only so many seconds later, so that every kube-proxy leads to it before the next one goes. */
const MIN_READY_S = 10;

/** The rule that keeps the replicas on different hosts. Its selector is what kubeadm labels the pods with (cmd/kubeadm/app/phases/addons/dns/manifests.go). */
const APART = {
  labelSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
  topologyKey: 'kubernetes.io/hostname',
};

interface Taint {
  readonly key: string;
  readonly effect: string;
}

interface Toleration {
  readonly key?: string;
  readonly operator?: string;
  readonly value?: string;
}

interface Deployment {
  readonly spec?: {
    readonly replicas?: number;
    readonly minReadySeconds?: number;
    readonly strategy?: {
      readonly type?: string;
      readonly rollingUpdate?: { readonly maxUnavailable?: number | string };
    };
    readonly template?: {
      readonly spec?: {
        readonly nodeSelector?: Readonly<Record<string, string>>;
        readonly tolerations?: readonly Toleration[];
        readonly topologySpreadConstraints?: readonly unknown[];
        readonly affinity?: {
          readonly nodeAffinity?: { readonly requiredDuringSchedulingIgnoredDuringExecution?: unknown };
          readonly podAntiAffinity?: {
            readonly requiredDuringSchedulingIgnoredDuringExecution?: readonly unknown[];
          };
        };
      };
    };
  };
}

/** Which nodes can hold a replica, and how many of them it takes to move all replicas without ever having none. */
export interface Room {
  readonly selector: Readonly<Record<string, string>>;
  /** Keys of the taints that the replicas tolerate; undefined where they tolerate all. */
  readonly tolerated: readonly string[] | undefined;
  readonly replicas: number;
  /** How many nodes beside one for each replica. */
  readonly spare: number;
  /** Nodes that can hold one now. */
  readonly usable: readonly string[];
}

/**
 * How CoreDNS is told to place its replicas. unknown: the API does not answer; left: there is nothing to do for us, since there is no
 * such Deployment, it has one replica, or somebody else has said where they go; apart: by our rule; together: nothing keeps them apart.
 */
export type Placement =
  | { readonly kind: 'unknown' | 'left' }
  | { readonly kind: 'apart'; readonly room: Room }
  | {
      readonly kind: 'together';
      readonly room: Room;
      readonly patch: string;
      /** Nodes that are Ready and cannot hold a replica, which waiting does not change: cordoned ones, and those that the site's own words keep it from. */
      readonly refusing: readonly string[];
    };

/** Asks the cluster for it. */
export async function readPlacement(host: HostReader, access: ApiAccess): Promise<Placement> {
  const [answer, nodes] = await Promise.all([askApi(host, access, COREDNS), askApi(host, access, NODES)]);
  if (answer.kind === 'absent') return { kind: 'left' };
  if (answer.kind === 'silent' || nodes.kind !== 'found') return { kind: 'unknown' };
  return placementOf(answer.body as Deployment, items(nodes) as readonly Node[]);
}

/** What a Deployment and the nodes come to. */
export function placementOf(deployment: Deployment, nodes: readonly Node[]): Placement {
  const { replicas = 1, strategy, template, minReadySeconds = 0 } = deployment.spec ?? {};
  const { affinity, topologySpreadConstraints = [] } = template?.spec ?? {};
  const rules = affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
  if (replicas < 2) return { kind: 'left' };
  const room = roomOf(deployment, nodes);
  if (rules.length > 0) return rules.some(isOurs) ? { kind: 'apart', room } : { kind: 'left' };
  const chosen = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution !== undefined;
  if (chosen || topologySpreadConstraints.length > 0 || strategy?.type === 'Recreate')
    return { kind: 'left' };
  const ready = nodes.filter(({ status }) => isTrue(status.conditions, 'Ready'));
  const refusing = ready.filter(one => !holds(settled(one), room)).map(({ metadata }) => metadata.name);
  return { kind: 'together', room, patch: patchOf(minReadySeconds === 0), refusing };
}

/** As it is before a cluster is there: kubeadm's own. */
export const PATCH_TO_COME = patchOf(true);

/** As a strategic merge patch, which leaves all that it does not name; the list of required rules it would replace, so it is for Deployments without any. */
function patchOf(waits: boolean): string {
  const podAntiAffinity = { requiredDuringSchedulingIgnoredDuringExecution: [APART] };
  return JSON.stringify({
    spec: {
      ...(waits ? { minReadySeconds: MIN_READY_S } : {}),
      template: { spec: { affinity: { podAntiAffinity } } },
    },
  });
}

function isOurs(rule: unknown): boolean {
  const { topologyKey, labelSelector } = rule as Partial<typeof APART>;
  const { matchLabels } = labelSelector ?? {};
  return topologyKey === APART.topologyKey && matchLabels?.['k8s-app'] === 'kube-dns';
}

function roomOf({ spec }: Deployment, nodes: readonly Node[]): Room {
  const { nodeSelector: selector = {}, tolerations = [] } = spec?.template?.spec ?? {};
  const whole = tolerations.filter(({ operator, value = '' }) => operator === 'Exists' || value === '');
  const all = whole.some(({ key }) => key === undefined);
  const tolerated = all ? undefined : whole.flatMap(({ key }) => key ?? []);
  const replicas = spec?.replicas ?? 1;
  const spare = givesWay(spec?.strategy?.rollingUpdate?.maxUnavailable ?? '25%', replicas) ? 0 : 1;
  return { selector, tolerated, replicas, spare, usable: usableOf(nodes, { selector, tolerated }) };
}

function usableOf(
  nodes: readonly Node[],
  { selector, tolerated }: Pick<Room, 'selector' | 'tolerated'>,
): readonly string[] {
  return nodes.filter(one => holds(one, { selector, tolerated })).map(({ metadata }) => metadata.name);
}

/** Whether a rolling update takes a replica away before its successor is there, as kubeadm's does: else the new one needs a host of its own (pkg/controller/deployment/util, ResolveFenceposts, rounds down). */
function givesWay(maxUnavailable: number | string, replicas: number): boolean {
  const percent = /^(\d+)%$/.exec(String(maxUnavailable))?.[1];
  const count = percent === undefined ? Number(maxUnavailable) : (Number(percent) * replicas) / 100;
  return Math.floor(count) > 0;
}

type Tainted = Node & { readonly spec?: { readonly taints?: readonly Taint[] } };

/** Without the taints that go by themselves: the cluster's own, but for that of a cordoned node. */
function settled(node: Tainted): Tainted {
  const stays = ({ key }: Taint): boolean =>
    key === 'node.kubernetes.io/unschedulable' || !/^node\.(?:cloudprovider\.)?kubernetes\.io\//.test(key);
  return { ...node, spec: { taints: (node.spec?.taints ?? []).filter(stays) } };
}

function holds(
  { metadata, status, spec }: Tainted,
  { selector, tolerated }: Pick<Room, 'selector' | 'tolerated'>,
): boolean {
  const taints = (spec?.taints ?? []).filter(({ effect }) => effect !== 'PreferNoSchedule');
  return (
    isTrue(status.conditions, 'Ready') &&
    Object.entries(selector).every(([key, value]) => metadata.labels?.[key] === value) &&
    (tolerated === undefined || taints.every(({ key }) => tolerated.includes(key)))
  );
}

/** Whether all replicas can be moved now. */
export function hasRoom({ usable, replicas, spare }: Room): boolean {
  return usable.length >= replicas + spare;
}

interface Pod {
  readonly metadata: Metadata;
  readonly spec?: { readonly nodeName?: string };
  readonly status?: Node['status'];
}

/** Of a pod whose node is lost the cluster changes the condition Ready alone (MarkPodsNotReady in pkg/controller/util/node): this one stays. */
const CONTAINERS_READY = 'ContainersReady';

/** The hosts of the replicas that are ready, one for each. */
function hostsOf(pods: readonly Pod[], condition = 'Ready'): readonly string[] {
  return pods
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    .filter(({ status }) => isTrue(status?.conditions, condition))
    .flatMap(({ spec }) => spec?.nodeName ?? []);
}

/** The same of the cluster as it is; undefined where nobody says. */
export async function dnsHosts(host: HostReader, access: ApiAccess): Promise<readonly string[] | undefined> {
  const pods = items(await askApi(host, access, `${PODS}?labelSelector=${encodeURIComponent(LABEL)}`));
  return pods && hostsOf(pods as readonly Pod[]);
}

/** That a replica is ready, and another one on another host: ready too, or as it was when that host was last heard. */
export function runsApart(access: ApiAccess): Question {
  const query = { labelSelector: LABEL };
  return listed('CoreDNS runs on different hosts', access, { path: PODS, query }, pods => {
    const hosts = hostsOf(pods as readonly Pod[]);
    const others = hostsOf(pods as readonly Pod[], CONTAINERS_READY);
    if (hosts.length > 0 && new Set([...hosts, ...others]).size > 1) return undefined;
    return hosts.length === 0 ? 'no replica is ready' : `${hosts.length} ready, on ${hosts[0] ?? ''}`;
  });
}

/** That as many nodes can hold a replica as it takes. */
export function roomComes(access: ApiAccess, room: Omit<Room, 'usable'>): Question {
  const title = 'CoreDNS can run on different hosts';
  return listed(title, access, { path: NODES }, nodes => {
    const usable = usableOf(nodes as readonly Node[], room);
    if (hasRoom({ ...room, usable })) return undefined;
    return `${usable.length} of ${room.replicas + room.spare} nodes can hold a replica`;
  });
}
