import { difference, observe, type Desired, type ObservedDesired } from '../changes/desired';
import type { Change } from '../engine/change';
import type { HostReader } from '../engine/host';
import { Failure, type FailureReport } from '../engine/failure';
import { step, type Step } from '../engine/step';
import { allMasters } from '../kubernetes/endpoint';
import { memberOf } from '../kubernetes/etcd-cluster';
import { firstEtcdManifest } from '../kubernetes/etcd-manifests';
import { fromYaml } from '../kubernetes/yaml';
import type { Settings } from '../variables/settings';
import { etcdHealthy } from './access';
import { DROP_IN, kubeletAlone, removeDropIn } from './etcd-standalone';
import { hasFinished } from './etcd-data';
import { withAlarm } from './etcd-health';
import { memberFault } from './etcd-timings';
import { listMembers } from './etcd-view';
import { cgroupDriver } from './kubeadm-config';
import { kubeletRuns } from './kubelet-runs';
import { isMet } from './manifest';
import type { Master } from '../variables/master';
import {
  ETCD_CLUSTER_MANIFEST,
  ETCD_DATA,
  ETCD_INIT_HIDDEN,
  ETCD_INIT_MANIFEST,
  KUBELET_CONFIG,
} from './paths';

const HEALTHY_TIMEOUT_MS = 10 * 60_000;

interface Observed {
  readonly found: ObservedDesired;
  readonly healthy: boolean;
  /** The kubelet runs; only looked at where etcd is not healthy. */
  readonly running: boolean;
  /** The cluster pod has the init pod's place, or is just taking it. */
  readonly swapped: boolean;
  /** Its data is gone while other masters still count on it. */
  readonly lost: boolean;
  /** What is wrong with its data where an installation has come to its end here, or with the times that it is to run with. */
  readonly fault: FailureReport | undefined;
  /** An installation has come to its end here: nothing is begun anew. */
  readonly finished: boolean;
  /** The kubelet's start without a cluster, as files. */
  readonly alone: readonly Desired[];
  readonly dropIn: boolean;
  /** kubeadm has given the kubelet a configuration, with which it runs static pods by itself. */
  readonly configured: boolean;
}

/** etcd's first member as a static pod, before there is a cluster: until kubeadm configures the kubelet, a drop-in starts it without one. */
export function etcd(settings: Settings, master: Master, after: readonly string[]): Step {
  const directory: Desired = { kind: 'directory', path: ETCD_DATA, mode: 0o700 };
  // Its pod does not start where this is not: on a finished master it is never made, so that a disk which is missing is not made up for.
  const begin: Desired = { kind: 'directory', path: `${ETCD_DATA}/member`, mode: 0o700 };
  const desired: readonly Desired[] = [
    directory,
    begin,
    { kind: 'file', path: ETCD_INIT_MANIFEST, content: firstEtcdManifest(settings, master), mode: 0o600 },
  ];
  const condition = etcdHealthy('etcd is healthy', master.address);
  const awaitHealth: Change = { kind: 'await', condition, timeoutMs: HEALTHY_TIMEOUT_MS };
  return step<Observed>({
    id: 'etcd',
    title: 'Start etcd',
    after,
    probe: async host => {
      const [found, dropIn, driver, configured, healthy, swapped, fault, finished] = await Promise.all([
        observe(host, desired),
        host.stat(DROP_IN),
        cgroupDriver(host),
        isConfigured(host),
        isMet(host, condition),
        isSwapped(host),
        memberFault(host, settings, master),
        hasFinished(host),
      ]);
      return {
        found,
        healthy,
        running: !healthy && (await kubeletRuns(host)),
        swapped,
        fault,
        finished,
        lost: !healthy && (await isLost(host, settings, master)),
        alone: kubeletAlone(settings, master, driver),
        dropIn: dropIn !== undefined,
        configured,
      };
    },
    plan: observed => {
      const { found, healthy, running, swapped, lost, fault, finished, alone, dropIn, configured } = observed;
      if (lost) throw new Failure(dataLost(master));
      if (fault !== undefined) throw new Failure(fault);
      const wanted = desired.filter(one => one !== begin || !finished);
      const files = difference(swapped ? [directory] : wanted, found);
      const leftover = dropIn ? removeDropIn : [];
      if (healthy && files.length === 0) return leftover;
      if (configured) {
        const action = dropIn ? 'restart' : 'start';
        const kubelet: readonly Change[] =
          running && !dropIn ? [] : [{ kind: 'service', unit: 'kubelet.service', action }];
        return [...leftover, ...files, ...kubelet, awaitHealth];
      }
      return [
        ...files,
        ...alone.flatMap((one): readonly Change[] =>
          one.kind === 'file' ? [{ ...one, kind: 'write' }] : [],
        ),
        { kind: 'service', unit: 'kubelet.service', action: 'reload-units' },
        { kind: 'service', unit: 'kubelet.service', action: 'restart' },
        awaitHealth,
        ...removeDropIn,
      ];
    },
    diagnose: (host, failure) => withAlarm(host, failure, allMasters(settings, master)),
  });
}

async function isSwapped(host: HostReader): Promise<boolean> {
  const [text, hidden] = await Promise.all([host.read(ETCD_CLUSTER_MANIFEST), host.stat(ETCD_INIT_HIDDEN)]);
  return hidden !== undefined || kindOf(text) === 'Pod';
}

/** A first member that starts without data makes a cluster of its own; while others have one with it, that would be a second, empty one. */
async function isLost(host: HostReader, settings: Settings, master: Master): Promise<boolean> {
  if (settings.others.length === 0 || (await host.stat(`${ETCD_DATA}/member`)) !== undefined) return false;
  const members = await listMembers(host, settings.others);
  return members !== undefined && memberOf(members, master) !== undefined;
}

function dataLost({ hostname }: Master): ConstructorParameters<typeof Failure>[0] {
  return {
    code: 'etcd-data-lost',
    message: `The data of etcd on ${hostname} (${ETCD_DATA}/member) is gone, and the other masters' etcd still counts on it. Started without, it would be a second, empty cluster.`,
    hint: `Put the directory back if it was moved away. Else stop here: the cluster lives on with the other masters, and ${hostname} has to be removed from etcd and added anew.`,
  };
}

async function isConfigured(host: HostReader): Promise<boolean> {
  // A power cut may leave the file empty: then the kubelet does not start with it.
  return kindOf(await host.read(KUBELET_CONFIG)) === 'KubeletConfiguration';
}

function kindOf(text: Buffer | undefined): unknown {
  const [document] = fromYaml(text?.toString('utf8') ?? '') ?? [];
  return (document as { readonly kind?: unknown } | null | undefined)?.kind;
}
