import { describe, expect, it } from 'vitest';
import { ask } from '../../source/engine/ask';
import { podsRun, type Workload } from '../../source/kubernetes/pods-run';
import { FakeHost } from '../support/fake-host';

const ACCESS = { address: '10.0.0.1', caFile: 'ca', certFile: 'cert', keyFile: 'key' };
const PROXY: Workload = { kind: 'DaemonSet', name: 'kube-proxy' };
const DNS: Workload = { kind: 'Deployment', name: 'coredns' };
const KEEPALIVED: Workload = { kind: 'static pod', name: 'keepalived-master1' };

interface Pod {
  readonly name: string;
  readonly of?: string;
  readonly ready?: boolean;
  readonly phase?: string;
  readonly reason?: string;
  readonly leaving?: boolean;
  readonly waits?: string;
}

function pod({ name, of, ready = true, phase = 'Running', reason, leaving = false, waits }: Pod): object {
  return {
    metadata: {
      name,
      ...(of === undefined ? {} : { generateName: of }),
      ...(leaving ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {}),
    },
    status: {
      phase,
      ...(reason === undefined ? {} : { reason }),
      // A pod that was evicted has none; one that waits for a node has no containers.
      ...(phase === 'Failed' ? {} : { conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] }),
      ...(waits === undefined
        ? {}
        : {
            containerStatuses: [
              { state: { running: {} } },
              { state: { waiting: { reason: waits, message: 'no such tag' } } },
            ],
          }),
    },
  };
}

async function look(
  workloads: readonly Workload[],
  pods: readonly Pod[],
): Promise<{ met: boolean; said: string | undefined }> {
  const host = new FakeHost().respond(
    /\/namespaces\/kube-system\/pods\?fieldSelector=spec.nodeName%3Dmaster1$/,
    {
      ...{ status: 200, headers: {}, roundTripMs: 1 },
      body: JSON.stringify({ items: pods.map(pod) }),
    },
  );
  const selection = { namespace: 'kube-system', node: 'master1' };
  const unmet = await ask(host, podsRun('it runs', ACCESS, selection, workloads), 1000);
  return { met: unmet === undefined, said: unmet?.error };
}

const proxy = { name: 'kube-proxy-abcde', of: 'kube-proxy-' };
const dns = { name: 'coredns-5644d7b6d9-aaaaa', of: 'coredns-5644d7b6d9-' };

describe('what was deployed runs', () => {
  const leftovers: readonly (readonly [string, Pod])[] = [
    ['an evicted pod of its own', { ...proxy, name: 'kube-proxy-old', phase: 'Failed', reason: 'Evicted' }],
    [
      'a pod of its own that has ended',
      { ...proxy, name: 'kube-proxy-old', phase: 'Succeeded', ready: false },
    ],
    [
      'a pod of its own that is being removed',
      { ...proxy, name: 'kube-proxy-old', ready: false, leaving: true },
    ],
    [
      'a pod of its own that is ready and is being removed',
      { ...proxy, name: 'kube-proxy-old', leaving: true },
    ],
    ['one that waits beside it', { ...proxy, name: 'kube-proxy-new', phase: 'Pending', ready: false }],
    [
      'an evicted pod of an operator',
      { name: 'backup-x', of: 'backup-', phase: 'Failed', reason: 'Evicted' },
    ],
    ['a pending pod of an operator', { name: 'metrics-x', of: 'metrics-', phase: 'Pending', ready: false }],
    ['a crashing add-on', { name: 'dashboard-x', of: 'dashboard-', ready: false, waits: 'CrashLoopBackOff' }],
    ['a bare pod', { name: 'debug', phase: 'Failed' }],
    ['the mirror pod of a master that is gone', { name: 'kube-apiserver-master9', ready: false }],
    [
      'a DaemonSet with a longer name',
      { name: 'kube-proxy-windows-x', of: 'kube-proxy-windows-', ready: false },
    ],
  ];

  it.each(leftovers)('beside %s, on either side of it', async (_, left) => {
    expect((await look([PROXY], [proxy, left])).met).toBe(true);
    expect((await look([PROXY], [left, proxy])).met).toBe(true);
    expect((await look([PROXY], [left])).met).toBe(false);
  });

  it('only where all of it does, each by a pod of its own', async () => {
    expect((await look([PROXY, DNS, KEEPALIVED], [proxy, dns, { name: 'keepalived-master1' }])).met).toBe(
      true,
    );
    expect((await look([PROXY, DNS], [proxy, { ...dns, ready: false }])).met).toBe(false);
    expect((await look([PROXY, DNS], [proxy])).said).toBe('coredns has no pod yet');
    expect((await look([KEEPALIVED], [{ name: 'keepalived-master2' }])).met).toBe(false);
    expect((await look([KEEPALIVED], [{ name: 'keepalived-master1', ready: false }])).met).toBe(false);
  });

  it('and says what a pod waits for', async () => {
    const { met, said } = await look(
      [PROXY],
      [{ ...proxy, ready: false, phase: 'Pending', waits: 'ErrImagePull' }],
    );
    expect(met).toBe(false);
    expect(said).toBe('kube-proxy is not ready: kube-proxy-abcde Pending, ErrImagePull: no such tag');
  });
});
