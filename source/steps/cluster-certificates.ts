import type { Change } from '../engine/change';
import { Failure } from '../engine/failure';
import { step, type Step } from '../engine/step';
import { readKubeadmFiles, SA_PUBLIC, type KubeadmFile, type KubeadmFiles } from './kubeadm-files';
import type { Master } from '../variables/master';
import type { Settings } from '../variables/settings';
import { KUBEADM_CONFIG, STATIC_PODS } from './paths';

interface Observed extends KubeadmFiles {
  /** Whether an apiserver may have run with what is there. */
  readonly used: boolean;
}

/**
 * The cluster's CAs, certificates and kubeconfigs, made by kubeadm's own phases while images are still pulled; `kubeadm init` then takes them as they are.
 * They are on the disk for good before anything is built upon them, so a power cut later finds none of them cut short.
 */
export function clusterCertificates(settings: Settings, master: Master, after: readonly string[]): Step {
  return step<Observed>({
    id: 'cluster-certificates',
    title: "Make the cluster's certificates",
    after,
    probe: async host => {
      const [files, manifest] = await Promise.all([
        readKubeadmFiles(host, settings, master),
        host.stat(`${STATIC_PODS}/kube-apiserver.yaml`),
      ]);
      return { ...files, used: manifest !== undefined };
    },
    plan,
  });
}

function plan({ files, publicKey, used }: Observed): readonly Change[] {
  const lost = files.filter(file => file.root && file.state === 'broken');
  const [first] = lost;
  if (first !== undefined && used) throw new Failure(lostRoot(first));
  // With a root made anew, nothing that it had signed is of use.
  const spoilt =
    lost.length > 0
      ? files.filter(file => file.state !== 'absent' && !isIntactRoot(file))
      : files.filter(isBroken);
  const removed = spoilt.flatMap(file => file.paths).map((path): Change => ({ kind: 'remove', path }));
  const incomplete = removed.length > 0 || files.some(file => file.state === 'absent');
  return [
    ...removed,
    ...(publicKey === undefined || removed.some(change => 'path' in change && change.path === SA_PUBLIC)
      ? []
      : [writePublicKey(publicKey)]),
    ...(incomplete ? makeAll : []),
  ];
}

function isBroken(file: KubeadmFile): boolean {
  return file.state === 'broken';
}

function isIntactRoot(file: KubeadmFile): boolean {
  return file.root && file.state === 'good';
}

function writePublicKey(content: string): Change {
  return { kind: 'write', path: SA_PUBLIC, content, mode: 0o600 };
}

const makeAll: readonly Change[] = [
  phase('certs', 'Make the certificates of the control plane'),
  phase('kubeconfig', 'Make the kubeconfigs of the control plane'),
  {
    kind: 'run',
    title: 'Wait until they are on the disk',
    command: { file: 'sync', args: [] },
    timeoutMs: 120_000,
    undo: [],
  },
];

function phase(name: string, title: string): Change {
  return {
    kind: 'run',
    title,
    command: { file: 'kubeadm', args: ['init', 'phase', name, 'all', '--config', KUBEADM_CONFIG] },
    timeoutMs: 120_000,
    undo: [{ kind: 'cluster' }],
  };
}

function lostRoot(file: KubeadmFile): ConstructorParameters<typeof Failure>[0] {
  return {
    code: 'ca-unusable',
    message: `${file.paths.join(' and ')} cannot be used any more (${file.reason ?? 'broken'}), and a control plane was already begun with them.`,
    hint: 'Put both files back from a backup. Without one the cluster has to be made anew: `kubeadm reset`, then install again.',
  };
}
