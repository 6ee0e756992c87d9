import type { Check, Finding } from '../engine/check';
import type { HostReader } from '../engine/host';
import { ask, lines, readText } from '../steps/prepare/ask';
import { fatal, ok, warning } from './finding';

/** A DNS-1123 subdomain, as the API wants a node's name to be; its label kubernetes.io/hostname holds 63 characters. */
const NODE_NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const LONGEST = 63;

/** The host's name becomes the node's and etcd's member's, and must lead to an address of this host. */
export const hostname: Check = {
  id: 'hostname',
  title: 'Host name',
  run: async host => {
    const name = (await readText(host, '/proc/sys/kernel/hostname')).trim();
    const address = await mainAddress(host);
    const wrong = nameFault(name);
    if (wrong !== undefined) {
      return [
        fatal(
          `the host's name "${name}" ${wrong}`,
          'hostnamectl set-hostname NAME, with a name of its own in lower case.',
        ),
      ];
    }
    const capitals = warning(
      `the host's name "${name}" has capital letters; the node will be called ${name.toLowerCase()}`,
      `hostnamectl set-hostname ${name.toLowerCase()}, if the two names would confuse anybody.`,
    );
    return [...(name === name.toLowerCase() ? [] : [capitals]), await resolution(host, name, address)];
  },
};

function nameFault(name: string): string | undefined {
  if (/^localhost(\.|$)/i.test(name)) return "is every host's name, so it cannot name a node";
  if (name.length > LONGEST) return `has more than ${LONGEST} characters, which a node's label cannot hold`;
  return NODE_NAME.test(name.toLowerCase())
    ? undefined
    : 'is no name for a node: only a-z, 0-9, "-" and "." are';
}

async function resolution(host: HostReader, name: string, address: string): Promise<Finding> {
  const entry = `Add the line "${address} ${name}" to /etc/hosts, or mend the DNS.`;
  const { code, stdout } = await ask(host, 'getent', ['ahostsv4', name]);
  const found = [...new Set(lines(stdout).map(line => line.split(/\s+/)[0] ?? ''))];
  if (code !== 0 || found.length === 0) return fatal(`the host's name ${name} resolves to no address`, entry);
  const own = [
    ...(await ask(host, 'ip', ['-4', '-o', 'address', 'show'])).stdout.matchAll(/\binet ([\d.]+)/g),
  ]
    .map(([, one]) => one)
    .filter(one => one !== undefined);
  const usable = found.filter(one => own.includes(one) && !one.startsWith('127.'));
  if (usable.length > 0) return ok(`${name} is ${usable.join(', ')}`);
  if (found.every(one => one.startsWith('127.'))) {
    return warning(
      `${name} resolves only to ${found.join(', ')}, which other hosts cannot reach; ${address} will be used`,
      entry,
    );
  }
  return fatal(`${name} resolves to ${found.join(', ')}, which is no address of this host`, entry);
}

/** The address that the host uses towards others: its default route's source. 192.0.2.1 is reserved for documentation (RFC 5737); nothing is sent. */
async function mainAddress(host: HostReader): Promise<string> {
  const { stdout } = await ask(host, 'ip', ['-4', '-o', 'route', 'get', '192.0.2.1']);
  return (/\bsrc ([\d.]+)/.exec(stdout) ?? [])[1] ?? 'ADDRESS';
}
