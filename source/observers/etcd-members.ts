import type { MemberStatus } from '../engine/event';
import type { Observer } from '../engine/watch';
import { kindsOf } from '../kubernetes/etcd-alarms';
import { memberOf } from '../kubernetes/etcd-cluster';
import type { MemberAnswer } from '../steps/etcd-answers';
import { etcdView, type EtcdView } from '../steps/etcd-view';
import type { Master } from '../variables/master';

/** Seldom enough not to be felt, often enough for a screen. */
const INTERVAL_MS = 5000;

/** Looks at etcd's members, for the screens' pane; the first one is this host. */
export function etcdMembers(masters: readonly Master[]): Observer {
  return {
    id: 'etcd-members',
    intervalMs: INTERVAL_MS,
    observe: async host => {
      const view = await etcdView(host, masters);
      return masters.map(master => ({ type: 'member', member: statusOf(view, masters, master) }));
    },
  };
}

/** One member as it is now. One that does not answer is told apart by etcd's own list: absent, added and about to start, or ill. */
export function statusOf(view: EtcdView, masters: readonly Master[], master: Master): MemberStatus {
  const { hostname, address } = master;
  const { healthy, reason, roundTripMs, databaseBytes, ...answer } = view.answers.get(hostname) ?? {
    healthy: false,
  };
  const lag = lagOf(view, answer);
  const role = roleOf(view, masters, master, answer);
  const alarms = alarmsOf(view, master);
  return {
    name: hostname,
    address,
    role,
    healthy,
    // A tenth of a millisecond is all that a screen shows.
    ...(roundTripMs === undefined ? {} : { roundTripMs: Math.round(roundTripMs * 10) / 10 }),
    ...(databaseBytes === undefined ? {} : { databaseBytes }),
    ...(alarms.length === 0 ? {} : { alarms }),
    ...(lag === undefined ? {} : { lag }),
    ...(reason === undefined || healthy || role === 'absent' ? {} : { lastError: reason }),
  };
}

/** The kinds of alarms that are about one member; those of nobody by name are shown at each. */
function alarmsOf({ alarms, members = [] }: EtcdView, master: Master): readonly string[] {
  const id = memberOf(members, master)?.id;
  return kindsOf(alarms.filter(({ member }) => member === '0' || member === id));
}

function roleOf(
  { begun, members }: EtcdView,
  masters: readonly Master[],
  master: Master,
  answer: Partial<MemberAnswer>,
): MemberStatus['role'] {
  if (answer.learner === true) return 'learner';
  if (answer.learner === false) return answer.leader === true ? 'leader' : 'voter';
  const listed = members && memberOf(members, master);
  if (listed !== undefined) {
    if (listed.name === '') return 'starting';
    return listed.learner ? 'learner' : 'voter';
  }
  return begun && master === masters[0] ? 'starting' : 'absent';
}

/** What the leader's quorum has and a learner has not made its own yet. */
function lagOf({ answers }: EtcdView, answer: Partial<MemberAnswer>): number | undefined {
  if (answer.learner !== true) return undefined;
  const leader = [...answers.values()].find(one => one.leader === true);
  if (leader?.committed === undefined || answer.applied === undefined) return undefined;
  return Math.max(0, leader.committed - answer.applied);
}
