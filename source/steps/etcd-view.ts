import type { HostReader } from '../engine/host';
import {
  memberOf,
  parseMembers,
  parseMetrics,
  type EtcdMember,
  type EtcdMetrics,
} from '../kubernetes/etcd-cluster';
import type { Master } from '../variables/master';
import { ETCD_HEALTHY, etcdRequest, type EtcdAccess } from './access';
import { ETCD_CLUSTER_MANIFEST, ETCD_INIT_MANIFEST } from './paths';

/** How one master's etcd answers. */
export interface MemberAnswer extends Partial<EtcdMetrics> {
  readonly healthy: boolean;
  readonly roundTripMs?: number;
  /** Why it is not healthy, in a line. */
  readonly reason?: string;
}

/** etcd as a whole, at one moment: who is a member, and how each of the masters answers. */
export interface EtcdView {
  /** etcd was begun on this host; before that there is nobody to ask. */
  readonly begun: boolean;
  /** As the first master that answers lists them; undefined where none does. */
  readonly members?: readonly EtcdMember[];
  /** By hostname. */
  readonly answers: ReadonlyMap<string, MemberAnswer>;
}

/** Looks at etcd from this host, without a quorum: what can be told is told however many members are gone. */
export async function etcdView(host: HostReader, all: readonly Master[]): Promise<EtcdView> {
  const [init, cluster, members, answers] = await Promise.all([
    host.stat(ETCD_INIT_MANIFEST),
    host.stat(ETCD_CLUSTER_MANIFEST),
    listMembers(host, all),
    Promise.all(all.map(async master => [master.hostname, await askMember(host, master)] as const)),
  ]);
  const begun = init !== undefined || cluster !== undefined;
  return { begun, answers: new Map(answers), ...(members === undefined ? {} : { members }) };
}

/** The members as the first of the masters has them that answers; its own list may be behind by a moment, never ahead. */
export async function listMembers(
  host: HostReader,
  all: readonly Master[],
  access?: EtcdAccess,
): Promise<readonly EtcdMember[] | undefined> {
  for (const { address } of all) {
    const over = access === undefined ? {} : { access };
    const answer = await host.request(etcdRequest(address, '/members', { port: 'peers', ...over }));
    const members = 'status' in answer && answer.status === 200 ? parseMembers(answer.body) : undefined;
    if (members !== undefined) return members;
  }
  return undefined;
}

/** One member's health and metrics. */
export async function askMember(
  host: HostReader,
  { address }: Master,
  access?: EtcdAccess,
): Promise<MemberAnswer> {
  const over = access === undefined ? {} : { access };
  const health = await host.request(etcdRequest(address, '/health', over));
  if ('error' in health) return { healthy: false, reason: health.error };
  const metrics = await host.request(etcdRequest(address, '/metrics', over));
  const healthy = health.status === 200 && new RegExp(ETCD_HEALTHY).test(health.body);
  return {
    healthy,
    roundTripMs: health.roundTripMs,
    ...('status' in metrics && metrics.status === 200 ? parseMetrics(metrics.body) : {}),
    ...(healthy ? {} : { reason: health.body.trim().slice(0, 200) || `HTTP ${health.status}` }),
  };
}

/** Whether a master's etcd takes part in decisions, as far as can be told. */
export function isVoter({ members = [] }: EtcdView, master: Master): boolean {
  const member = memberOf(members, master);
  return member !== undefined && !member.learner;
}

/** Whether these masters are voters, healthy, and have one leader; what else is a member does not matter. */
export function isAgreed(view: EtcdView, masters: readonly Master[]): boolean {
  const leaders = [...view.answers.values()].filter(answer => answer.leader === true);
  return (
    leaders.length <= 1 &&
    masters.every(master => {
      const answer = view.answers.get(master.hostname);
      return isVoter(view, master) && answer?.healthy === true && answer.hasLeader === true;
    })
  );
}
