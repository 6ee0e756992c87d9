import type { Change } from '../engine/change';
import type { HostReader } from '../engine/host';
import { askApi, type Node } from '../kubernetes/api';
import { CRI_ANNOTATION } from '../kubernetes/join-configuration';
import { kubeadmConfig, TOKEN_PLACE } from '../kubernetes/kubeadm-config';
import type { Master } from '../variables/master';
import type { Settings } from '../variables/settings';
import { apiAccess } from './access';
import { cgroupDriver } from './kubeadm-config';
import { BOOTSTRAP_TOKEN, STATE } from './paths';

/** kubeadm's configuration for single phases on a finished cluster. */
export const PHASE_CONFIG = `${STATE}/kubeadm-phase.yaml`;
const TIMEOUT_MS = 5 * 60_000;

/** One phase of `kubeadm init` and no other. */
export function kubeadmPhase(title: string, words: readonly string[]): Change {
  return {
    kind: 'run',
    title,
    command: { file: 'kubeadm', args: ['init', 'phase', ...words, '--config', PHASE_CONFIG] },
    timeoutMs: TIMEOUT_MS,
  };
}

/**
 * The configuration that those phases read: the cluster's, but for what an operator may have changed on this node since. Its
 * runtime is the one that it names, and a taint that was taken away does not come back; a node that was made anew has neither.
 */
export async function phaseConfiguration(
  host: HostReader,
  settings: Settings,
  master: Master,
): Promise<Change> {
  const [driver, node] = await Promise.all([
    cgroupDriver(host),
    askApi(host, apiAccess(master), `/api/v1/nodes/${master.hostname}`),
  ]);
  const { annotations } = node.kind === 'found' ? (node.body as Node).metadata : {};
  const criSocket = annotations?.[CRI_ANNOTATION];
  const registered = criSocket === undefined ? {} : { registered: { criSocket, taints: [] } };
  const template = kubeadmConfig(settings, { ...master, cgroupDriver: driver, ...registered });
  const files = { [TOKEN_PLACE]: { path: BOOTSTRAP_TOKEN, encoding: 'text', secret: true } } as const;
  return { kind: 'write', path: PHASE_CONFIG, content: { template, files }, mode: 0o600 };
}
