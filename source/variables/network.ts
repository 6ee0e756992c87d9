/** An IPv4 network: its first address as a number, and its prefix length. */
export interface Network {
  readonly first: number;
  readonly prefix: number;
}

const OCTET = /^(0|[1-9]\d{0,2})$/;

/** The address as a number from 0 to 2^32-1; undefined where it is no IPv4 address (no leading zeros: some programs read them as octal). */
export function addressNumber(text: string): number | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  let value = 0;
  for (const part of parts) {
    if (!OCTET.test(part) || Number(part) > 255) return undefined;
    value = value * 256 + Number(part);
  }
  return value;
}

/** The dotted form of an address number. */
export function addressText(value: number): string {
  return [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255].join('.');
}

/** How many addresses a network has. */
export function networkSize(network: Network): number {
  return 2 ** (32 - network.prefix);
}

/** An `address/prefix`, not necessarily aligned; undefined where it is none. */
export function parseNetwork(text: string): Network | undefined {
  const slash = text.indexOf('/');
  const first = addressNumber(text.slice(0, slash));
  const prefix = text.slice(slash + 1);
  if (slash === -1 || first === undefined || !/^(0|[1-9]\d?)$/.test(prefix) || Number(prefix) > 32) {
    return undefined;
  }
  return { first, prefix: Number(prefix) };
}

/** The network that the address given with it lies in: 10.96.0.10/12 is in 10.96.0.0/12. */
export function aligned(network: Network): Network {
  const size = networkSize(network);
  return { first: Math.floor(network.first / size) * size, prefix: network.prefix };
}

/** "10.96.0.0/12" */
export function networkText(network: Network): string {
  return `${addressText(network.first)}/${network.prefix}`;
}

/** Whether an address lies in a network. */
export function contains(network: Network, address: number): boolean {
  return address >= network.first && address < network.first + networkSize(network);
}

/** Whether two networks have an address in common. */
export function overlap(one: Network, other: Network): boolean {
  return contains(one, other.first) || contains(other, one.first);
}
