import type { HostReader } from '../engine/host';
import { JOIN_WORKER, KEPT_KUBEADM_CONFIG, KUBEADM_CONFIG } from '../steps/paths';
import { readText } from '../steps/prepare/ask';

/** The cluster that an earlier run began on a host. */
export interface Begun {
  /** Whether kubeadm has made it: from then on it stays as it was told. */
  readonly finished: boolean;
  /** The VIP that it was told. */
  readonly endpoint: string | undefined;
  /** The masters that it was told, by their addresses as etcd's members; [] where that cannot be read. */
  readonly members: readonly string[];
}

/** What was begun on this host, by kubeadm's configuration; undefined where nothing was. */
export async function begunHere(host: HostReader): Promise<Begun | undefined> {
  const finished = (await host.stat(JOIN_WORKER)) !== undefined;
  if (!finished && (await host.stat(KUBEADM_CONFIG)) === undefined) return undefined;
  // The one that all masters keep follows the cluster when a master moves.
  const text = (await readText(host, KEPT_KUBEADM_CONFIG)) || (await readText(host, KUBEADM_CONFIG));
  const [, named] = /^controlPlaneEndpoint: *["']?([^"'\s]+)/m.exec(text) ?? [];
  const members = [...text.matchAll(/\bhttps:\/\/([\d.]+):2379\b/g)].map(([, address = '']) => address);
  return { finished, endpoint: named?.replace(/:\d+$/, ''), members };
}
