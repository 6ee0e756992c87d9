import type { MemberStatus } from '../engine/event';
import type { HostReader, HttpOutcome } from '../engine/host';
import type { Observer } from '../engine/watch';
import { ETCD_HEALTHY, etcdRequest } from '../steps/access';
import type { Master } from '../variables/master';
import { ETCD_INIT_MANIFEST } from '../steps/paths';

/** Seldom enough not to be felt (each look is two TLS connections), often enough for a screen. */
const INTERVAL_MS = 5000;

/** What etcd tells of itself at /metrics (server/etcdserver/metrics.go); 3.3 knows no learners. */
const METRICS = {
  leader: /^etcd_server_is_leader (\S+)/m,
  learner: /^etcd_server_is_learner (\S+)/m,
  size: /^etcd_mvcc_db_total_size_in_bytes (\S+)/m,
  sizeBefore34: /^etcd_debugging_mvcc_db_total_size_in_bytes (\S+)/m,
} as const;

/** Looks at etcd's members, for the screens' pane; the first one is this host. */
export function etcdMembers(members: readonly Master[]): Observer {
  return {
    id: 'etcd-members',
    intervalMs: INTERVAL_MS,
    observe: async host =>
      (await Promise.all(members.map((member, index) => observeMember(host, member, index === 0)))).map(
        member => ({
          type: 'member',
          member,
        }),
      ),
  };
}

/** One member as it is now; `own` where it runs on the host that is asked, so that its manifest can be looked for. */
export async function observeMember(host: HostReader, master: Master, own: boolean): Promise<MemberStatus> {
  const member = { name: master.hostname, address: master.address };
  const health = await host.request(etcdRequest(master.address, '/health'));
  if ('error' in health) {
    const begun = !own || (await host.stat(ETCD_INIT_MANIFEST)) !== undefined;
    if (!begun) return { ...member, role: 'absent', healthy: false };
    return { ...member, role: 'starting', healthy: false, lastError: health.error };
  }
  const metrics = await host.request(etcdRequest(master.address, '/metrics'));
  const healthy = health.status === 200 && new RegExp(ETCD_HEALTHY).test(health.body);
  const size = numberOf(metrics, METRICS.size) ?? numberOf(metrics, METRICS.sizeBefore34);
  return {
    ...member,
    role: roleOf(metrics),
    healthy,
    // A tenth of a millisecond is all that a screen shows.
    roundTripMs: Math.round(health.roundTripMs * 10) / 10,
    ...(size === undefined ? {} : { databaseBytes: size }),
    ...(healthy ? {} : { lastError: health.body.trim().slice(0, 200) || `HTTP ${health.status}` }),
  };
}

function roleOf(metrics: HttpOutcome): MemberStatus['role'] {
  if (numberOf(metrics, METRICS.learner) === 1) return 'learner';
  return numberOf(metrics, METRICS.leader) === 1 ? 'leader' : 'voter';
}

function numberOf(metrics: HttpOutcome, pattern: RegExp): number | undefined {
  if ('error' in metrics) return undefined;
  const text = pattern.exec(metrics.body)?.[1];
  return text === undefined ? undefined : Number(text);
}
