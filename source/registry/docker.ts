import type { ServerTrust } from '../engine/host';
import type { Proxies } from './proxy';

/** The docker that will pull, as far as it is known. */
export interface Docker {
  /** "20.10.24" */
  readonly version?: string | undefined;
  /** Minor release of the Go that it was built with: 19. */
  readonly go?: number | undefined;
  /** URLs that are asked before docker.io is. */
  readonly mirrors: readonly string[];
  /** Registries by host[:port] that it does not verify. */
  readonly insecure: readonly string[];
  readonly proxies?: Proxies | undefined;
}

/** What this docker can and cannot do; of one that is not known, what newer ones do. */
export interface Abilities {
  /** "docker 1.13.1" */
  readonly name: string;
  /** Pulls OCI manifests and indexes: from 19.03 on (moby distribution/pull_v2.go has ocischema there and not in 18.09). */
  readonly oci: boolean;
  /** Pulls schema 1: not from 26.0 on (moby DeprecatedSchema1ImageError). */
  readonly schema1: boolean;
  /** Wants the media type in a manifest itself as well: from 19.03 on (docker/distribution schema2 init). */
  readonly typed: boolean;
  /** Asks with HEAD for a tag's digest, and then for that: from 20.10 on (moby pullV2Tag, docker/distribution tags.Get). */
  readonly byDigest: boolean;
  /** Minor release of its Go. */
  readonly go: number;
  readonly rules: Omit<Exclude<ServerTrust, 'anyone'>, 'files'>;
}

/** Where releases of docker begin to be built with another Go (moby Dockerfile, GO_VERSION). */
const GO: readonly (readonly [string, number])[] = [
  ['26.0.0', 21],
  ['20.10.24', 19],
  ['20.10.18', 18],
  ['20.10.8', 16],
  ['0', 13],
];

export function abilities({ version, go }: Docker): Abilities {
  const from = (other: string): boolean => version === undefined || atLeast(version, other);
  const builtWith = go ?? GO.find(([release]) => from(release))?.[1] ?? 13;
  return {
    name: version === undefined ? 'docker' : `docker ${version}`,
    oci: from('19.03.0'),
    schema1: version === undefined || !atLeast(version, '26.0.0'),
    typed: version !== undefined && atLeast(version, '19.03.0'),
    byDigest: version !== undefined && atLeast(version, '20.10.0'),
    go: builtWith,
    rules: { commonName: builtWith < 15, sha1: builtWith < 18, tls12: from('18.09.0') },
  };
}

/** Versions as docker's packages have them: "1.13.1", "18.06.3-ce", "20.10.24+dfsg1". */
function atLeast(version: string, other: string): boolean {
  const [left, right] = [version, other].map(text =>
    text
      .split(/[.+~-]/)
      .slice(0, 3)
      .map(Number),
  );
  for (let at = 0; at < 3; at += 1) {
    const difference = (left?.[at] ?? 0) - (right?.[at] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}
