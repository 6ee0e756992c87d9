import { Failure } from '../engine/failure';
import type { HostReader } from '../engine/host';
import { listed } from '../engine/words';

/** A master as the others know it: the name of its node and etcd member, and the address that both listen on. */
export interface Master {
  readonly hostname: string;
  /** IPv4. */
  readonly address: string;
}

/** Their names as a sentence has them: "master1, master2 and master3". */
export function namesOf(masters: readonly Master[]): string {
  return listed(masters.map(({ hostname }) => hostname));
}

/** Asks a host for its name, and for the own address that this name resolves to; where it resolves to none, for the one that its default route leaves from. */
export async function findMaster(host: HostReader): Promise<Master> {
  const [named, owned] = await Promise.all([
    host.query({ file: 'hostname', args: [] }),
    host.query({ file: 'ip', args: ['-4', '-o', 'addr', 'show', 'scope', 'global'] }),
  ]);
  const hostname = named.stdout.trim().toLowerCase();
  const own = [...owned.stdout.matchAll(/\binet (\d+\.\d+\.\d+\.\d+)\//g)].map(match => match[1]);
  const [resolved, routed] = await Promise.all([
    host.query({ file: 'getent', args: ['ahostsv4', hostname] }),
    // 192.0.2.1 is reserved for documentation (RFC 5737): asking for its route sends nothing.
    host.query({ file: 'ip', args: ['-4', '-o', 'route', 'get', '192.0.2.1'] }),
  ]);
  const names = [...resolved.stdout.matchAll(/^(\S+)/gm)].map(match => match[1]);
  const source = /\bsrc (\S+)/.exec(routed.stdout)?.[1];
  const address = names.find(name => own.includes(name)) ?? source ?? own[0];
  if (hostname === '' || address === undefined) {
    throw new Failure({
      code: 'no-address',
      message: 'This host has no IPv4 address of its own that the cluster could use.',
      hint: 'Give an interface an address, and let the hostname resolve to it (in DNS or /etc/hosts).',
      seen: [named.stderr, owned.stderr, resolved.stderr, routed.stderr].filter(line => line !== ''),
    });
  }
  return { hostname, address };
}
