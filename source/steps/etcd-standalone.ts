import type { Desired } from '../changes/desired';
import type { Change } from '../engine/change';
import { toYaml } from '../kubernetes/yaml';
import { fillTemplate } from '../templates';
import type { Master } from '../variables/master';
import type { Settings } from '../variables/settings';
import { STATE, STATIC_PODS } from './paths';

/** Starts the kubelet without a cluster; it is there only until kubeadm gives the kubelet a configuration. */
export const DROP_IN = '/etc/systemd/system/kubelet.service.d/20-kube-el7-install-etcd.conf';
/** Its configuration without one. */
export const STANDALONE = `${STATE}/kubelet-etcd.yaml`;

/** The kubelet goes on as it was started until kubeadm starts it anew. */
export const removeDropIn: readonly Change[] = [
  { kind: 'remove', path: DROP_IN },
  { kind: 'service', unit: 'kubelet.service', action: 'reload-units' },
];

/** The files of that start, as "Set up a High Availability etcd cluster with kubeadm" does it: no webhook, no anonymous access, reachable from the host alone. */
export function kubeletAlone(settings: Settings, master: Master, driver: string): readonly Desired[] {
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
  const dropIn = { config: STANDALONE, pause: settings.images.pause, ...master };
  return [
    { kind: 'file', path: STANDALONE, content: toYaml(configuration), mode: 0o600 },
    { kind: 'file', path: DROP_IN, content: fillTemplate('kubelet-etcd.conf', dropIn), mode: 0o644 },
  ];
}
