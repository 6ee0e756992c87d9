import type { HostReader } from '../engine/host';
import { BOOTSTRAP_TOKEN, ETCD_CLUSTER_MANIFEST, ETCD_INIT_MANIFEST, KUBEADM_CONFIG } from '../steps/paths';

/** Whether an earlier run of this installer, here or on the first master, began to make a master of this host: what it left must not keep the next one from going on. */
export async function isOurMaster(host: HostReader): Promise<boolean> {
  for (const path of [ETCD_INIT_MANIFEST, ETCD_CLUSTER_MANIFEST, KUBEADM_CONFIG, BOOTSTRAP_TOKEN]) {
    if ((await host.stat(path)) !== undefined) return true;
  }
  return false;
}
