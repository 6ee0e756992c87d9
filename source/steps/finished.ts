import type { HostReader } from '../engine/host';
import { JOIN_WORKER, KEPT_KUBEADM_CONFIG } from './paths';

/**
 * Whether a cluster was finished on this host: the join command is written once kubeadm is through, and the record that
 * every one of several masters keeps is stored at the very end. From then on nothing that the cluster has is written over.
 */
export async function isFinished(host: HostReader): Promise<boolean> {
  const found = await Promise.all([JOIN_WORKER, KEPT_KUBEADM_CONFIG].map(path => host.stat(path)));
  return found.some(stat => stat !== undefined);
}
