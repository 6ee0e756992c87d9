import type { Master } from '../variables/master';
import type { Settings } from '../variables/settings';

const PORT = 6443;

/** The cluster's masters in their order: the one that the installer runs on, then the others. */
export function allMasters(settings: Settings, master: Master): readonly Master[] {
  return [master, ...settings.others];
}

/** The host and port that clients, nodes and joins name: the VIP where there is one, else the only master. */
export function endpointHost(settings: Settings, master: Master): string {
  return `${settings.vip?.endpoint ?? master.address}:${PORT}`;
}

/** The same as kubeconfigs have it: "https://10.0.0.100:6443". */
export function apiEndpoint(settings: Settings, master: Master): string {
  return `https://${endpointHost(settings, master)}`;
}

/** One apiserver's own address: what a master's own controllers talk to where the version says so. */
export function localEndpoint(master: Master): string {
  return `https://${master.address}:${PORT}`;
}

/**
 * What the certificate of every apiserver names beside what kubeadm adds: each master by name and address, the VIP, the host itself.
 * Which masters a cluster was made with is read from it again: each name stands before its address (recordedMasters in cluster/configuration.ts).
 * The addresses of a load balancer's name are its own affair and change, so they are left out.
 */
export function certSans(settings: Settings, master: Master): readonly string[] {
  const { vip } = settings;
  const addresses = vip?.carrier === 'keepalived' ? vip.addresses : [];
  const virtual = vip === undefined ? [] : [vip.endpoint, ...addresses];
  const masters = allMasters(settings, master).flatMap(({ hostname, address }) => [hostname, address]);
  return [...new Set([...masters, ...virtual, 'localhost', '127.0.0.1'])];
}
