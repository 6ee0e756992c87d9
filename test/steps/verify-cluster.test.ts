import type * as crypto from 'node:crypto';
import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Step } from '../../source/engine/step';
import { stages } from '../../source/steps';
import { PATCH_TO_COME } from '../../source/kubernetes/coredns';
import { verifyCluster } from '../../source/steps/verify-cluster';
import type { Settings } from '../../source/variables/settings';
import { settings as settingsOf } from '../variables/told';
import { applyAll, ordered } from './apply';
import { ClusterHost, MASTER } from './cluster-host';
import { PATHS } from './kubeadm-stand-in';
import { node } from './masters-host';

vi.mock('node:crypto', async original => {
  const { withPooledKeys } = await import('../support/pooled-keys');
  return withPooledKeys(await original<typeof crypto>());
});

let settings: Settings;
let finished: ClusterHost;
let host: ClusterHost;
let step: Step;

beforeAll(async () => {
  settings = await settingsOf({ text: 'DOCKER_REGISTRY=10.0.0.5:5000\nTILLER=yes\n', vip: '10.0.0.100' });
  finished = new ClusterHost();
  await applyAll(ordered(stages(settings, MASTER)), finished);
  step = verifyCluster(settings, MASTER, []);
}, 60_000);

beforeEach(() => {
  host = finished.copy();
});

async function awaited(): Promise<readonly string[]> {
  const changes = step.plan(await step.probe(host));
  return changes.map(change => (change.kind === 'await' ? change.condition.title : change.kind));
}

interface Patch {
  readonly spec: { readonly template: { readonly spec: object } };
}

const unready = { conditions: [{ type: 'Ready', status: 'False' }] };

describe('a finished cluster is verified', () => {
  it.each([
    [
      'an evicted pod of a backup',
      { name: 'backup-1', generateName: 'backup-' },
      { phase: 'Failed', reason: 'Evicted' },
    ],
    [
      'an evicted pod of kube-proxy',
      { name: 'kube-proxy-0', generateName: 'kube-proxy-' },
      { phase: 'Failed', reason: 'Evicted' },
    ],
    [
      'an evicted pod of tiller',
      { name: 'tiller-deploy-7d8f-0', generateName: 'tiller-deploy-7d8f-' },
      { phase: 'Failed' },
    ],
    [
      'a pending pod of an add-on',
      { name: 'dashboard-1', generateName: 'dashboard-' },
      { phase: 'Pending', ...unready },
    ],
    [
      'a crashing add-on',
      { name: 'exporter-1', generateName: 'exporter-' },
      { phase: 'Running', ...unready },
    ],
    [
      'a second CoreDNS pod that cannot be placed',
      { name: 'coredns-7d8f-1', generateName: 'coredns-7d8f-' },
      { phase: 'Pending', ...unready },
    ],
    [
      'a pod that is being removed',
      { name: 'kube-proxy-1', generateName: 'kube-proxy-', deletionTimestamp: 'now' },
      { phase: 'Running', ...unready },
    ],
  ])('beside %s in kube-system', async (_, metadata, status) => {
    host.pods.push({ metadata, status });
    expect(await awaited()).toEqual([]);
    expect(await applyAll(ordered(stages(settings, MASTER)), host)).toEqual([]);
  });

  it('where kube-proxy or CoreDNS was replaced by something else', async () => {
    for (const path of [PATHS.proxy, PATHS.proxyConfig, PATHS.coredns]) host.state.objects.delete(path);
    expect(await awaited()).toEqual([]);
  });

  it('but not where CoreDNS is to run on different hosts, has two, and is ready on one of them only', async () => {
    const pod = (nodeName: string): object => ({
      metadata: { name: 'coredns-1', generateName: 'coredns-7d8f-' },
      ...{ spec: { nodeName }, status: { conditions: [{ type: 'Ready', status: 'True' }] } },
    });
    const spec = { replicas: 2, template: { spec: (JSON.parse(PATCH_TO_COME) as Patch).spec.template.spec } };
    const tolerations = [{ operator: 'Exists' }];
    host.state.objects.set(PATHS.coredns, {
      spec: { ...spec, template: { spec: { ...spec.template.spec, tolerations } } },
    });
    host.pods.push(pod('master1'), pod('master1'));
    expect(await awaited()).toEqual([]);
    for (const name of ['worker1', 'worker2'])
      host.state.objects.set(`/api/v1/nodes/${name}`, node(name, '10.0.0.9'));
    expect(await awaited()).toEqual(['CoreDNS runs on different hosts']);
    host.pods.push(pod('worker1'));
    expect(await awaited()).toEqual([]);
  });

  it.each([
    ['kube-proxy', PATHS.proxy, 'the addons run on master1'],
    ['CoreDNS', PATHS.coredns, 'coredns runs'],
  ])('but not where a pod of %s alone does not run', async (_, path, title) => {
    const template = host.state.objects.get(path) as { metadata: { name: string } };
    host.state.objects.set(path, { ...template, kind: 'of which no pod comes' });
    expect(await awaited()).toEqual([title]);
  });
});
