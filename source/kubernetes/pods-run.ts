import type { Question } from '../engine/change';
import { isTrue, listed, type ApiAccess, type Metadata } from './api';

/** What makes a pod: a DaemonSet or a Deployment, or a manifest on the disk of a node, whose name the pod has in its own. */
export interface Workload {
  readonly kind: 'DaemonSet' | 'Deployment' | 'static pod';
  readonly name: string;
}

interface ContainerStatus {
  readonly state?: { readonly waiting?: { readonly reason?: string; readonly message?: string } };
}

/** The parts of a pod that are looked at. */
interface Pod {
  readonly metadata: Metadata;
  readonly status: {
    readonly phase?: string;
    readonly reason?: string;
    readonly conditions?: readonly {
      readonly type: string;
      readonly status: string;
      readonly message?: string;
    }[];
    readonly initContainerStatuses?: readonly ContainerStatus[];
    readonly containerStatuses?: readonly ContainerStatus[];
  };
}

/** How its pods are known: by what the controllers name them after (the Deployment's ReplicaSet has a hash behind its name). */
function isOwn({ kind, name }: Workload, { name: own, generateName = '' }: Metadata): boolean {
  switch (kind) {
    case 'DaemonSet':
      return generateName === `${name}-`;
    case 'Deployment':
      return generateName.startsWith(`${name}-`);
    case 'static pod':
      return own === name;
  }
}

/** What a pod waits for; undefined where it is ready. */
function lackOf({ metadata: { name, deletionTimestamp }, status }: Pod): string | undefined {
  if (deletionTimestamp !== undefined) return `${name} is being removed`;
  if (isTrue(status.conditions, 'Ready')) return undefined;
  const unplaced = status.conditions?.find(one => one.type === 'PodScheduled' && one.status === 'False');
  const containers = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
  const waiting = containers.flatMap(({ state }) => state?.waiting ?? []);
  const said = [
    status.reason,
    unplaced?.message,
    ...waiting.map(({ reason, message }) => [reason, message].filter(isSaid).join(': ')),
  ];
  return [`${name} ${status.phase ?? ''}`.trim(), ...said.filter(isSaid)].join(', ');
}

function isSaid(text: string | undefined): text is string {
  return text !== undefined && text !== '';
}

/** One pod that is ready is enough, whatever others have left behind; evicted, failed and ended pods stay in the list until somebody removes them. */
function lackIn(pods: readonly Pod[], workload: Workload): string | undefined {
  const lacks = pods.filter(({ metadata }) => isOwn(workload, metadata)).map(lackOf);
  if (lacks.includes(undefined)) return undefined;
  const last = lacks.at(-1);
  return last === undefined ? `${workload.name} has no pod yet` : `${workload.name} is not ready: ${last}`;
}

/** That each of these has a pod that is ready, of those that are selected. Pods of others do not count, nor those of other nodes. What it last saw says why a container waits. */
export function podsRun(
  title: string,
  access: ApiAccess,
  selection: { readonly namespace: string; readonly labels?: string; readonly node?: string },
  workloads: readonly Workload[],
): Question {
  const { namespace, labels, node } = selection;
  const query = {
    ...(labels === undefined ? {} : { labelSelector: labels }),
    ...(node === undefined ? {} : { fieldSelector: `spec.nodeName=${node}` }),
  };
  return listed(title, access, { path: `/api/v1/namespaces/${namespace}/pods`, query }, pods => {
    const lacks = workloads.flatMap(workload => lackIn(pods as readonly Pod[], workload) ?? []);
    return lacks.length === 0 ? undefined : lacks.join('; ');
  });
}
