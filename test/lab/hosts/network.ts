import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { perform } from './command.js';
import type { Instance } from './instance.js';

/**
 * What the machine outside must be set to, since hosts share its kernel: the first three are what the kubelet
 * sets or demands, the fourth what kube-proxy wants and cannot set in a namespace, the rest routes between hosts.
 */
const kernelSettings: Readonly<Record<string, string>> = {
  'vm/overcommit_memory': '1',
  'kernel/panic': '10',
  'kernel/panic_on_oops': '1',
  'net/netfilter/nf_conntrack_max': '131072',
  'net/ipv4/ip_forward': '1',
  'fs/inotify/max_user_instances': '8192',
};

/** Sets the kernel settings that hosts rely on and cannot set themselves. */
export function setKernel(): void {
  for (const [name, value] of Object.entries(kernelSettings)) {
    const path = `/proc/sys/${name}`;
    if (existsSync(path) && readFileSync(path, 'utf8').trim() !== value) writeFileSync(path, value);
  }
}

/** Whether a network interface of that name exists outside the hosts. */
export function hasInterface(name: string): boolean {
  return existsSync(`/sys/class/net/${name}`);
}

/** Makes the instance's bridge with its outer address; nothing is routed or translated to another network. */
export async function raiseBridge({ bridge, gateway }: Instance): Promise<void> {
  if (!hasInterface(bridge)) await perform('ip', ['link', 'add', bridge, 'type', 'bridge']);
  await perform('ip', ['address', 'replace', `${gateway}/24`, 'dev', bridge]);
  await perform('ip', ['link', 'set', bridge, 'up']);
}

/** Removes an interface if it is there; one that goes by itself meanwhile (a host's, with the host) is no error. */
export async function removeInterface(name: string): Promise<void> {
  if (!hasInterface(name)) return;
  try {
    await perform('ip', ['link', 'delete', name]);
  } catch (problem) {
    if (hasInterface(name)) throw problem;
  }
}

/** Takes an interface off its bridge: the host keeps its address and link, and nobody answers. */
export async function disconnect(name: string): Promise<void> {
  await perform('ip', ['link', 'set', name, 'nomaster']);
}

/** Puts an interface on a bridge again. */
export async function connect(name: string, bridge: string): Promise<void> {
  await perform('ip', ['link', 'set', name, 'master', bridge]);
}
