import type { Check, Finding } from '../engine/check';
import type { HostReader } from '../engine/host';
import { ask, lines, readText } from '../steps/prepare/ask';
import { cardOf } from '../variables/master';
import { assignedTo, sourceTowards, type Own } from '../variables/own-address';
import type { Settings } from '../variables/settings';
import { fatal, ok, warning } from './finding';

/** A DNS-1123 subdomain, as the API wants a node's name to be; its label kubernetes.io/hostname holds 63 characters. */
const NODE_NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const LONGEST = 63;

/** The host's name becomes the node's and etcd's member's, and should lead to the address that the cluster knows this host by. */
export function hostname(settings: Settings): Check {
  return {
    id: 'hostname',
    title: 'Host name',
    run: async host => {
      const name = (await readText(host, '/proc/sys/kernel/hostname')).trim();
      const wrong = nameFault(name);
      if (wrong !== undefined) {
        return [
          fatal(
            `the host's name "${name}" ${wrong}`,
            'Give it a name of its own in lower case, as in: hostnamectl set-hostname master1',
          ),
        ];
      }
      const capitals = warning(
        `the host's name "${name}" has capital letters; the node will be called ${name.toLowerCase()}`,
        `hostnamectl set-hostname ${name.toLowerCase()}, if the two names would confuse anybody.`,
      );
      return [...(name === name.toLowerCase() ? [] : [capitals]), ...(await address(host, settings, name))];
    },
  };
}

function nameFault(name: string): string | undefined {
  if (/^localhost(\.|$)/i.test(name)) return "is every host's name, so it cannot name a node";
  if (name.length > LONGEST) {
    return `has ${name.length} characters, and the node's label kubernetes.io/hostname holds ${LONGEST}`;
  }
  return NODE_NAME.test(name.toLowerCase())
    ? undefined
    : 'is no name for a node: only a-z, 0-9, "-" and "." are';
}

/** Which of the host's addresses the cluster will know it by, and whether its name says the same. */
async function address(host: HostReader, settings: Settings, name: string): Promise<readonly Finding[]> {
  const card = await cardOf(host, settings);
  if (!('address' in card)) return [unknown(settings, card.candidates)];
  const { code, stdout } = await ask(host, 'getent', ['ahostsv4', name]);
  const found = [...new Set(lines(stdout).map(line => line.split(/\s+/)[0] ?? ''))];
  const entry = `Add the line "${card.address} ${name}" to /etc/hosts, or mend the DNS.`;
  if (code !== 0 || found.length === 0)
    return [fatal(`the host's name ${name} resolves to no address`, entry)];
  if (found.includes(card.address)) {
    return [ok(`${name} is ${card.address}, on ${card.device}`), ...(await elsewhere(host, settings, card))];
  }
  if (found.every(one => one.startsWith('127.'))) {
    return [
      warning(
        `${name} resolves only to ${found.join(', ')}, which other hosts cannot reach; ${card.address} on ${card.device} will be used`,
        entry,
      ),
    ];
  }
  const own = (await assignedTo(host)).map(one => one.address);
  if (found.some(one => own.includes(one))) {
    return [
      warning(
        `${name} resolves to ${found.join(', ')}, and the cluster will know this host by ${card.address} on ${card.device} (${card.from})`,
        entry,
      ),
    ];
  }
  return [fatal(`${name} resolves to ${found.join(', ')}, which is no address of this host`, entry)];
}

function unknown(
  { nodeSubnet }: Settings,
  candidates: readonly { readonly address: string; readonly device: string }[],
): Finding {
  const has = candidates.map(one => `${one.address} on ${one.device}`).join(', ');
  if (candidates.length === 0) {
    return fatal('this host has no IPv4 address that others could reach', 'Give an interface an address.');
  }
  return nodeSubnet === undefined
    ? fatal(
        `this host has several addresses (${has}), and nothing tells which of them the cluster is to use`,
        "Set NODE_SUBNET to the network of the cluster's hosts, or let the host's name resolve to the right address.",
      )
    : fatal(
        `no address of this host is in NODE_SUBNET ${nodeSubnet}: it has ${has}`,
        "Set NODE_SUBNET to the network of the cluster's hosts, which each of them has an address in.",
      );
}

/** Packets to the VIP and to the other masters that leave from another address than the one that they know this host by. */
async function elsewhere(host: HostReader, settings: Settings, card: Own): Promise<readonly Finding[]> {
  const { vip, others } = settings;
  const peers = [...(vip?.carrier === 'keepalived' ? vip.addresses : []), ...others.map(one => one.address)];
  for (const peer of peers) {
    const source = await sourceTowards(host, peer);
    if (source === undefined || source === card.address || source === peer) continue;
    return [
      warning(
        `packets to ${peer} leave from ${source}, and the cluster will know this host by ${card.address} on ${card.device} (${card.from})`,
        "If the cluster's hosts reach each other at the other address, set NODE_SUBNET to the network that it is in.",
      ),
    ];
  }
  return [];
}
