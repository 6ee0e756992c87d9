import { describe, expect, it } from 'vitest';
import type { Node } from '../../source/kubernetes/api';
import { hasRoom, placementOf, roomComes, runsApart, type Placement } from '../../source/kubernetes/coredns';
import { apiAccess } from '../../source/steps/access';

type Deployment = Parameters<typeof placementOf>[0];
type Spec = NonNullable<Deployment['spec']>;
type PodSpec = NonNullable<NonNullable<Spec['template']>['spec']>;

const MASTER = 'node-role.kubernetes.io/master';

/** kubeadm's own (1.20), but for what is named. */
function deployment(spec: Spec = {}, pod: PodSpec = {}): Deployment {
  return {
    spec: {
      replicas: 2,
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1 } },
      template: {
        spec: {
          nodeSelector: { 'kubernetes.io/os': 'linux' },
          tolerations: [
            { key: 'CriticalAddonsOnly', operator: 'Exists' },
            { key: MASTER },
            { key: 'node-role.kubernetes.io/control-plane' },
          ],
          ...pod,
        },
      },
      ...spec,
    },
  };
}

function node(
  name: string,
  {
    ready = true,
    taints = [],
    os = 'linux',
  }: { ready?: boolean; taints?: readonly object[]; os?: string } = {},
): Node {
  const status = { conditions: [{ type: 'Ready', status: ready ? 'True' : 'Unknown' }] };
  return {
    ...{ metadata: { name, labels: { 'kubernetes.io/os': os } }, status },
    ...{ spec: { taints } },
  };
}

const tainted = (key: string, effect = 'NoSchedule'): object => ({ key, effect });
const two = [node('master1', { taints: [tainted(MASTER)] }), node('worker1')];

function together(placement: Placement): Extract<Placement, { kind: 'together' }> {
  if (placement.kind !== 'together') throw new Error(`it is ${placement.kind}`);
  return placement;
}

const rule = (topologyKey: string, app: string): object => ({
  podAntiAffinity: {
    requiredDuringSchedulingIgnoredDuringExecution: [
      { topologyKey, labelSelector: { matchLabels: { 'k8s-app': app } } },
    ],
  },
});

describe('the replicas of CoreDNS', () => {
  it('are moved apart as soon as two nodes can hold one', () => {
    expect(hasRoom(together(placementOf(deployment(), two.slice(0, 1))).room)).toBe(false);
    const { room, patch } = together(placementOf(deployment(), two));
    expect(hasRoom(room)).toBe(true);
    expect(JSON.parse(patch)).toEqual({
      spec: {
        minReadySeconds: 10,
        template: { spec: { affinity: rule('kubernetes.io/hostname', 'kube-dns') } },
      },
    });
  });

  it.each([
    ['is not Ready', node('worker1', { ready: false })],
    ['is cordoned', node('worker1', { taints: [tainted('node.kubernetes.io/unschedulable')] })],
    ['is kept for others', node('worker1', { taints: [tainted('dedicated', 'NoExecute')] })],
    ['is not what they select', node('worker1', { os: 'windows' })],
  ])('are not moved to a node that %s', (_, other) => {
    expect(hasRoom(together(placementOf(deployment(), [...two.slice(0, 1), other])).room)).toBe(false);
  });

  it('are moved to a node that would rather not have them, and anywhere where they tolerate all', () => {
    const rather = node('worker1', { taints: [tainted('dedicated', 'PreferNoSchedule')] });
    const kept = node('worker1', { taints: [tainted('dedicated')] });
    const tolerant = deployment({}, { tolerations: [{ operator: 'Exists' }] });
    expect(hasRoom(together(placementOf(deployment(), [...two.slice(0, 1), rather])).room)).toBe(true);
    expect(hasRoom(together(placementOf(tolerant, [...two.slice(0, 1), kept])).room)).toBe(true);
  });

  it('are moved only where a rolling update comes to its end: with a node for each, and one more where none gives way', () => {
    const three = deployment({ replicas: 3 });
    expect(hasRoom(together(placementOf(three, two)).room)).toBe(false);
    expect(hasRoom(together(placementOf(three, [...two, node('worker2')])).room)).toBe(true);
    for (const maxUnavailable of [0, '0%', '25%']) {
      const waits = deployment({ strategy: { rollingUpdate: { maxUnavailable } } });
      expect(hasRoom(together(placementOf(waits, two)).room), String(maxUnavailable)).toBe(false);
      expect(hasRoom(together(placementOf(waits, [...two, node('worker2')])).room)).toBe(true);
    }
    const half = deployment({ strategy: { rollingUpdate: { maxUnavailable: '50%' } } });
    expect(hasRoom(together(placementOf(half, two)).room)).toBe(true);
  });

  it('keep what an operator has set beside it', () => {
    const preferred = { podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{}] } };
    const pod = { affinity: preferred as object };
    const placement = together(placementOf(deployment({ minReadySeconds: 30 }, pod), two));
    expect(placement.patch).not.toContain('minReadySeconds');
    expect(placement.patch).not.toContain('preferred');
  });

  const nodes = { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: {} } };
  it.each([
    ['one replica', deployment({ replicas: 1 })],
    ['none', deployment({ replicas: 0 })],
    ['zones to be in', deployment({}, { affinity: rule('topology.kubernetes.io/zone', 'kube-dns') })],
    ['others to be away from', deployment({}, { affinity: rule('kubernetes.io/hostname', 'noisy') })],
    ['nodes to be on', deployment({}, { affinity: nodes })],
    ['a spread over hosts', deployment({}, { topologySpreadConstraints: [{}] })],
    ['a strategy that stops all first', deployment({ strategy: { type: 'Recreate' } })],
  ])('are left alone where an operator gave them %s', (_, given) => {
    expect(placementOf(given, two)).toEqual({ kind: 'left' });
  });

  it('are apart with our rule, whoever else has set it', () => {
    const given = deployment({}, { affinity: rule('kubernetes.io/hostname', 'kube-dns') });
    expect(placementOf(given, two).kind).toBe('apart');
  });
});

const access = apiAccess({ hostname: 'master1', address: '10.0.0.1' });

function lackOf(question: ReturnType<typeof runsApart>, items: readonly object[]): string | undefined {
  if (question.kind !== 'request' || question.lacks === undefined) throw new Error('it asks for no list');
  return question.lacks({ items });
}

describe('that CoreDNS can run on different hosts', () => {
  it('is so once as many nodes can hold a replica as are needed', () => {
    const { room } = together(placementOf(deployment(), []));
    const comes = roomComes(access, room);
    expect(lackOf(comes, two.slice(0, 1))).toBe('1 of 2 nodes can hold a replica');
    expect(lackOf(comes, two)).toBeUndefined();
  });
});

describe('that CoreDNS runs on different hosts', () => {
  const pod = (
    nodeName: string,
    more: { ready?: boolean; leaving?: boolean; lost?: boolean } = {},
  ): object => ({
    metadata: more.leaving === true ? { deletionTimestamp: 'now' } : {},
    spec: { nodeName },
    status: {
      conditions: [
        { type: 'Ready', status: more.ready === false || more.lost === true ? 'False' : 'True' },
        { type: 'ContainersReady', status: more.ready === false ? 'False' : 'True' },
      ],
    },
  });
  const holds = (pods: readonly object[]): boolean => lackOf(runsApart(access), pods) === undefined;

  it('is so with two that are ready on two', () => {
    expect(holds([pod('master1'), pod('worker1')])).toBe(true);
    expect(holds([pod('master1'), pod('master1'), pod('master10')])).toBe(true);
    expect(holds([pod('master10'), pod('master1')])).toBe(true);
  });

  it('is so with one that is ready, and one whose host is lost for the moment', () => {
    expect(holds([pod('master1'), pod('master2', { lost: true })])).toBe(true);
  });

  it.each([
    ['both on a host that is lost', [pod('master1', { lost: true }), pod('master2', { lost: true })]],
    ['both on one', [pod('master1'), pod('master1')]],
    ['one', [pod('master1')]],
    ['none', []],
    ['a second one that is not ready', [pod('master1'), pod('worker1', { ready: false })]],
    ['a second one that is leaving', [pod('master1'), pod('worker1', { leaving: true })]],
  ])('is not so with %s', (_, pods) => {
    expect(holds(pods)).toBe(false);
  });
});
