import { isIPv6 } from 'node:net';
import type { Names } from './x509';

/** Whether a name in a certificate, which may begin with "*.", is that of a host (Go's x509 matchHostnames). */
export function hostNameFits(pattern: string, host: string): boolean {
  const asked = host.toLowerCase().replace(/\.$/, '').split('.');
  const given = pattern.toLowerCase().replace(/\.$/, '').split('.');
  if (pattern === '' || host === '' || asked.length !== given.length) return false;
  return given.every((label, at) => (at === 0 && label === '*') || label === asked[at]);
}

/** 4 or 16 bytes, as certificates have them. */
export function addressBytes(address: string): Buffer {
  if (!isIPv6(address)) return Buffer.from(address.split('.').map(Number));
  // URL knows every way to write one, also with an IPv4 address at its end.
  const [head = '', tail] = new URL(`http://[${address}]/`).hostname.slice(1, -1).split('::');
  const groups = (part: string) => (part === '' ? [] : part.split(':'));
  const first = groups(head);
  const last = groups(tail ?? '');
  const zeros = Array.from({ length: 8 - first.length - last.length }, () => '0');
  return Buffer.from([...first, ...zeros, ...last].map(group => group.padStart(4, '0')).join(''), 'hex');
}

/** The names as a person reads them, '' where there are none. */
export function shownNames(names: Names | undefined): string {
  const addresses = (names?.addresses ?? []).map(bytes =>
    bytes.length === 4 ? [...bytes].join('.') : (bytes.toString('hex').match(/.{4}/g) ?? []).join(':'),
  );
  return [...(names?.dns ?? []), ...addresses].join(', ');
}

/** Whether all names are within what a CA is allowed to sign (RFC 5280, 4.2.1.10; Go's checkNameConstraints). A certificate with a common name alone is in no constraint. */
export function inConstraints(
  names: Names | undefined,
  { permitted, excluded }: { readonly permitted: Names; readonly excluded: Names },
): boolean {
  if (names === undefined) return false;
  const within = <Name>(
    name: Name,
    allowed: readonly Name[],
    refused: readonly Name[],
    covers: (name: Name, range: Name) => boolean,
  ): boolean =>
    !refused.some(range => covers(name, range)) &&
    (allowed.length === 0 || allowed.some(range => covers(name, range)));
  return (
    names.dns.every(name => within(name, permitted.dns, excluded.dns, coversName)) &&
    names.addresses.every(one => within(one, permitted.addresses, excluded.addresses, coversAddress))
  );
}

/** "example.com" covers itself and what is below it, ".example.com" only the latter. */
function coversName(name: string, range: string): boolean {
  const asked = name.toLowerCase();
  const domain = range.toLowerCase().replace(/^\./, '');
  return domain === '' || asked.endsWith(`.${domain}`) || (asked === domain && !range.startsWith('.'));
}

/** A range is an address and its mask, one after the other. */
function coversAddress(address: Buffer, range: Buffer): boolean {
  const { length } = address;
  if (range.length !== length * 2) return false;
  return address.every((byte, at) => (byte & (range[length + at] ?? 0)) === (range[at] ?? 0));
}
