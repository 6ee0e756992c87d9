import type { HostReader } from '../engine/host';
import { quorumOf } from '../kubernetes/etcd-cluster';
import { reasonIn } from '../engine/answer';
import { etcdctlCommand } from '../steps/access';
import type { Master } from '../variables/master';
import type { Settings } from '../variables/settings';
import { etcdctlOnline } from './restore/program';

/** A hash of all keys of a large database takes a while. */
const TIMEOUT_MS = 2 * 60_000;

/** What one member answers. */
export interface MemberHash {
  readonly name: string;
  readonly hash: number;
  readonly revision: number;
  /** From where on it is a hash: members can be compared only where that is the same. */
  readonly compacted: number;
}

/** What comparing members' data has come to. */
export interface Comparison {
  /** Members with the same data, the most first. */
  readonly groups: readonly (readonly string[])[];
  /** The revision that they were compared at. */
  readonly revision?: number;
  /** Who did not answer, or could not be compared, and why. */
  readonly silent: readonly { readonly name: string; readonly reason: string }[];
}

/**
 * Compares the data of members by `etcdctl endpoint hashkv`, which etcd answers under CORRUPT as well: at their newest
 * revision, and where those differ at the newest one that all have. Reads only.
 */
export async function compareHashes(
  host: HostReader,
  settings: Settings,
  masters: readonly Master[],
): Promise<Comparison> {
  const newest = await askAll(host, settings, masters);
  const revision = Math.min(...newest.flatMap(one => ('hash' in one ? [one.revision] : [])));
  const same = newest.every(one => !('hash' in one) || one.revision === revision);
  return comparison(same ? newest : await askAll(host, settings, masters, revision), revision);
}

type Answered = MemberHash | { readonly name: string; readonly reason: string };

function askAll(
  host: HostReader,
  settings: Settings,
  masters: readonly Master[],
  revision?: number,
): Promise<readonly Answered[]> {
  return Promise.all(masters.map(master => askOne(host, settings, master, revision)));
}

async function askOne(
  host: HostReader,
  settings: Settings,
  master: Master,
  revision: number | undefined,
): Promise<Answered> {
  const at = revision === undefined ? [] : [`--rev=${revision}`];
  const asked = etcdctlCommand(
    master,
    'endpoint',
    'hashkv',
    '--command-timeout=110s',
    ...at,
    '--write-out=json',
  );
  const { code, stdout, stderr } = await host.query(await etcdctlOnline(host, settings, asked), {
    timeoutMs: TIMEOUT_MS,
  });
  const name = master.hostname;
  if (code !== 0)
    return { name, reason: reasonIn(stderr.split('\n')) ?? `etcdctl ended with exit code ${code}` };
  return parseHash(name, stdout) ?? { name, reason: 'its answer cannot be read' };
}

/** As etcdctl prints it: a list, since it can ask several (etcdctl/ctlv3/command/ep_command.go). */
function parseHash(name: string, text: string): MemberHash | undefined {
  try {
    const [one] = JSON.parse(text) as readonly {
      readonly HashKV?: {
        readonly header?: { readonly revision?: number };
        readonly hash?: number;
        readonly compact_revision?: number;
      };
    }[];
    const { header, hash = 0, compact_revision: compacted = 0 } = one?.HashKV ?? {};
    return header === undefined ? undefined : { name, hash, revision: header.revision ?? 0, compacted };
  } catch {
    return undefined;
  }
}

/** Puts those together that have the same; those that were compacted elsewhere than the most cannot be compared. Pure. */
export function comparison(answers: readonly Answered[], revision: number): Comparison {
  const hashes = answers.filter((one): one is MemberHash => 'hash' in one);
  const compacted = mostOften(hashes.map(one => one.compacted));
  const comparable = hashes.filter(one => one.compacted === compacted);
  const groups = [...new Set(comparable.map(({ hash }) => hash))]
    .map(hash => comparable.filter(one => one.hash === hash).map(({ name }) => name))
    .sort((one, other) => other.length - one.length);
  return {
    groups,
    ...(comparable.length === 0 ? {} : { revision }),
    silent: [
      ...answers.flatMap(one => ('reason' in one ? [one] : [])),
      ...hashes
        .filter(one => one.compacted !== compacted)
        .map(({ name }) => ({ name, reason: 'its history begins at another revision' })),
    ],
  };
}

function mostOften(numbers: readonly number[]): number | undefined {
  const count = (number: number): number => numbers.filter(one => one === number).length;
  return [...new Set(numbers)].sort((one, other) => count(other) - count(one))[0];
}

/** Whose data a majority of the voters has, and who differs from it; undefined where no majority agrees. */
export function majorityOf(
  { groups }: Comparison,
  voters: number,
): { readonly agreed: readonly string[]; readonly diverged: readonly string[] } | undefined {
  const [agreed = [], ...rest] = groups;
  return agreed.length < quorumOf(Math.max(voters, 1)) ? undefined : { agreed, diverged: rest.flat() };
}
