import type { Change } from '../engine/change';
import type { HostReader } from '../engine/host';
import { step, type Step } from '../engine/step';
import { unmadeObjects } from '../kubernetes/lost-objects';
import { fromYaml } from '../kubernetes/yaml';
import type { Settings } from '../variables/settings';
import { withEvidence } from './diagnosis';
import { apiserverHealthy, silentEndpoint } from './endpoint-health';
import { isFinished } from './finished';
import { kubeadmPhase, PHASE_CONFIG, phaseConfiguration } from './kubeadm-phase';
import { readKubeadmObjects } from './kubeadm-state';
import type { Master } from '../variables/master';
import { KUBEADM_CONFIG, KUBELET_CONFIG, STATIC_PODS } from './paths';

const COMPONENTS = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler'];
/** Beside the time that kubeadm itself waits for the control plane: its checks, keys and objects. */
const BESIDE_MS = 10 * 60_000;
/** Longer than a startup probe has patience, so that the last start is seen. */
const API_TIMEOUT_MS = 10 * 60_000;

interface Observed {
  /** Files of kubeadm's that a power cut has cut short; it would stumble over them. */
  readonly broken: readonly string[];
  /** Those that are not there. */
  readonly absent: readonly string[];
  /** Whether an earlier run got past this step: what the cluster has is not made again then. */
  readonly finished: boolean;
  /** The last objects of kubeadm's phases that are not there; undefined where the apiserver does not answer. */
  readonly missing: readonly string[] | undefined;
  readonly configuration: Change;
}

/**
 * Runs kubeadm, or runs it again where an earlier one was cut off: each of its phases takes or overwrites what is there
 * (certificates and kubeconfigs are taken, manifests and the kubelet's configuration written anew, objects created or updated).
 * It is done when the last object of each phase is in the cluster. A finished control plane is not made again: of its files
 * only those come back that are lost, and it is started.
 */
export function kubeadmInit(settings: Settings, master: Master, after: readonly string[]): Step {
  return step<Observed>({
    id: 'kubeadm-init',
    title: 'Initialize the control plane',
    after,
    probe: async host => {
      const [local, finished, found, configuration] = await Promise.all([
        readLocal(host),
        isFinished(host),
        readKubeadmObjects(host, settings, master),
        phaseConfiguration(host, settings, master),
      ]);
      const missing = found && unmadeObjects(found, settings);
      return { ...local, finished: finished || found?.networked === true, missing, configuration };
    },
    plan: observed => (observed.finished ? planFinished(observed, master) : plan(observed, master, settings)),
    diagnose: async (host, failure) =>
      (await silentEndpoint(host, settings, master, failure)) ??
      withEvidence(host, failure, [...COMPONENTS, 'etcd-init']),
  });
}

function plan(observed: Observed, master: Master, { timings }: Settings): readonly Change[] {
  const { broken, absent, missing } = observed;
  const timeoutMs = timings.controlPlaneSeconds * 1000 + BESIDE_MS;
  if (broken.length === 0 && missing?.length === 0) return [];
  // Whether an earlier kubeadm got far enough for its own checks to object to its traces.
  const begun = absent.length < FILES.length;
  // The kubelet that runs etcd listens on 10250 already.
  const passing = `--ignore-preflight-errors=${['Port-10250', ...(begun ? traces : [])].join(',')}`;
  return [...removeAll(broken), init(begun, passing, timeoutMs), awaitApi(master)];
}

function planFinished(
  { broken, absent, missing, configuration }: Observed,
  master: Master,
): readonly Change[] {
  const lost = FILES.filter(path => broken.includes(path) || absent.includes(path));
  if (lost.length === 0 && missing !== undefined) return [];
  return [
    ...removeAll(broken),
    ...(lost.length === 0 ? [] : [configuration]),
    ...lost.map(path => kubeadmPhase(`Put back ${path}`, PHASES.get(path) ?? [])),
    ...(lost.length === 0 ? [] : removeAll([PHASE_CONFIG])),
    { kind: 'service', unit: 'kubelet.service', action: 'start' },
    awaitApi(master),
  ];
}

function removeAll(paths: readonly string[]): readonly Change[] {
  return paths.map(path => ({ kind: 'remove', path }));
}

function init(begun: boolean, checks: string, timeoutMs: number): Change {
  return {
    kind: 'run',
    title: begun ? 'Go on with kubeadm init' : 'kubeadm init',
    command: {
      file: 'kubeadm',
      // Else it prints the token.
      args: ['init', `--config=${KUBEADM_CONFIG}`, '--skip-token-print', checks],
    },
    timeoutMs,
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
  return { kind: 'await', condition, timeoutMs: API_TIMEOUT_MS };
}

/** The files that a control plane runs by, and the phase that writes each (cmd/kubeadm/app/cmd/phases/init: controlplane.go, kubelet.go). */
const PHASES: ReadonlyMap<string, readonly string[]> = new Map<string, readonly string[]>([
  ...COMPONENTS.map(
    name => [`${STATIC_PODS}/${name}.yaml`, ['control-plane', name.replace('kube-', '')]] as const,
  ),
  [KUBELET_CONFIG, ['kubelet-start']],
]);
const FILES = [...PHASES.keys()];

async function readLocal(host: HostReader): Promise<Pick<Observed, 'broken' | 'absent'>> {
  const texts = await Promise.all(FILES.map(path => host.read(path)));
  const absent = FILES.filter((_, index) => texts[index] === undefined);
  const broken = FILES.filter((_, index) => {
    const text = texts[index]?.toString('utf8');
    return text !== undefined && !isObject(text);
  });
  return { broken, absent };
}

function isObject(text: string): boolean {
  const [document] = fromYaml(text) ?? [];
  return typeof document === 'object' && document !== null && 'kind' in document;
}
