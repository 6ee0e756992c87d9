import type { HostReader } from '../engine/host';
import type { Standing } from '../screens/state/menu-types';
import {
  ETCD_CLUSTER_MANIFEST,
  ETCD_INIT_HIDDEN,
  ETCD_INIT_MANIFEST,
  KUBEADM_CONFIG,
  PKI,
  STATE,
  STATIC_PODS,
} from '../steps/paths';

const APISERVER = `${STATIC_PODS}/kube-apiserver.yaml`;
/** Written by kubeadm on every node. */
const KUBELET = '/etc/kubernetes/kubelet.conf';
/** What an installation makes before its cluster is there. What `prepare` leaves is none of it: such a host is new. */
const BEGUN = [KUBEADM_CONFIG, `${PKI}/ca.crt`, ETCD_INIT_MANIFEST, ETCD_INIT_HIDDEN, ETCD_CLUSTER_MANIFEST];
/** Where runs leave what takes their changes back. */
const UNDO = `${STATE}/undo`;

/** What this host is already, by a few looks at its files: they cost next to nothing, for the first screen waits for them. */
export async function readStanding(host: HostReader, underWay: boolean): Promise<Standing> {
  const is = async (path: string) => (await host.stat(path)) !== undefined;
  const [apiserver, kubelet, begun, records] = await Promise.all([
    is(APISERVER),
    is(KUBELET),
    Promise.all(BEGUN.map(is)),
    host.list(UNDO),
  ]);
  const kind = apiserver ? 'master' : kubelet ? 'worker' : begun.includes(true) ? 'begun' : 'nothing';
  return { host: host.name, kind, underWay, undoable: (records ?? []).length > 0 };
}
