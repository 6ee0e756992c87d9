import type { HostReader } from '../engine/host';
import type { EtcdAlarm } from '../kubernetes/etcd-alarms';
import { memberOf, parseMembers, type EtcdMember } from '../kubernetes/etcd-cluster';
import type { Master } from '../variables/master';
import { etcdRequest, type EtcdAccess } from './access';
import { askMembers, type MemberAnswer } from './etcd-answers';
import { ETCD_CLUSTER_MANIFEST, ETCD_INIT_MANIFEST } from './paths';

/** etcd as a whole, at one moment: who is a member, and how each of the masters answers. */
export interface EtcdView {
  /** etcd was begun on this host; before that there is nobody to ask. */
  readonly begun: boolean;
  /** As the first master that answers lists them; undefined where none does. */
  readonly members?: readonly EtcdMember[];
  /** By hostname. */
  readonly answers: ReadonlyMap<string, MemberAnswer>;
  /** Of all members; while there is one, etcd refuses writes (NOSPACE lets deletes through, CORRUPT nothing). */
  readonly alarms: readonly EtcdAlarm[];
}

/** Looks at etcd from this host, without a quorum: what can be told is told however many members are gone. */
export async function etcdView(host: HostReader, all: readonly Master[]): Promise<EtcdView> {
  const [init, cluster, members, { answers, alarms }] = await Promise.all([
    host.stat(ETCD_INIT_MANIFEST),
    host.stat(ETCD_CLUSTER_MANIFEST),
    listMembers(host, all),
    askMembers(host, all),
  ]);
  const begun = init !== undefined || cluster !== undefined;
  return { begun, answers, alarms, ...(members === undefined ? {} : { members }) };
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

/** Whether a master's etcd takes part in decisions, as far as can be told. */
export function isVoter({ members = [] }: EtcdView, master: Master): boolean {
  const member = memberOf(members, master);
  return member !== undefined && !member.learner;
}

/** Whether these masters are voters, healthy, and have one leader, and no alarm is raised; what else is a member does not matter. */
export function isAgreed(view: EtcdView, masters: readonly Master[]): boolean {
  const leaders = [...view.answers.values()].filter(answer => answer.leader === true);
  return (
    view.alarms.length === 0 &&
    leaders.length <= 1 &&
    masters.every(master => {
      const answer = view.answers.get(master.hostname);
      return isVoter(view, master) && answer?.healthy === true && answer.hasLeader === true;
    })
  );
}
