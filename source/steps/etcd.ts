import { difference, observe, type Desired, type ObservedDesired } from '../changes/desired';
import type { Change } from '../engine/change';
import type { HostReader } from '../engine/host';
import { step, type Step } from '../engine/step';
import { etcdPod } from '../kubernetes/etcd-pod';
import { fromYaml, toYaml } from '../kubernetes/yaml';
import { fillTemplate } from '../templates';
import type { Settings } from '../variables/settings';
import { ETCD_HEALTHY, etcdRequest } from './access';
import { withEvidence } from './diagnosis';
import { cgroupDriver } from './kubeadm-config';
import type { Master } from '../variables/master';
import { ETCD_DATA, ETCD_INIT_MANIFEST, KUBELET_CONFIG, STATE, STATIC_PODS } from './paths';

const DROP_IN = '/etc/systemd/system/kubelet.service.d/20-kube-el7-install-etcd.conf';
const STANDALONE = `${STATE}/kubelet-etcd.yaml`;
const HEALTHY_TIMEOUT_MS = 4 * 60_000;

interface Observed {
  readonly found: ObservedDesired;
  readonly healthy: boolean;
  /** The kubelet's start without a cluster, as files. */
  readonly alone: readonly Desired[];
  readonly dropIn: boolean;
  /** kubeadm has given the kubelet a configuration, with which it runs static pods by itself. */
  readonly configured: boolean;
}

/** etcd's first member as a static pod, before there is a cluster: until kubeadm configures the kubelet, a drop-in starts it without one. */
export function etcd(settings: Settings, master: Master, after: readonly string[]): Step {
  const own = { name: master.hostname, address: master.address };
  const pod = etcdPod({ ...own, image: settings.images.etcd, initialCluster: [own], state: 'new' });
  const desired: readonly Desired[] = [
    { kind: 'directory', path: ETCD_DATA, mode: 0o700 },
    { kind: 'file', path: ETCD_INIT_MANIFEST, content: toYaml(pod), mode: 0o600 },
  ];
  return step<Observed>({
    id: 'etcd',
    title: 'Start etcd',
    after,
    probe: async host => {
      const [found, dropIn, driver, configured, health] = await Promise.all([
        observe(host, desired),
        host.stat(DROP_IN),
        cgroupDriver(host),
        isConfigured(host),
        host.request(etcdRequest('127.0.0.1', '/health')),
      ]);
      const healthy =
        'status' in health && health.status === 200 && new RegExp(ETCD_HEALTHY).test(health.body);
      return {
        found,
        healthy,
        alone: startAlone(settings, master, driver),
        dropIn: dropIn !== undefined,
        configured,
      };
    },
    plan: ({ found, healthy, alone, dropIn, configured }) => {
      const files = difference(desired, found);
      const leftover = dropIn ? removeDropIn : [];
      if (healthy && files.length === 0) return leftover;
      if (configured) {
        return [
          ...leftover,
          ...files,
          { kind: 'service', unit: 'kubelet.service', action: dropIn ? 'restart' : 'start' },
          awaitHealth,
        ];
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
    diagnose: (host, failure) => withEvidence(host, failure, ['etcd-init']),
  });
}

const awaitHealth: Change = {
  kind: 'await',
  condition: {
    kind: 'request',
    title: 'etcd is healthy',
    request: etcdRequest('127.0.0.1', '/health'),
    status: 200,
    matches: ETCD_HEALTHY,
  },
  timeoutMs: HEALTHY_TIMEOUT_MS,
};

/** The kubelet goes on as it was started until kubeadm starts it anew. */
const removeDropIn: readonly Change[] = [
  { kind: 'remove', path: DROP_IN },
  { kind: 'service', unit: 'kubelet.service', action: 'reload-units' },
];

async function isConfigured(host: HostReader): Promise<boolean> {
  const text = (await host.read(KUBELET_CONFIG))?.toString('utf8') ?? '';
  const [document] = fromYaml(text) ?? [];
  const kind = (document as { readonly kind?: unknown } | null | undefined)?.kind;
  // A power cut may leave the file empty: then the kubelet does not start with it.
  return kind === 'KubeletConfiguration';
}

/** As "Set up a High Availability etcd cluster with kubeadm" does it: no webhook, no anonymous access, reachable from the host alone. */
function startAlone(settings: Settings, master: Master, driver: string): readonly Desired[] {
  const configuration = {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    address: '127.0.0.1',
    authentication: { anonymous: { enabled: false }, webhook: { enabled: false } },
    authorization: { mode: 'AlwaysAllow' },
    cgroupDriver: driver,
    readOnlyPort: 0,
    staticPodPath: STATIC_PODS,
  };
  const dropIn = { config: STANDALONE, pause: settings.images.pause, hostname: master.hostname };
  return [
    { kind: 'file', path: STANDALONE, content: toYaml(configuration), mode: 0o600 },
    { kind: 'file', path: DROP_IN, content: fillTemplate('kubelet-etcd.conf', dropIn), mode: 0o644 },
  ];
}
