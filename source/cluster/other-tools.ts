import type { HostReader } from '../engine/host';

/** A tool that makes clusters in its own way, which this product does not take apart. */
export interface OtherTool {
  readonly name: string;
  /** What of it was found. */
  readonly found: string;
  /** It keeps the cluster's data, or may do so. */
  readonly server: boolean;
  /** How it is taken away, as its own documentation says. */
  readonly remove: string;
}

interface Mark {
  readonly name: string;
  readonly remove: string;
  /** What only a host has that keeps the cluster's data. */
  readonly server: readonly string[];
  readonly agent?: readonly string[];
}

/** By what each leaves on a host; a folder that an uninstallation leaves empty is none of it. */
const MARKS: readonly Mark[] = [
  {
    // k3s-io/k3s install.sh and pkg/daemons/config: data below server/db, units k3s and k3s-agent.
    name: 'k3s',
    server: ['/var/lib/rancher/k3s/server/db', '/etc/systemd/system/k3s.service'],
    agent: ['/var/lib/rancher/k3s/agent', '/etc/systemd/system/k3s-agent.service'],
    remove:
      'Save its data (k3s etcd-snapshot save, or server/db of SQLite), then run k3s-uninstall.sh, on an agent k3s-agent-uninstall.sh.',
  },
  {
    // rancher/rke2 bundle/bin/rke2-uninstall.sh.
    name: 'RKE2',
    server: ['/var/lib/rancher/rke2/server/db'],
    agent: ['/var/lib/rancher/rke2/agent'],
    remove: 'Save its data (rke2 etcd-snapshot save), then run rke2-uninstall.sh.',
  },
  {
    // rancher/rke pki/constants.go: its certificates; services/etcd.go: etcd is a container of docker, its data in /var/lib/etcd.
    name: 'RKE',
    server: ['/etc/kubernetes/ssl/kube-etcd-ca.pem', '/opt/rke/etcd-snapshots'],
    agent: ['/etc/kubernetes/ssl/kube-ca.pem', '/opt/rke'],
    remove:
      'Save its data (rke etcd snapshot-save), then take the host out of cluster.yml and run rke up, or rke remove for all of it.',
  },
  {
    // k0sproject/k0s pkg/constant: /var/lib/k0s, etcd's data in etcd, SQLite's in db.
    name: 'k0s',
    server: ['/var/lib/k0s/etcd', '/var/lib/k0s/db', '/etc/systemd/system/k0scontroller.service'],
    agent: ['/var/lib/k0s/kubelet', '/etc/systemd/system/k0sworker.service'],
    remove: 'Save its data (k0s backup), then run k0s stop and k0s reset.',
  },
  {
    // openshift/openshift-ansible (release-3.11): static pods are in /etc/origin/node/pods.
    name: 'OpenShift 3',
    server: ['/etc/origin/master'],
    agent: ['/etc/origin/node'],
    remove:
      'Save its data, then run its uninstallation (playbooks/adhoc/uninstall.yml of openshift-ansible).',
  },
  {
    // openshift/cluster-etcd-operator: pods below static-pod-resources; machine-config-operator: /etc/machine-config-daemon.
    name: 'OpenShift 4',
    server: ['/etc/kubernetes/static-pod-resources'],
    agent: ['/etc/machine-config-daemon'],
    remove: 'Take the host out of that cluster as its documentation says.',
  },
  {
    // kubernetes-sigs/kubespray roles/etcd/templates/etcd.env.j2: etcd is a unit of systemd with this environment.
    name: 'Kubespray',
    server: ['/etc/etcd.env'],
    remove: 'Save its data, then run its remove-node.yml, or reset.yml for all of it.',
  },
  {
    name: 'MicroK8s',
    server: ['/var/snap/microk8s'],
    remove: 'Save its data (microk8s dbctl backup), then run microk8s leave and snap remove microk8s.',
  },
  {
    // kubernetes/minikube pkg/minikube/vmpath: its driver "none" works on the host itself.
    name: 'minikube',
    server: ['/var/lib/minikube'],
    remove: 'Run minikube delete.',
  },
];

/** The first tool whose marks are here. A few looks at names, and no program. */
export async function readOtherTool(host: HostReader): Promise<OtherTool | undefined> {
  const found = await Promise.all(
    MARKS.map(async ({ name, remove, server, agent = [] }) => {
      const [ofServer, ofAgent] = await Promise.all([firstOf(host, server), firstOf(host, agent)]);
      const mark = ofServer ?? ofAgent;
      return mark === undefined ? [] : [{ name, remove, found: mark, server: ofServer !== undefined }];
    }),
  );
  return found.flat()[0];
}

/** A folder counts only with something in it. */
async function firstOf(host: HostReader, paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) {
    const stat = await host.stat(path);
    if (stat === undefined) continue;
    if (stat.kind !== 'directory' || ((await host.list(path)) ?? []).length > 0) return path;
  }
  return undefined;
}
