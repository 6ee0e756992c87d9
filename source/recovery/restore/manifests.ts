import type { HostReader } from '../../engine/host';
import { WAITING_KIND } from '../../kubernetes/etcd-manifests';
import { askingOwn, asksOthers } from '../../kubernetes/own-etcd';
import { ETCD_CLUSTER_MANIFEST, ETCD_INIT_HIDDEN, ETCD_INIT_MANIFEST, STATIC_PODS } from '../../steps/paths';

export const APISERVER_MANIFEST = `${STATIC_PODS}/kube-apiserver.yaml`;

/** The pods that hold what etcd had in their memory: they wait while etcd's data is changed under them. The apiserver comes first, and goes first. */
export const CONTROL_PLANE = [
  APISERVER_MANIFEST,
  `${STATIC_PODS}/kube-controller-manager.yaml`,
  `${STATIC_PODS}/kube-scheduler.yaml`,
] as const;

/** The two names that etcd's manifest may have, and the one that it is hidden under. While that is there, the program that makes masters leaves etcd alone (make-master.sh). */
export const ETCD_MANIFESTS = [ETCD_CLUSTER_MANIFEST, ETCD_INIT_MANIFEST] as const;
export const HIDDEN = ETCD_INIT_HIDDEN;

/** A manifest as the kubelet sees it: a pod that runs, something that it passes over, or nothing. */
export type Kind = 'pod' | 'waiting' | 'none';

export function kindOf(text: string | undefined): Kind {
  if (text === undefined || text.trim() === '') return 'none';
  return /^kind: Pod$/m.test(text) ? 'pod' : 'waiting';
}

/** The same pod, which the kubelet passes over: a changed file is left alone by the program that makes masters, a missing one is put back. */
export function waitingText(text: string): string {
  return text.replace(/^kind: Pod$/m, `kind: ${WAITING_KIND}`);
}

export function runningText(text: string): string {
  return text.replace(new RegExp(`^kind: ${WAITING_KIND}$`, 'm'), 'kind: Pod');
}

/**
 * This master's own manifest of the apiserver, which may go by the lost members too in a cluster that an earlier version made. Then it gets a first line
 * that no earlier one had: the program that makes masters writes over what it has written before, and what it is to write comes from the restored cluster.
 */
export function restoredManifest(text: string, attempt: string): string {
  if (!asksOthers(text)) return text;
  const rest = text.replace(/^# Restored by kube-el7-install.*\n/, '');
  return `# Restored by kube-el7-install, ${attempt}: no other master's etcd is asked.\n${askingOwn(rest)}`;
}

export async function textOf(host: HostReader, path: string): Promise<string | undefined> {
  return (await host.read(path))?.toString('utf8');
}

/** Where a hidden manifest of etcd belongs: its pod has the file's name. */
export function placeOf(hidden: string): string {
  return /^\s+name: etcd-init$/m.test(hidden) ? ETCD_INIT_MANIFEST : ETCD_CLUSTER_MANIFEST;
}
