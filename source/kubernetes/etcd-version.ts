import type { Settings } from '../variables/settings';

/** A released etcd. */
type Version = readonly [major: number, minor: number, patch: number];

/** What differs between versions of etcd and that is asked for; steps never compare versions. */
export interface EtcdFacts {
  /** A member can be without a vote until it has caught up: from 3.4. */
  readonly learners: boolean;
  /** --pre-vote: from 3.4; the default from 3.5. */
  readonly preVote: boolean;
  /** --experimental-initial-corrupt-check asks the other members over TLS: from 3.4.4 (etcd#11621). The flag is gone in 3.7. */
  readonly corruptCheck: boolean;
  /** It refuses a record of its log of 10 MiB or more: 3.5 does not any more (wal/decoder.go). */
  readonly limitsRecords: boolean;
  /** Where its JSON gateway is: under /v3beta before 3.4. */
  readonly gateway: 'v3' | 'v3beta';
  /** What is known to be wrong with it, and the first version where it is not. */
  readonly fault?: EtcdFault;
}

/** A fault that lets members, or a member after a crash, have other data than was acknowledged. */
export interface EtcdFault {
  /** "3.5.0 to 3.5.2" */
  readonly versions: string;
  /** What can happen, as the end of a sentence. */
  readonly what: string;
  /** The first version without any of these faults: "3.5.6". */
  readonly fixedIn: string;
}

/** By etcd's CHANGELOG-3.5.md (pull requests 13908, 14424, 14733); worst first. Kubernetes uses 3.5.6 in the last patches of 1.22 and 1.23 (kubernetes#114108). */
const FAULTS: readonly (EtcdFault & { readonly from: Version; readonly to: Version })[] = [
  {
    from: [3, 5, 0],
    to: [3, 5, 2],
    versions: '3.5.0 to 3.5.2',
    what: 'members come to differ without a word when one is killed while there are many writes (etcd#13766, #13514)',
    fixedIn: '3.5.6',
  },
  {
    from: [3, 5, 3],
    to: [3, 5, 4],
    versions: '3.5.3 and 3.5.4',
    what: 'a single member can lose acknowledged writes in a crash (etcd#14370)',
    fixedIn: '3.5.6',
  },
  {
    from: [3, 5, 5],
    to: [3, 5, 5],
    versions: '3.5.5',
    what: 'members come to differ when one crashes while it is defragmented (etcd#14685)',
    fixedIn: '3.5.6',
  },
];

/** What the etcd of these settings can do. The image's tag tells, and Kubernetes' own etcd where the tag is no version. */
export function etcdFacts({ images, facts }: Pick<Settings, 'images' | 'facts'>): EtcdFacts {
  const version = versionOf(images.etcd) ?? versionOf(`:${facts.tags.etcd}`) ?? [3, 4, 13];
  const fault = faultIn(images.etcd);
  return {
    learners: isAtLeast(version, [3, 4, 0]),
    preVote: isAtLeast(version, [3, 4, 0]),
    corruptCheck: isAtLeast(version, [3, 4, 4]) && !isAtLeast(version, [3, 7, 0]),
    limitsRecords: !isAtLeast(version, [3, 5, 0]),
    gateway: isAtLeast(version, [3, 4, 0]) ? 'v3' : 'v3beta',
    ...(fault === undefined ? {} : { fault }),
  };
}

/** What is known to be wrong with the etcd of an image, by its tag; undefined where nothing is, or where the tag is no version. */
export function faultIn(image: string): EtcdFault | undefined {
  const version = versionOf(image);
  return version && FAULTS.find(({ from, to }) => isAtLeast(version, from) && isAtLeast(to, version));
}

function versionOf(image: string): Version | undefined {
  const match = /:v?(\d+)\.(\d+)(?:\.(\d+))?/.exec(image.slice(image.lastIndexOf('/') + 1));
  return match === null ? undefined : [Number(match[1]), Number(match[2]), Number(match[3] ?? 0)];
}

function isAtLeast(version: Version, least: Version): boolean {
  const [major, minor, patch] = version;
  if (major !== least[0]) return major > least[0];
  return minor === least[1] ? patch >= least[2] : minor > least[1];
}
