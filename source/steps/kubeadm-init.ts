import type { Change } from '../engine/change';
import type { HostReader } from '../engine/host';
import { step, type Step } from '../engine/step';
import { askApi, items, type ApiAnswer, type Metadata, type Node } from '../kubernetes/api';
import { fromYaml } from '../kubernetes/yaml';
import type { Settings } from '../variables/settings';
import { apiAccess } from './access';
import { withEvidence } from './diagnosis';
import { apiserverHealthy, silentEndpoint } from './endpoint-health';
import { checkApart, configToCheck } from './kubeadm-check';
import type { Master } from '../variables/master';
import { JOIN_WORKER, KUBEADM_CONFIG, KUBELET_CONFIG, STATIC_PODS } from './paths';

const COMPONENTS = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler'];
/** kubeadm itself waits four minutes for the control plane. */
const INIT_TIMEOUT_MS = 10 * 60_000;

interface Observed {
  /** Files of kubeadm's that a power cut has cut short; it would stumble over them. */
  readonly broken: readonly string[];
  /** Whether an earlier kubeadm got far enough for its own checks to object to its traces. */
  readonly begun: boolean;
  /** Whether an earlier run got past this step. */
  readonly finished: boolean;
  /** kubeadm's configuration as its checks are to read it; undefined where they can read the real one. */
  readonly toCheck: string | undefined;
  /** What kubeadm's phases leave behind that is not there; undefined where the apiserver does not answer. */
  readonly missing: readonly string[] | undefined;
}

/**
 * Runs kubeadm, or runs it again where an earlier one was cut off: each of its phases takes or overwrites what is there
 * (certificates and kubeconfigs are taken, manifests and the kubelet's configuration written anew, objects created or updated).
 * It is done when the last object of each phase is in the cluster.
 */
export function kubeadmInit(settings: Settings, master: Master, after: readonly string[]): Step {
  return step<Observed>({
    id: 'kubeadm-init',
    title: 'Initialize the control plane',
    after,
    probe: async host => {
      const [local, missing, toCheck] = await Promise.all([
        readLocal(host),
        missingObjects(host, settings, master),
        configToCheck(host, settings, master),
      ]);
      return { ...local, missing, toCheck };
    },
    plan: observed => plan(observed, master),
    diagnose: async (host, failure) =>
      (await silentEndpoint(host, settings, master, failure)) ??
      withEvidence(host, failure, [...COMPONENTS, 'etcd-init']),
  });
}

function plan({ broken, begun, finished, toCheck, missing }: Observed, master: Master): readonly Change[] {
  if (broken.length === 0 && missing?.length === 0) return [];
  // A finished control plane that is silent is started, not made again.
  if (finished && broken.length === 0 && missing === undefined) {
    return [{ kind: 'service', unit: 'kubelet.service', action: 'start' }, awaitApi(master)];
  }
  // The kubelet that runs etcd listens on 10250 already.
  const passing = `--ignore-preflight-errors=${['Port-10250', ...(begun ? traces : [])].join(',')}`;
  return [
    ...broken.map((path): Change => ({ kind: 'remove', path })),
    ...(toCheck === undefined
      ? [init(begun, passing)]
      : [...checkApart(toCheck, passing), init(begun, '--skip-phases=preflight')]),
    awaitApi(master),
  ];
}

function init(begun: boolean, checks: string): Change {
  return {
    kind: 'run',
    title: begun ? 'Go on with kubeadm init' : 'kubeadm init',
    command: {
      file: 'kubeadm',
      // Else it prints the token.
      args: ['init', `--config=${KUBEADM_CONFIG}`, '--skip-token-print', checks],
    },
    timeoutMs: INIT_TIMEOUT_MS,
    undo: [{ kind: 'cluster' }],
  };
}

/** The names of kubeadm's checks (cmd/kubeadm/app/preflight/checks.go) that an earlier start of its own does not pass; the last two are of 1.16 and 1.17. */
const traces: readonly string[] = [
  ...COMPONENTS.map(name => `FileAvailable--etc-kubernetes-manifests-${name}.yaml`),
  ...[6443, 10257, 10259, 10251, 10252].map(port => `Port-${port}`),
];

function awaitApi(master: Master): Change {
  const condition = apiserverHealthy('the apiserver is healthy', master);
  return { kind: 'await', condition, timeoutMs: 4 * 60_000 };
}

async function readLocal(host: HostReader): Promise<Pick<Observed, 'broken' | 'begun' | 'finished'>> {
  const paths = [...COMPONENTS.map(name => `${STATIC_PODS}/${name}.yaml`), KUBELET_CONFIG];
  const [texts, finished] = await Promise.all([
    Promise.all(paths.map(path => host.read(path))),
    host.stat(JOIN_WORKER),
  ]);
  const broken = paths.filter((_, index) => {
    const text = texts[index]?.toString('utf8');
    return text !== undefined && !isObject(text);
  });
  return { broken, begun: texts.some(text => text !== undefined), finished: finished !== undefined };
}

function isObject(text: string): boolean {
  const [document] = fromYaml(text) ?? [];
  return typeof document === 'object' && document !== null && 'kind' in document;
}

/** The last object that each of kubeadm's phases leaves behind (1.16 to 1.23 agree on them): upload-config, mark-control-plane, bootstrap-token, addon coredns, addon kube-proxy. */
async function missingObjects(
  host: HostReader,
  settings: Settings,
  master: Master,
): Promise<readonly string[] | undefined> {
  const ask = (path: string): Promise<ApiAnswer> => askApi(host, apiAccess(master), path);
  const system = '/api/v1/namespaces/kube-system';
  const roles = '/apis/rbac.authorization.k8s.io/v1/namespaces';
  const [maps, node, bootstrap, dns, proxy] = await Promise.all([
    ask(`${system}/configmaps`),
    ask(`/api/v1/nodes/${master.hostname}`),
    ask(`${roles}/kube-public/rolebindings/kubeadm:bootstrap-signer-clusterinfo`),
    ask(`${system}/services/kube-dns`),
    ask(`${roles}/kube-system/rolebindings/kube-proxy`),
  ]);
  if ([maps, node, bootstrap, dns, proxy].some(answer => answer.kind === 'silent')) return undefined;
  const named = (items(maps) ?? []) as readonly { readonly metadata: Metadata }[];
  const names = named.map(map => map.metadata.name);
  const labels = node.kind === 'found' ? (node.body as Node).metadata.labels : undefined;
  return [
    ...['kubeadm-config', `kubelet-config-${settings.facts.minor}`].filter(name => !names.includes(name)),
    ...settings.facts.masterLabels.filter(label => labels?.[label] === undefined),
    ...(bootstrap.kind === 'found' ? [] : ['cluster-info']),
    ...(dns.kind === 'found' ? [] : ['kube-dns']),
    ...(proxy.kind === 'found' ? [] : ['kube-proxy']),
  ];
}
