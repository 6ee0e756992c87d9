import { networkSize, networkText, overlap, parseNetwork, type Network } from './network';

/** Where a site's clusters have their networks: private addresses (RFC 1918), then those for carriers (RFC 6598) and for benchmarks (RFC 2544), which sites seldom use. */
const RANGES = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', '198.18.0.0/15'];

/** A network of that length, or of the next smaller one, that has no address in common with any that is taken; from the end of each range, for sites number from its beginning. */
export function freeNetwork(prefix: number, smallest: number, taken: readonly Network[]): string | undefined {
  for (let length = prefix; length <= smallest; length += 1) {
    for (const range of RANGES.map(parseNetwork)) {
      if (range === undefined || range.prefix > length) continue;
      const size = networkSize({ first: 0, prefix: length });
      for (let first = range.first + networkSize(range) - size; first >= range.first; first -= size) {
        const candidate = { first, prefix: length };
        const other = taken.find(one => overlap(one, candidate));
        if (other === undefined) return networkText(candidate);
        // What is taken is passed over as a whole.
        if (other.first < first) first -= Math.floor((first - other.first) / size) * size;
      }
    }
  }
  return undefined;
}
