import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { perform } from './command';
import { outerGateway } from './instance';
import type { Instance } from './instance';

/**
 * What the machine outside must be set to, since hosts share its kernel: the first three are what the kubelet
 * sets or demands, the fourth what kube-proxy wants and cannot set in a namespace. A refusal that ICMP's rate
 * limit swallows would cost whoever asked seconds: a name that no DNS knows must fail at once, always.
 */
const kernelSettings: Readonly<Record<string, string>> = {
  'vm/overcommit_memory': '1',
  'kernel/panic': '10',
  'kernel/panic_on_oops': '1',
  'net/netfilter/nf_conntrack_max': '131072',
  'net/ipv4/ip_forward': '1',
  'net/ipv4/icmp_ratelimit': '0',
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

/** The preference of the rule that closes a bridge: after the machine's own addresses, before all routes. */
const closing = 1000;

async function isClosed(bridge: string): Promise<boolean> {
  const rules = await perform('ip', ['-4', 'rule', 'show', 'pref', String(closing)]);
  return rules.split('\n').some(rule => rule.split(/\s+/).includes(bridge));
}

/**
 * Makes the instance's bridges with the machine's addresses. What a host sends elsewhere than to the bridge's
 * network or to the machine is answered with "unreachable" at once: the lab is a closed network.
 */
export async function raiseBridges(instance: Instance): Promise<void> {
  await raiseBridge(instance.bridge, instance.gateway);
  await raiseBridge(instance.outerBridge, outerGateway(instance));
}

async function raiseBridge(bridge: string, address: string): Promise<void> {
  if (!hasInterface(bridge)) await perform('ip', ['link', 'add', bridge, 'type', 'bridge']);
  if (!(await isClosed(bridge))) {
    await perform('ip', ['-4', 'rule', 'add', 'pref', String(closing), 'iif', bridge, 'unreachable']);
  }
  await perform('ip', ['address', 'replace', `${address}/24`, 'dev', bridge]);
  await perform('ip', ['link', 'set', bridge, 'up']);
}

/** Removes the instance's bridges and their rules; true of all afterwards, whether they were there or not. */
export async function removeBridges({ bridge, outerBridge }: Instance): Promise<void> {
  for (const one of [bridge, outerBridge]) {
    await removeInterface(one);
    if (await isClosed(one)) {
      await perform('ip', ['-4', 'rule', 'delete', 'pref', String(closing), 'iif', one, 'unreachable']);
    }
  }
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

/** The two ends of a card. */
export interface Ends {
  readonly outside: string;
  readonly inside: string;
}

/** What the interfaces of a machine's cards are called: systemd-nspawn makes the first, with a name of its own inside. */
export function cardsOf(machine: string): { readonly own: string; readonly other: Ends } {
  return { own: `vb-${machine}`, other: { outside: `vo-${machine}`, inside: `vc-${machine}` } };
}

/** Takes an interface off its bridge: the host keeps its address and link, and nobody answers. */
export async function disconnect(name: string): Promise<void> {
  await perform('ip', ['link', 'set', name, 'nomaster']);
}

/** Puts an interface on a bridge again. */
export async function connect(name: string, bridge: string): Promise<void> {
  await perform('ip', ['link', 'set', name, 'master', bridge]);
}
