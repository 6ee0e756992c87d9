import type { Change } from '../engine/change';
import type { HostReader } from '../engine/host';
import { step, type Step } from '../engine/step';
import { kubeadmPhases, type KubeadmObjects } from '../kubernetes/kubeadm-objects';
import { kubectl, KUBECTL_TIMEOUT_MS, WHILE_UNANSWERED } from '../kubernetes/kubectl';
import { lostObjects as lostOf, type Lost, type Remedy } from '../kubernetes/lost-objects';
import { clusterInfoObject, kubeDnsService } from '../kubernetes/single-objects';
import { toYaml } from '../kubernetes/yaml';
import type { Master } from '../variables/master';
import type { Settings } from '../variables/settings';
import { apiserverHealthy } from './endpoint-health';
import { isFinished } from './finished';
import { byPhase, FORMER, giveBack } from './former-objects';
import { phaseConfiguration, PHASE_CONFIG, kubeadmPhase } from './kubeadm-phase';
import { readKubeadmObjects } from './kubeadm-state';
import { CLUSTER_CA, STATE } from './paths';

/** One object that is made alone. */
const OBJECT = `${STATE}/lost-object.yaml`;

interface Observed {
  readonly finished: boolean;
  /** undefined while the apiserver does not answer. */
  readonly found: KubeadmObjects | undefined;
  /** Files that a run left behind that was cut off here. */
  readonly left: readonly string[];
  readonly configuration: Change;
}

/**
 * Puts back what a finished cluster has lost of the objects that kubeadm made, each by the phase that makes it and nothing
 * else. A phase writes over what is there of its other objects, so those are kept and given back: what was edited stays.
 */
export function lostObjects(settings: Settings, master: Master, after: readonly string[]): Step {
  return step<Observed>({
    id: 'lost-objects',
    title: 'Put back what the cluster has lost of kubeadm',
    after,
    probe: async host => {
      const [finished, found, left, configuration] = await Promise.all([
        isFinished(host),
        readKubeadmObjects(host, settings, master),
        leftOf(host),
        phaseConfiguration(host, settings, master),
      ]);
      return { finished: finished || found?.networked === true, found, left, configuration };
    },
    plan: observed => plan(observed, settings, master),
  });
}

async function leftOf(host: HostReader): Promise<readonly string[]> {
  const paths = [FORMER, OBJECT, PHASE_CONFIG];
  const stats = await Promise.all(paths.map(path => host.stat(path)));
  return paths.filter((_, index) => stats[index] !== undefined);
}

function plan(
  { finished, found, left, configuration }: Observed,
  settings: Settings,
  master: Master,
): readonly Change[] {
  if (!finished) return [];
  if (found === undefined) {
    const condition = apiserverHealthy('the apiserver is healthy', master);
    return [{ kind: 'await', condition, timeoutMs: 4 * 60_000 }];
  }
  const remedies = lostOf(found, settings).flatMap(lost => ('remedy' in lost ? [{ ...lost }] : []));
  const made = remedies.flatMap(lost => mend(lost, found, settings, master));
  const configured = made.some(change => change.kind === 'run' && change.command.file === 'kubeadm');
  return [
    ...(left.includes(FORMER) ? giveBack('what an interrupted run has written over') : []),
    ...(configured ? [configuration] : []),
    ...made,
    ...[OBJECT, PHASE_CONFIG]
      .filter(path => left.includes(path) || (path === PHASE_CONFIG && configured))
      .map((path): Change => ({ kind: 'remove', path })),
  ];
}

function mend(
  { what, remedy }: Extract<Lost, { readonly remedy: Remedy }>,
  found: KubeadmObjects,
  settings: Settings,
  master: Master,
): readonly Change[] {
  switch (remedy) {
    case 'labels':
      return [kubeadmPhase(`Put back ${what}`, ['mark-control-plane'])];
    case 'cluster-info': {
      const template = toYaml(clusterInfoObject(settings, master));
      const ca = { path: CLUSTER_CA.certPath, encoding: 'base64', secret: false } as const;
      return create(what, { template, files: { ca } });
    }
    case 'dns-service':
      return create(what, toYaml(kubeDnsService(settings)));
    default:
      return byPhase(what, kubeadmPhases(settings.facts.minor)[remedy], found);
  }
}

/** Made and never changed: somebody else may have been quicker. */
function create(what: string, content: Extract<Change, { kind: 'write' }>['content']): readonly Change[] {
  return [
    { kind: 'write', path: OBJECT, content, mode: 0o600 },
    {
      kind: 'run',
      title: `Put back ${what}`,
      command: kubectl('create', '--filename', OBJECT),
      timeoutMs: KUBECTL_TIMEOUT_MS,
      again: WHILE_UNANSWERED,
      already: 'AlreadyExists',
    },
    { kind: 'remove', path: OBJECT },
  ];
}
