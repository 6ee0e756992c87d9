import { Failure } from '../engine/failure';
import type { HostReader } from '../engine/host';
import { listed } from '../engine/words';
import { ownAddress, type Assigned, type Clues, type Own } from './own-address';
import type { Settings } from './settings';

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

/** What the settings tell of a host's own address. */
export function cluesOf({ own, others, vip, nodeSubnet }: Settings): Clues {
  return {
    ...(nodeSubnet === undefined ? {} : { subnet: nodeSubnet }),
    masters: [...(own === undefined ? [] : [own]), ...others].map(({ address }) => address),
    vip: vip?.addresses ?? [],
  };
}

/** The host that the installer runs on, as the settings have it, or as it is found. */
export function masterHere(host: HostReader, settings: Settings): Promise<Master> {
  return settings.own === undefined ? findMaster(host, cluesOf(settings)) : Promise.resolve(settings.own);
}

/** Which of a host's addresses the cluster knows it by, and the interface that has it; also of a host that is only prepared. */
export async function cardOf(
  host: HostReader,
  settings: Settings,
): Promise<Own | { readonly candidates: readonly Assigned[] }> {
  const { stdout } = await host.query({ file: 'hostname', args: [] });
  return ownAddress(host, stdout.trim().toLowerCase(), cluesOf(settings));
}

/** Asks a host for its name, and which of its addresses the cluster knows it by. */
export async function findMaster(host: HostReader, clues: Clues = {}): Promise<Master> {
  const named = await host.query({ file: 'hostname', args: [] });
  const hostname = named.stdout.trim().toLowerCase();
  const own = await ownAddress(host, hostname, clues);
  if (hostname !== '' && 'address' in own) return { hostname, address: own.address };
  const has =
    'address' in own ? [own.address] : own.candidates.map(({ device, address }) => `${address} on ${device}`);
  const message =
    hostname === ''
      ? 'This host has no name.'
      : clues.subnet !== undefined && has.length > 0
        ? `This host has no address in NODE_SUBNET ${clues.subnet}. It has ${listed(has)}.`
        : has.length > 0
          ? `This host has several addresses, and nothing tells which of them the cluster is to use: ${listed(has)}.`
          : 'This host has no IPv4 address of its own that the cluster could use.';
  throw new Failure({
    code: 'no-address',
    message,
    hint:
      has.length > 0
        ? `Set NODE_SUBNET in the variables file to the network of the cluster's hosts, or let the name ${hostname} resolve to the right address (in DNS or /etc/hosts).`
        : 'Give an interface an address, and let the hostname resolve to it (in DNS or /etc/hosts).',
    seen: named.stderr === '' ? [] : [named.stderr],
  });
}
