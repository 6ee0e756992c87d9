import type { CertificateSpec } from '../engine/change';

/** Where the product keeps what is its own on a host (0700). */
export const STATE = '/var/lib/kube-el7-install';
export const BOOTSTRAP_TOKEN = `${STATE}/bootstrap-token`;
/** The token that took the first one's place when it had expired. */
export const JOIN_TOKEN = `${STATE}/join-token`;
export const KUBEADM_CONFIG = `${STATE}/kubeadm-init.yaml`;
/** kubeadm's configuration without the token, on every one of several masters: what the cluster has recorded of itself. */
export const KEPT_KUBEADM_CONFIG = '/etc/kubernetes/kube-el7-install/kubeadm-init.yaml';
export const JOIN_WORKER = `${STATE}/join-worker`;
/** Where steps on another host, which is reached with ssh, read that file of the first master; nothing is there on any disk. */
export const FIRST_JOIN_WORKER = '/run/kube-el7-install/first-master/join-worker';
/** Manifests as they were applied. */
export const MANIFESTS = `${STATE}/manifests`;

/** What takes back each run, a record each: RUN.jsonl, former bytes of files in RUN/, and RUN.undone once that was done. */
export const UNDO = `${STATE}/undo`;
/** What is kept of a host that leaves its cluster, a directory for each time; 0700. */
export const KEPT = `${STATE}/kept`;

export const PKI = '/etc/kubernetes/pki';
export const ETCD_PKI = `${PKI}/etcd`;
export const STATIC_PODS = '/etc/kubernetes/manifests';
/** The pod that a member begins as. Never etcd.yaml: kubeadm takes that name for its own. */
export const ETCD_INIT_MANIFEST = `${STATIC_PODS}/etcd-init.yaml`;
/** Where it is put while the cluster pod takes its place: kubelets pass over names that begin with a dot. */
export const ETCD_INIT_HIDDEN = `${STATIC_PODS}/.etcd-init.yaml`;
/** The pod that takes its place once the cluster is whole; it waits as `kind: PodERROR`. */
export const ETCD_CLUSTER_MANIFEST = `${STATIC_PODS}/etcd-cluster.yaml`;
export const ETCD_DATA = '/var/lib/etcd';
/** etcd's number of the cluster that this host is a master of: data with another one are not this cluster's. */
export const ETCD_CLUSTER_ID = `${STATE}/etcd-cluster-id`;
/** etcd's own client program, taken out of its image. */
export const ETCDCTL = `${STATE}/bin/etcdctl`;
/** Snapshots of etcd, each with a .json that tells its revision and hash. */
export const SNAPSHOTS = `${STATE}/snapshots`;
/** What is made here for the other masters, a directory by hostname. */
export const MASTERS = `${STATE}/masters`;
export const KEEPALIVED_MANIFEST = `${STATIC_PODS}/keepalived.yaml`;
/** The same while the VIP is handed over: the kubelet passes over it. */
export const KEEPALIVED_HIDDEN = `${STATIC_PODS}/.keepalived.yaml`;
/** keepalived's configuration and the script that starts it; 0700. */
export const KEEPALIVED = '/etc/kubernetes/keepalived';
/** What VRRPv2's adverts are signed with; made once, the same on all masters. */
export const KEEPALIVED_PASSWORD = `${STATE}/keepalived-password`;
/** Written by kubeadm: from then on the kubelet has a configuration of its own. */
export const KUBELET_CONFIG = '/var/lib/kubelet/config.yaml';

export const ADMIN_KUBECONFIG = '/root/.kube/config';
export const HELM_HOME = '/root/.helm';

/** The two files of a pair. */
export type Pair = Pick<CertificateSpec, 'certPath' | 'keyPath'>;

function pair(base: string): Pair {
  return { certPath: `${base}.crt`, keyPath: `${base}.key` };
}

export const CLUSTER_CA = pair(`${PKI}/ca`);
export const ETCD_CA = pair(`${ETCD_PKI}/ca`);
/** What the installer itself, and anybody else who only looks, shows to etcd. */
export const ETCD_HEALTH_CHECK = pair(`${ETCD_PKI}/healthcheck-client`);
/** What the apiserver shows to etcd. */
export const ETCD_CLIENT = pair(`${PKI}/apiserver-etcd-client`);
/** The administrator's pair: in the kubeconfig of root, and what the installer shows to the apiserver. */
export const ADMINISTRATOR = pair(`${PKI}/administrator`);
export const TILLER_CA = pair(`${PKI}/tiller/ca`);
export const TILLER_SERVER = pair(`${PKI}/tiller/tiller`);
/** Where helm 2 looks for them (pkg/helm/helmpath). */
export const HELM_CLIENT: Pair = { certPath: `${HELM_HOME}/cert.pem`, keyPath: `${HELM_HOME}/key.pem` };
