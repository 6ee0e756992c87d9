import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Change } from '../../source/engine/change';
import type { Step } from '../../source/engine/step';
import { COREDNS } from '../../source/kubernetes/kubeadm-objects';
import { dnsApart } from '../../source/steps/dns-apart';
import { notes } from '../../source/steps/notes';
import type { Settings } from '../../source/variables/settings';
import { settings as settingsOf } from '../variables/told';
import { applyAll } from './apply';
import { ClusterHost, MASTER } from './cluster-host';
import { initObjects, PATHS } from './kubeadm-stand-in';
import { node } from './masters-host';

let single: Settings;
let three: Settings;
let host: ClusterHost;
let alone: Step;
let several: Step;

beforeAll(async () => {
  single = await settingsOf({});
  three = await settingsOf({ vip: '10.0.0.100', masters: 'master1,master2,master3' });
});

beforeEach(() => {
  host = new ClusterHost();
  host.put('/etc/kubernetes/manifests/kube-apiserver.yaml', 'kind: Pod\n', 0o600);
  host.state.apiserver = true;
  for (const [path, object] of initObjects) host.state.objects.set(path, object);
  host.state.objects.set(PATHS.proxy.replace('kube-proxy', 'kube-flannel-ds'), { kind: 'DaemonSet' });
  alone = dnsApart(single, MASTER, []);
  several = dnsApart(three, MASTER, []);
});

const joins = (name: string): void => {
  host.state.objects.set(`/api/v1/nodes/${name}`, node(name, '10.0.0.9'));
};
const planned = async (step: Step): Promise<readonly Change[]> => step.plan(await step.probe(host));
const titles = async (step: Step): Promise<readonly string[]> =>
  (await planned(step)).map(change => ('title' in change ? change.title : change.kind));
const jobEnds = (): void => {
  host.state.objects.set(PATHS.dnsJob, { status: { conditions: [{ type: 'Complete', status: 'True' }] } });
};
const coredns = (): string => JSON.stringify(host.state.objects.get(COREDNS));
const MOVE = 'Keep the replicas of CoreDNS on different hosts, which moves them one by one';
const APPLY = 'kubectl apply dns-apart';

describe('CoreDNS on a single master', () => {
  it('is left as it is, and a Job waits for another node', async () => {
    expect(await titles(alone)).toEqual(['write', APPLY]);
    await applyAll([alone], host);
    expect(coredns()).not.toContain('topologyKey');
    expect(host.state.objects.has(PATHS.dnsJob)).toBe(true);
    expect(await planned(alone)).toEqual([]);
  });

  it('is moved by the Job that is there, also once there is another node', async () => {
    await applyAll([alone], host);
    joins('worker1');
    expect(await planned(alone)).toEqual([]);
  });

  it('is moved at once where an earlier version has left it on the first of several nodes', async () => {
    joins('worker1');
    expect(await titles(alone)).toEqual([MOVE]);
    await applyAll([alone], host);
    expect(coredns()).toContain('"topologyKey":"kubernetes.io/hostname"');
    expect(coredns()).toContain('"volumes"');
    expect(await planned(alone)).toEqual([]);
  });

  it('gets another Job where kubeadm has made the Deployment anew since the first one ended, and there is no node for it', async () => {
    await applyAll([alone], host);
    jobEnds();
    expect(await titles(alone)).toEqual(['Delete the Job kube-el7-install-dns, which has ended', APPLY]);
    joins('worker1');
    expect(await titles(alone)).toEqual([MOVE]);
  });

  it('is left to the Job, which looks before it changes anything, while the API does not say what there is', async () => {
    host.state.apiserver = false;
    expect(await titles(alone)).toEqual(['write', APPLY]);
    expect(await titles(several)).toEqual(['write', APPLY]);
  });

  it('is nothing to care for where there is none, or another DNS', async () => {
    host.state.objects.delete(COREDNS);
    expect(await planned(alone)).toEqual([]);
    expect(await planned(several)).toEqual([]);
  });
});

describe('CoreDNS on several masters', () => {
  it('is moved once the second one is Ready', async () => {
    const [first, ...more] = await planned(several);
    expect(first?.kind === 'await' && first.condition.title).toBe('CoreDNS can run on different hosts');
    expect(more.map(change => ('title' in change ? change.title : ''))).toEqual([MOVE]);
    joins('master2');
    expect(await titles(several)).toEqual([MOVE]);
    await applyAll([several], host);
    expect(await planned(several)).toEqual([]);
    expect(host.state.objects.has(PATHS.dnsJob)).toBe(false);
  });

  it.each([
    ['is cordoned', { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }, ['write', APPLY]],
    ['is kept free by the site', { key: 'example.com/own', effect: 'NoSchedule' }, ['write', APPLY]],
    ['is just coming', { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' }, ['await', MOVE]],
  ])(
    'is awaited only where other masters will be able to hold a replica: one that %s',
    async (_, taint, plan) => {
      for (const name of ['master2', 'master3']) {
        const object = { ...node(name, '10.0.0.9'), spec: { taints: [taint] } };
        host.state.objects.set(`/api/v1/nodes/${name}`, object);
      }
      expect(await titles(several)).toEqual(plan);
    },
  );

  it('is planned so before there is a cluster', async () => {
    host.state.apiserver = false;
    host.drop('/etc/kubernetes/manifests/kube-apiserver.yaml');
    expect(await titles(several)).toEqual(['await', MOVE]);
    expect(await titles(alone)).toEqual(['write', APPLY]);
  });
});

describe('the Job', () => {
  it('runs on masters alone, may change that Deployment and nothing else', async () => {
    await applyAll([alone], host);
    const rules = [...host.state.objects.values()].flatMap(
      object => (object as { readonly rules?: readonly object[] }).rules ?? [],
    );
    expect(rules).toEqual([
      {
        ...{ apiGroups: ['apps'], resources: ['deployments'], resourceNames: ['coredns'] },
        verbs: ['get', 'patch'],
      },
      { apiGroups: [''], resources: ['nodes'], verbs: ['list', 'watch'] },
    ]);
    const job = JSON.stringify(host.state.objects.get(PATHS.dnsJob));
    expect(job).toContain('"matchFields":[{"key":"metadata.name","operator":"In","values":["master1"]}]');
    expect(job).toContain('{"name":"TOLERATED","value":"CriticalAddonsOnly');
  });
});

describe('the notes at the end', () => {
  const said = (on: readonly string[], nodes: number): string =>
    notes(single, MASTER, { dns: { on, nodes } }).join('\n');

  it('say where all replicas are, if one host has them all and is not the only one', () => {
    expect(said(['master1', 'master1'], 3)).toMatch(
      /All replicas of CoreDNS run on master1: while that host/,
    );
    expect(said(['master1'], 3)).toMatch(/One replica of CoreDNS is ready, on master1/);
    for (const [on, nodes] of [
      [['master1', 'worker1'], 3],
      [['master1', 'master1'], 1],
      [[], 3],
    ] as const)
      expect(said(on, nodes)).not.toContain('CoreDNS');
  });
});
