/**
 * The member that each apiserver asks: the one beside it, as in a stacked cluster of kubeadm's own (cmd/kubeadm/app/phases/controlplane,
 * manifests.go). kubeadm takes any URL with https, and asks it for its version before it begins (validation.go, preflight/checks.go).
 */
export const OWN_ETCD = 'https://127.0.0.1:2379';

const SERVERS = /^(\s*- --etcd-servers=)(.*)$/m;

/** Whether an apiserver by this manifest asks other members, as all did in clusters that an earlier version made. */
export function asksOthers(manifest: string): boolean {
  const servers = SERVERS.exec(manifest)?.[2];
  return servers !== undefined && servers !== OWN_ETCD;
}

/** An apiserver's manifest that asks the member beside it and no other one. */
export function askingOwn(manifest: string): string {
  return manifest.replace(SERVERS, `$1${OWN_ETCD}`);
}
