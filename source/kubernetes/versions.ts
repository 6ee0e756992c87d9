/** Everything that differs between Kubernetes minors and that a step may ask; steps never compare versions. */
export interface VersionFacts {
  /** "1.20" */
  readonly minor: string;
  /** kubeadm's configuration API to write: the newest that this minor accepts, e.g. "kubeadm.k8s.io/v1beta2". */
  readonly kubeadmApi: string;
  /** Defaults of image tags, where the variables file names none. */
  readonly tags: {
    readonly etcd: string;
    readonly pause: string;
    readonly coredns: string;
    readonly flannel: string;
    readonly tiller: string;
    readonly keepalived: string;
  };
  /** Whether flannel's manifest carries a PodSecurityPolicy, its namespace, and whether it installs its own CNI program. */
  readonly flannel: {
    readonly podSecurityPolicy: boolean;
    readonly namespace: string;
    readonly cniPluginImage: boolean;
  };
  /** Off by default from 1.17: "Helm 3 needs nothing in the cluster". */
  readonly tillerByDefault: boolean;
  /** Node-role labels and taint keys of a master at this version. */
  readonly masterLabels: readonly string[];
  readonly masterTaints: readonly string[];
  /** Whether controller-manager.conf and scheduler.conf name the master's own apiserver rather than the cluster's endpoint: kubeadm does so from 1.20 (kubernetes/kubernetes#94398). */
  readonly localKubeconfigs: boolean;
  /** Whether the kubelet knows startup probes: from 1.18 without a feature gate (pkg/features/kube_features.go). */
  readonly startupProbe: boolean;
  /** Whether kubeadm keeps a list of the masters' addresses in its configmap (ClusterStatus, until 1.21). */
  readonly clusterStatus: boolean;
}

/** The version that is installed where nothing else is said. */
export const DEFAULT_KUBE_VERSION = '1.20.2';

const MASTER = 'node-role.kubernetes.io/master';
const CONTROL_PLANE = 'node-role.kubernetes.io/control-plane';

/** What is the same in all rows. flannel 0.14.0 is the last without a CNI image of its own; its PodSecurityPolicy (policy/v1beta1) and RBAC v1 are served by all of 1.16 to 1.23. */
const COMMON = {
  flannel: { podSecurityPolicy: true, namespace: 'kube-system', cniPluginImage: false },
  masterTaints: [MASTER],
};
const COMMON_TAGS = { flannel: 'v0.14.0', tiller: 'v2.17.0', keepalived: '2.0.20' };

/** Reads the row of a minor at one of its patches. */
type Row = (patch: number) => Omit<VersionFacts, 'minor'>;

function row(facts: {
  readonly api: 'v1beta2' | 'v1beta3';
  /** Defaults of kubeadm at this minor (cmd/kubeadm/app/constants/constants.go). */
  readonly etcd: string | ((patch: number) => string);
  readonly pause: string;
  readonly coredns: string;
  readonly tillerByDefault?: boolean;
  /** kubeadm sets both labels from 1.20. */
  readonly bothLabels?: boolean;
  readonly startupProbe?: boolean;
}): Row {
  return patch => ({
    ...COMMON,
    kubeadmApi: `kubeadm.k8s.io/${facts.api}`,
    tags: {
      ...COMMON_TAGS,
      etcd: typeof facts.etcd === 'string' ? facts.etcd : facts.etcd(patch),
      pause: facts.pause,
      coredns: facts.coredns,
    },
    tillerByDefault: facts.tillerByDefault ?? false,
    masterLabels: facts.bothLabels === true ? [MASTER, CONTROL_PLANE] : [MASTER],
    localKubeconfigs: facts.bothLabels === true,
    startupProbe: facts.startupProbe ?? true,
    clusterStatus: facts.api === 'v1beta2',
  });
}

/** One row for each minor that this product installs, oldest first. */
const TABLE: ReadonlyMap<number, Row> = new Map([
  [
    16,
    row({
      api: 'v1beta2',
      etcd: '3.3.15-0',
      pause: '3.1',
      coredns: '1.6.2',
      tillerByDefault: true,
      startupProbe: false,
    }),
  ],
  [17, row({ api: 'v1beta2', etcd: '3.4.3-0', pause: '3.1', coredns: '1.6.5', startupProbe: false })],
  [18, row({ api: 'v1beta2', etcd: '3.4.3-0', pause: '3.2', coredns: '1.6.7' })],
  [
    19,
    row({
      api: 'v1beta2',
      etcd: patch => (patch === 0 ? '3.4.9-1' : '3.4.13-0'),
      pause: '3.2',
      coredns: '1.7.0',
    }),
  ],
  [20, row({ api: 'v1beta2', etcd: '3.4.13-0', pause: '3.2', coredns: '1.7.0', bothLabels: true })],
  [21, row({ api: 'v1beta2', etcd: '3.4.13-0', pause: '3.4.1', coredns: 'v1.8.0', bothLabels: true })],
  // kubeadm's own default is 3.5.0 up to 1.22.16 and 3.5.1 up to 1.23.14, which must not be used (etcd#13766); its last patches have this one (kubernetes#114108).
  [22, row({ api: 'v1beta3', etcd: '3.5.6-0', pause: '3.5', coredns: 'v1.8.4', bothLabels: true })],
  [23, row({ api: 'v1beta3', etcd: '3.5.6-0', pause: '3.6', coredns: 'v1.8.6', bothLabels: true })],
]);

const minors = [...TABLE.keys()];

/** The range that works, for messages: "1.16.x to 1.23.x". */
export const SUPPORTED_RANGE = `1.${Math.min(...minors)}.x to 1.${Math.max(...minors)}.x`;

const FULL_VERSION = /^1\.(0|[1-9]\d?)\.(0|[1-9]\d{0,2})$/;

/** The facts of a full version such as "1.20.2"; undefined where it is no such version or outside of the table. */
export function factsFor(version: string): VersionFacts | undefined {
  const match = FULL_VERSION.exec(version);
  if (match === null) return undefined;
  const minor = Number(match[1]);
  const facts = TABLE.get(minor)?.(Number(match[2]));
  return facts === undefined ? undefined : { minor: `1.${minor}`, ...facts };
}

/** Orders versions oldest first, for lists; not for deciding what a version can do: that is what the facts are for. */
export function compareVersions(one: string, other: string): number {
  const left = one.split('.').map(Number);
  const right = other.split('.').map(Number);
  for (let index = 0; index < 3; index += 1) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
