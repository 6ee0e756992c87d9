import type { Role } from './role';

/** What a cluster that is not ours is called by: "a cluster that kubeadm made". */
function clusterText({ tool, kubeadm }: Role): string {
  return `a cluster that ${tool?.name ?? (kubeadm ? 'kubeadm' : 'another tool')} made, not this installer`;
}

/** What another tool has made of this host, with what shows it, for screens, checks and reset alike. */
export function otherText(role: Role): string {
  const [evidence] = role.evidence;
  const noun = role.kind === 'master' ? 'a master' : 'a node';
  return `${noun} of ${clusterText(role)}${evidence === undefined ? '' : ` (${evidence})`}`;
}

/** What can be done about a host that another tool has made something of. */
export function otherFix({ tool, beyond }: Pick<Role, 'tool' | 'beyond'>): string {
  if (tool !== undefined) return `${tool.remove} Or use another host.`;
  return beyond === undefined
    ? 'Take it down with `kube-el7-install reset`, which saves a verified snapshot of its etcd first and says what its departure costs; or use another host.'
    : 'Save its etcd (etcdctl snapshot save), take it down with the tool that made it, then look again; or use another host.';
}

/** Data of an etcd that nobody here is known to have started from a pod. */
export function strayText(strays: Role['strays']): string {
  return strays
    .map(({ directory, unit }) => `${directory}${unit === undefined ? '' : ` (${unit} of systemd)`}`)
    .join(', ');
}
