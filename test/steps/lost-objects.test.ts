import type * as crypto from 'node:crypto';
import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { lostObjects as check } from '../../source/checks/lost-objects';
import type { Step } from '../../source/engine/step';
import { stages } from '../../source/steps';
import type { Settings } from '../../source/variables/settings';
import { settings as settingsOf } from '../variables/told';
import { applyAll, ordered } from './apply';
import { ClusterHost, MASTER } from './cluster-host';
import { CRI_ANNOTATION, initObjects, PATHS } from './kubeadm-stand-in';

vi.mock('node:crypto', async original => {
  const { withPooledKeys } = await import('../support/pooled-keys');
  return withPooledKeys(await original<typeof crypto>());
});

const MANIFESTS = '/etc/kubernetes/manifests';
const EDITED_FILES = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler'].map(
  name => `${MANIFESTS}/${name}.yaml`,
);

let settings: Settings;
let steps: readonly Step[];
let finished: ClusterHost;
let host: ClusterHost;

beforeAll(async () => {
  settings = await settingsOf({ text: 'DOCKER_REGISTRY=10.0.0.5:5000\nTILLER=no\n' });
  steps = ordered(stages(settings, MASTER));
  finished = new ClusterHost();
  await applyAll(steps, finished);
  // Everything that kubeadm made has been changed by somebody since; pods are their controllers'.
  for (const [path] of initObjects.filter(([one]) => !one.includes('/pods/'))) {
    const object = finished.state.objects.get(path) as { metadata: object };
    finished.state.objects.set(path, {
      ...object,
      metadata: { ...object.metadata, annotations: { edited: 'yes' } },
    });
  }
  edit(finished, PATHS.node, { annotations: { [CRI_ANNOTATION]: 'unix:///run/containerd/containerd.sock' } });
  for (const path of EDITED_FILES) finished.put(path, 'kind: Pod\nedited: yes\n', 0o600);
}, 60_000);

beforeEach(() => {
  host = finished.copy();
});

function edit(of: ClusterHost, path: string, metadata: object): void {
  const object = of.state.objects.get(path) as { metadata: object };
  of.state.objects.set(path, { ...object, metadata: { ...object.metadata, ...metadata } });
}

/** What only the apiserver writes does not count. */
function own(object: object | undefined): unknown {
  const { metadata, ...rest } = JSON.parse(JSON.stringify(object ?? {})) as { metadata?: object };
  return { ...rest, status: 0, metadata: { ...metadata, uid: 0, resourceVersion: 0 } };
}

function unlabel(): void {
  edit(host, PATHS.node, { labels: {} });
}

function drop(...paths: readonly string[]): void {
  for (const path of paths) host.state.objects.delete(path);
}

async function findings() {
  host
    .answer('hostname', 'master1\n')
    .answer(/^ip -4 -o addr/, '2: eth0    inet 10.0.0.1/24\n')
    .answer(/^getent /, '10.0.0.1 STREAM master1\n')
    .answer(/^ip -4 -o route/, '192.0.2.1 src 10.0.0.1\n');
  return check(settings).run(host);
}

const kubeadm = (): readonly string[] => host.executed.filter(command => command.startsWith('kubeadm'));

describe('a finished cluster', () => {
  it('has nothing done to it where all is there, however it was changed', async () => {
    expect(await applyAll(steps, host)).toEqual([]);
    expect(await findings()).toEqual([{ level: 'ok', message: 'all are there' }]);
  });

  it.each([
    ['kubeadm-config', [PATHS.kubeadmConfig], ['init phase upload-config kubeadm']],
    ['the kubelets’ configuration', [PATHS.kubeletConfig], ['init phase upload-config kubelet']],
    ['cluster-info', [PATHS.clusterInfo], []],
    ['the Service of DNS', [PATHS.dnsService], []],
    ['all of CoreDNS', [PATHS.dnsService, PATHS.coredns, PATHS.corefile], ['init phase addon coredns']],
    ['CoreDNS but for its Corefile', [PATHS.dnsService, PATHS.coredns], ['init phase addon coredns']],
    ['CoreDNS’s Deployment', [PATHS.coredns], ['init phase addon coredns']],
    ['the Corefile', [PATHS.corefile], ['init phase addon coredns']],
    ['kube-proxy’s settings', [PATHS.proxyConfig], ['init phase addon kube-proxy']],
  ])('gets %s back, and nothing that was changed is written over', async (_, lost, phases) => {
    drop(...lost);
    const found = await findings();
    expect(found.map(({ level }) => level)).toEqual(['warning']);
    expect(found[0]?.fix).toContain('nothing that is there is changed');
    const changed = await applyAll(steps, host);
    expect(changed.filter(id => id !== 'lost-objects' && id !== 'cluster-info')).toEqual([]);
    expect(kubeadm()).toEqual(
      phases.map(words => `kubeadm ${words} --config /var/lib/kube-el7-install/kubeadm-phase.yaml`),
    );
    for (const [path, object] of finished.state.objects) {
      if ((lost as readonly string[]).includes(path))
        expect(host.state.objects.get(path), path).toBeDefined();
      else expect(own(host.state.objects.get(path)), path).toEqual(own(object));
    }
    expect(host.modes()).toEqual(finished.modes());
    expect(await applyAll(steps, host)).toEqual([]);
  });

  it('gets the label of its node back, but no taint that was taken away', async () => {
    unlabel();
    await applyAll(steps, host);
    expect(kubeadm()).toHaveLength(1);
    const node = host.state.objects.get(PATHS.node) as { spec: object; metadata: object };
    expect(node.metadata).toMatchObject({
      labels: { 'node-role.kubernetes.io/master': '' },
      annotations: { [CRI_ANNOTATION]: 'unix:///run/containerd/containerd.sock' },
    });
    expect(node.spec).toEqual({ taints: [] });
  });

  it('gets label and taint on a node that was made anew', async () => {
    edit(host, PATHS.node, { labels: {}, annotations: {} });
    await applyAll(steps, host);
    expect(host.state.objects.get(PATHS.node)).toMatchObject({
      spec: { taints: [{ key: 'node-role.kubernetes.io/master' }] },
    });
  });

  it('shows each of it in the plan as a change of its own', async () => {
    unlabel();
    drop(PATHS.kubeadmConfig, PATHS.dnsService);
    const step = steps.find(({ id }) => id === 'lost-objects');
    const titles = step
      ?.plan(await step.probe(host))
      .flatMap(change => (change.kind === 'run' ? [change.title] : []));
    expect(titles).toEqual([
      'Put back the ConfigMap kubeadm-config',
      'Leave as before: RoleBinding kubeadm:nodes-kubeadm-config',
      'Put back the label node-role.kubernetes.io/master and node-role.kubernetes.io/control-plane of node master1',
      'Put back the Service kube-dns',
    ]);
  });

  it.each([...EDITED_FILES, '/var/lib/kubelet/config.yaml'])(
    'gets %s back, and keeps the others',
    async path => {
      for (const begin of [() => host.drop(path), () => host.put(path, '')]) {
        host = finished.copy();
        begin();
        expect(await applyAll(steps, host)).toEqual(['kubeadm-init']);
        expect(kubeadm()).toHaveLength(1);
        expect(kubeadm()[0]).toMatch(
          /^kubeadm init phase (control-plane (apiserver|controller-manager|scheduler)|kubelet-start) /,
        );
        for (const other of EDITED_FILES.filter(one => one !== path))
          expect(host.text(other)).toContain('edited');
        expect(host.text(path)).toContain('kind');
      }
    },
  );

  it('is known as one where the join command is gone from this host', async () => {
    host.drop('/var/lib/kube-el7-install/join-worker');
    unlabel();
    await applyAll(steps, host);
    expect(kubeadm()).toEqual([expect.stringContaining('init phase mark-control-plane')]);
  });

  it('comes to the same end when it is killed before any change', async () => {
    drop(PATHS.proxyConfig, PATHS.corefile, PATHS.kubeadmConfig);
    const begun = host;
    for (let cut = 0; ; cut += 1) {
      host = begun.copy();
      const before = (_: unknown, __: unknown, done: number): void => {
        if (done === cut) throw new Error('killed');
      };
      const killed = await applyAll(steps, host, { before }).then(
        () => false,
        () => true,
      );
      if (!killed) break;
      await applyAll(steps, host);
      const lost: readonly string[] = [PATHS.proxyConfig, PATHS.corefile, PATHS.kubeadmConfig];
      for (const [path, object] of finished.state.objects)
        if (!lost.includes(path))
          expect(own(host.state.objects.get(path)), `${path}, ${cut}`).toEqual(own(object));
      expect(host.modes(), String(cut)).toEqual(finished.modes());
      expect(await applyAll(steps, host)).toEqual([]);
    }
  });
});

describe('what was taken away or replaced on purpose', () => {
  const another = (clusterIP: string, name: string): void => {
    const metadata = { name, namespace: 'dns' };
    host.state.objects.set(`/api/v1/namespaces/dns/services/${name}`, { metadata, spec: { clusterIP } });
    const ready = { subsets: [{ addresses: [{ ip: '10.244.0.9' }] }] };
    host.state.objects.set(`/api/v1/namespaces/dns/endpoints/${name}`, ready);
  };
  const cases: readonly (readonly [string, () => void, string, 'ok' | 'warning'])[] = [
    [
      'another DNS under another name at the same address',
      () => {
        drop(PATHS.dnsService, PATHS.coredns);
        another('10.96.0.10', 'bind');
      },
      'the Service dns/bind answers in its place',
      'ok',
    ],
    [
      'another DNS behind the Service kube-dns',
      () => {
        drop(PATHS.coredns, PATHS.corefile);
        host.state.objects.set(PATHS.endpoints, { subsets: [{ addresses: [{ ip: '10.244.0.9' }] }] });
      },
      'the Service kube-system/kube-dns answers in its place',
      'ok',
    ],
    [
      'a DNS that the kubelets name',
      () => {
        drop(PATHS.dnsService, PATHS.coredns);
        host.put('/var/lib/kubelet/config.yaml', 'kind: KubeletConfiguration\nclusterDNS: [169.254.20.10]\n');
      },
      'the kubelet tells pods to ask 169.254.20.10',
      'ok',
    ],
    [
      'kube-proxy, with its settings',
      () => {
        drop(PATHS.proxy, PATHS.proxyConfig);
      },
      'another program does its work',
      'warning',
    ],
    [
      'kube-proxy, while Services are reached',
      () => {
        drop(PATHS.proxy);
      },
      'are reached from this host',
      'warning',
    ],
    [
      'the right to read cluster-info',
      () => {
        drop(PATHS.clusterInfoBinding);
      },
      'hardening',
      'warning',
    ],
    [
      'the right to read kube-proxy’s settings',
      () => {
        drop(PATHS.proxyBinding);
      },
      'nodes join without it',
      'warning',
    ],
  ];

  it.each(cases)('stays so: %s', async (_, begin, because, level) => {
    begin();
    const before = new Map(host.state.objects);
    const found = await findings();
    expect(found).toHaveLength(1);
    expect(found[0]?.message).toContain(because);
    expect(found[0]?.level).toBe(level);
    expect(await applyAll(steps, host)).toEqual([]);
    expect(host.state.objects).toEqual(before);
  });

  it('stays so: cluster-info and the right to read it', async () => {
    drop(PATHS.clusterInfoBinding, PATHS.clusterInfo);
    expect((await findings()).map(({ level }) => level)).toEqual(['warning', 'ok']);
    expect(await applyAll(steps, host)).toEqual([]);
  });

  it('comes back where nothing does its work', async () => {
    drop(PATHS.proxy);
    host.services = false;
    await applyAll(steps, host);
    expect(kubeadm()).toEqual([expect.stringContaining('init phase addon kube-proxy')]);
    expect(own(host.state.objects.get(PATHS.proxyConfig))).toEqual(
      own(finished.state.objects.get(PATHS.proxyConfig)),
    );
  });
});
