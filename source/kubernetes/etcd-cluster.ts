import type { Master } from '../variables/master';

/** A member as etcd itself lists it. */
export interface EtcdMember {
  /** Hexadecimal, as etcdctl takes and prints it. */
  readonly id: string;
  /** Empty until it has run for the first time. */
  readonly name: string;
  readonly peerUrls: readonly string[];
  readonly learner: boolean;
}

/** Where a master's etcd is spoken to by the others; it alone tells which member is which, since one that never ran has no name. */
export function peerUrl(master: Master): string {
  return `https://${master.address}:2380`;
}

/** The member that a master's etcd is. */
export function memberOf(members: readonly EtcdMember[], master: Master): EtcdMember | undefined {
  return members.find(member => member.peerUrls.includes(peerUrl(master)));
}

/**
 * The answer of GET /members at the peer port (etcdserver/api/etcdhttp/peer.go): a list as the member itself has it, without asking a quorum.
 * Ids are numbers of 64 bits there, more than a number here holds exactly, and decimal. Undefined where it is no such list.
 */
export function parseMembers(body: string): readonly EtcdMember[] | undefined {
  try {
    const list = JSON.parse(body.replace(/"id":\s*(\d+)/g, '"id":"$1"')) as unknown;
    if (!Array.isArray(list) || !list.every(isListed)) return undefined;
    return list.map(one => ({
      id: BigInt(one.id).toString(16),
      name: one.name ?? '',
      peerUrls: one.peerURLs ?? [],
      learner: one.isLearner ?? false,
    }));
  } catch {
    return undefined;
  }
}

interface Listed {
  readonly id: string;
  readonly name?: string;
  readonly peerURLs?: readonly string[];
  readonly isLearner?: boolean;
}

function isListed(one: unknown): one is Listed {
  if (typeof one !== 'object' || one === null) return false;
  const { id, name = '', peerURLs = [], isLearner = false } = one as Record<string, unknown>;
  return (
    typeof id === 'string' &&
    /^\d{1,20}$/.test(id) &&
    typeof name === 'string' &&
    Array.isArray(peerURLs) &&
    peerURLs.every(url => typeof url === 'string') &&
    typeof isLearner === 'boolean'
  );
}

/** How many voters must agree. */
export function quorumOf(voters: number): number {
  return Math.floor(voters / 2) + 1;
}

/** "2 of 3" */
export function quorumText(voters: number): string {
  return `${quorumOf(voters)} of ${voters}`;
}

/** How many voters may fail. */
export function spare(voters: number): number {
  return voters - quorumOf(voters);
}

/** What a member tells of itself at /metrics (etcdserver/metrics.go); 3.3 knows no learners. */
export interface EtcdMetrics {
  readonly leader: boolean;
  readonly hasLeader: boolean;
  readonly learner: boolean;
  readonly databaseBytes?: number;
  /** How large its database may become, and what of it is in use. */
  readonly quotaBytes?: number;
  readonly usedBytes?: number;
  /** The log's newest entry that a quorum has, and the newest that this member has made its own; both count alike on all members. */
  readonly committed?: number;
  readonly applied?: number;
}

const METRICS = {
  leader: 'etcd_server_is_leader',
  hasLeader: 'etcd_server_has_leader',
  learner: 'etcd_server_is_learner',
  size: 'etcd_mvcc_db_total_size_in_bytes',
  sizeBefore34: 'etcd_debugging_mvcc_db_total_size_in_bytes',
  quota: 'etcd_server_quota_backend_bytes',
  used: 'etcd_mvcc_db_total_size_in_use_in_bytes',
  committed: 'etcd_server_proposals_committed_total',
  applied: 'etcd_server_proposals_applied_total',
} as const;

/** Reads the few lines of /metrics that are of use. */
export function parseMetrics(body: string): EtcdMetrics {
  const number = (name: string): number | undefined => {
    const text = new RegExp(`^${name} (\\S+)`, 'm').exec(body)?.[1];
    return text === undefined || Number.isNaN(Number(text)) ? undefined : Number(text);
  };
  const size = number(METRICS.size) ?? number(METRICS.sizeBefore34);
  const [quota, used] = [number(METRICS.quota), number(METRICS.used)];
  const [committed, applied] = [number(METRICS.committed), number(METRICS.applied)];
  return {
    leader: number(METRICS.leader) === 1,
    hasLeader: number(METRICS.hasLeader) === 1,
    learner: number(METRICS.learner) === 1,
    ...(size === undefined ? {} : { databaseBytes: size }),
    ...(quota === undefined ? {} : { quotaBytes: quota }),
    ...(used === undefined ? {} : { usedBytes: used }),
    ...(committed === undefined ? {} : { committed }),
    ...(applied === undefined ? {} : { applied }),
  };
}
