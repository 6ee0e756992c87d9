import type { Answer } from '../support/fake-host';

const system = '/api/v1/namespaces/kube-system';
const rbac = '/apis/rbac.authorization.k8s.io/v1';
const roles = `${rbac}/namespaces`;
const apps = '/apis/apps/v1/namespaces/kube-system';
const MASTER_LABEL = 'node-role.kubernetes.io/';
export const COMPONENTS = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler'];
export const CRI_ANNOTATION = 'kubeadm.alpha.kubernetes.io/cri-socket';

/** A look for etcd's pods on one node. */
export const ETCD_PODS = /\/pods\?labelSelector=component%3Detcd&fieldSelector=spec\.nodeName%3D(.*)$/;

export const PATHS = {
  kubeadmConfig: `${system}/configmaps/kubeadm-config`,
  kubeletConfig: `${system}/configmaps/kubelet-config-1.20`,
  node: '/api/v1/nodes/master1',
  clusterInfo: '/api/v1/namespaces/kube-public/configmaps/cluster-info',
  clusterInfoBinding: `${roles}/kube-public/rolebindings/kubeadm:bootstrap-signer-clusterinfo`,
  corefile: `${system}/configmaps/coredns`,
  corednsRole: `${rbac}/clusterroles/system:coredns`,
  coredns: `${apps}/deployments/coredns`,
  dnsJob: '/apis/batch/v1/namespaces/kube-system/jobs/kube-el7-install-dns',
  dnsService: `${system}/services/kube-dns`,
  proxyConfig: `${system}/configmaps/kube-proxy`,
  proxy: `${apps}/daemonsets/kube-proxy`,
  proxyBinding: `${roles}/kube-system/rolebindings/kube-proxy`,
  endpoints: `${system}/endpoints/kube-dns`,
} as const;

type Made = readonly [path: string, object: object];

function named(kind: string, path: string, more: object = {}): Made {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const namespace = /\/namespaces\/([^/]+)\//.exec(path)?.[1];
  const metadata = {
    name,
    ...(namespace === undefined ? {} : { namespace }),
    resourceVersion: '7',
    uid: '1',
  };
  const group = /^\/apis\/([^/]+\/[^/]+)\//.exec(path)?.[1];
  return [path, { apiVersion: group ?? 'v1', kind, metadata, ...more }];
}

function mounting(map: string): object {
  return { spec: { template: { spec: { volumes: [{ configMap: { name: map } }] } } }, status: { seen: 1 } };
}

const TOLERATED = ['CriticalAddonsOnly', `${MASTER_LABEL}master`, `${MASTER_LABEL}control-plane`];

/** Of CoreDNS' Deployment, what says where its pods go. */
const COREDNS = {
  spec: {
    replicas: 2,
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1, maxSurge: '25%' } },
    template: {
      spec: {
        tolerations: TOLERATED.map(key => ({ key, operator: 'Exists' })),
        volumes: [{ configMap: { name: 'coredns' } }],
      },
    },
  },
  status: { seen: 1 },
};

/** By phase, in kubeadm's order: all that it makes in a cluster, but for the token. */
const PHASES: Readonly<Record<string, readonly Made[]>> = {
  'upload-config kubeadm': [
    named('ConfigMap', PATHS.kubeadmConfig, {
      data: { ClusterConfiguration: 'kubernetesVersion: v1.20.2\n' },
    }),
    named('RoleBinding', `${roles}/kube-system/rolebindings/kubeadm:nodes-kubeadm-config`),
  ],
  'upload-config kubelet': [named('ConfigMap', PATHS.kubeletConfig)],
  'mark-control-plane': [
    named('Node', PATHS.node, {
      status: {
        addresses: [{ type: 'InternalIP', address: '10.0.0.1' }],
        conditions: [{ type: 'Ready', status: 'True' }],
        nodeInfo: { kubeletVersion: 'v1.20.2' },
      },
    }),
  ],
  'bootstrap-token': [
    named('ConfigMap', PATHS.clusterInfo, { data: { kubeconfig: 'clusters: []' } }),
    named('RoleBinding', PATHS.clusterInfoBinding),
  ],
  'addon coredns': [
    named('ConfigMap', PATHS.corefile, { data: { Corefile: '.:53 {}\n' } }),
    named('ClusterRole', PATHS.corednsRole),
    named('Deployment', PATHS.coredns, COREDNS),
    named('Service', PATHS.dnsService, { spec: { clusterIP: '10.96.0.10' } }),
  ],
  'addon kube-proxy': [
    named('ConfigMap', PATHS.proxyConfig, { data: { 'config.conf': 'mode: ""\n' } }),
    named('DaemonSet', PATHS.proxy, mounting('kube-proxy')),
    named('RoleBinding', PATHS.proxyBinding),
    named('Pod', `${system}/pods/kube-proxy-abcde`),
  ],
};

/** In kubeadm's order. */
export const initObjects: readonly Made[] = Object.entries(PHASES).flatMap(([phase, made]) =>
  phase === 'mark-control-plane'
    ? made.map(([path, object]) => [path, marked(object, [], true)] as const)
    : made,
);

interface NodeObject {
  readonly metadata: { readonly labels?: object; readonly annotations?: object };
  readonly spec?: { readonly taints?: readonly object[] };
}

function marked(object: object, taints: readonly object[], asNew: boolean): object {
  const node = object as NodeObject;
  const labels = {
    ...node.metadata.labels,
    [`${MASTER_LABEL}master`]: '',
    [`${MASTER_LABEL}control-plane`]: '',
  };
  const annotations = asNew ? { [CRI_ANNOTATION]: '/var/run/dockershim.sock' } : node.metadata.annotations;
  return {
    ...node,
    metadata: { ...node.metadata, labels, ...(annotations === undefined ? {} : { annotations }) },
    spec: { ...node.spec, taints: [...(node.spec?.taints ?? []), ...taints] },
  };
}

/** Runs one phase as kubeadm does: what is there of its objects is written over. */
export function runPhase(objects: Map<string, object>, words: string, configuration: string): Answer {
  const made = PHASES[words];
  if (made === undefined) return { code: 1, stderr: `unknown phase ${words}` };
  for (const [path, object] of made) {
    if (words !== 'mark-control-plane') objects.set(path, object);
    else {
      const taints = configuration.includes('taints: []') ? [] : [{ key: `${MASTER_LABEL}master` }];
      objects.set(path, marked(objects.get(path) ?? object, taints, false));
    }
  }
  return {};
}

/** The pods that the cluster would have of its workloads: those of CoreDNS are ready once there is a network. */
export function podsOf(
  objects: ReadonlyMap<string, object>,
  manifests: readonly string[],
): readonly object[] {
  const all = [...objects.values()] as readonly { kind?: string; metadata?: { name: string } }[];
  const networked = all.some(({ metadata }) => metadata?.name === 'kube-flannel-ds');
  const made = all.flatMap(({ kind, metadata: { name } = { name: '' } }) => {
    if (kind === 'DaemonSet') return [pod(`${name}-abcde`, true, `${name}-`)];
    if (kind !== 'Deployment') return [];
    const made = pod(`${name}-7d8f-abcde`, networked, `${name}-7d8f-`);
    if (name !== 'coredns') return [made];
    const second = JSON.stringify(objects.get(PATHS.coredns)).includes('topologyKey') ? 'master2' : 'master1';
    return ['master1', second].map(nodeName => ({ ...made, spec: { nodeName } }));
  });
  return [...made, ...manifests.map(name => pod(`${name}-master1`, true))];
}

/** The nodes, Ready once there is a network. */
export function nodesOf(objects: ReadonlyMap<string, object>): readonly object[] {
  const ready = [...objects.keys()].some(path => path.endsWith('daemonsets/kube-flannel-ds'));
  const conditions = [{ type: 'Ready', status: ready ? 'True' : 'False', message: 'no network' }];
  return [...objects]
    .filter(([path]) => path.startsWith('/api/v1/nodes/'))
    .map(([, node]) => ({ ...node, status: { ...(node as { status?: object }).status, conditions } }));
}

export const DNS_CHANGE =
  /^kubectl .* (patch deployment coredns .*--type strategic --patch|delete job\/kube-el7-install-dns) /;

/** Deletes the Job, or changes the Deployment as a strategic merge patch does. */
export function changeDns(objects: Map<string, object>, args: readonly string[]): Answer {
  if (args.includes('delete')) objects.delete(PATHS.dnsJob);
  else
    objects.set(PATHS.coredns, merged(objects.get(PATHS.coredns), JSON.parse(args.at(-1) ?? '')) as object);
  return {};
}

/** Objects are merged, lists and values replaced. */
function merged(before: unknown, patch: unknown): unknown {
  const isMap = (value: unknown): value is object =>
    typeof value === 'object' && value !== null && !Array.isArray(value);
  if (!isMap(patch)) return patch;
  const own = isMap(before) ? before : {};
  const entries = Object.entries(patch).map(
    ([key, value]) => [key, merged((own as Record<string, unknown>)[key], value)] as const,
  );
  return { ...own, ...Object.fromEntries(entries) };
}

function pod(name: string, ready: boolean, generateName?: string): object {
  const conditions = [{ type: 'Ready', status: ready ? 'True' : 'False' }];
  return {
    metadata: { name, ...(generateName === undefined ? {} : { generateName }) },
    status: { phase: ready ? 'Running' : 'Pending', conditions },
  };
}
