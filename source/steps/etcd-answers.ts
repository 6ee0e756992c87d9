import type { HostReader, HttpOutcome } from '../engine/host';
import { kindsOf, type EtcdAlarm } from '../kubernetes/etcd-alarms';
import { parseMetrics, type EtcdMetrics } from '../kubernetes/etcd-cluster';
import type { Master } from '../variables/master';
import { ETCD_HEALTHY, etcdRequest, OUR_ETCD, type EtcdAccess } from './access';
import { askAlarms } from './etcd-alarms';

/** How one master's etcd answers. */
export interface MemberAnswer extends Partial<EtcdMetrics> {
  /** It has a leader, and a quorum agrees with it: it counts in the arithmetic of the quorum, whatever alarm is raised. */
  readonly healthy: boolean;
  readonly roundTripMs?: number;
  /** Why it is not healthy, in a line. */
  readonly reason?: string;
}

/** What all of them answer together. */
export interface Answers {
  /** By hostname. */
  readonly answers: ReadonlyMap<string, MemberAnswer>;
  readonly alarms: readonly EtcdAlarm[];
}

/** How masters' etcd answers, by hostname, and which alarms there are. */
export async function askMembers(
  host: HostReader,
  all: readonly Master[],
  access = OUR_ETCD,
): Promise<Answers> {
  const asked = await Promise.all(
    all.map(async master => ({ master, answer: await ask(host, master, access) })),
  );
  // An alarm makes every member's /health false: where one says true there is none.
  const doubtful = asked.filter(({ answer }) => answer.denies && answer.hasLeader === true);
  const alarms = asked.some(({ answer }) => answer.healthy && !answer.denies)
    ? []
    : await alarmsBehind(
        host,
        doubtful.map(({ master }) => master),
        doubtful.map(({ answer }) => answer),
        access,
      );
  const answers = new Map(
    asked.map(({ master, answer }) => [master.hostname, answerOf(answer, alarms)] as const),
  );
  return { answers, alarms };
}

/** One member's health and metrics. */
export async function askMember(host: HostReader, master: Master, access = OUR_ETCD): Promise<MemberAnswer> {
  const { answers } = await askMembers(host, [master], access);
  return answers.get(master.hostname) ?? { healthy: false };
}

interface Asked extends MemberAnswer {
  /** Its /health says false; it may be healthy apart from an alarm. */
  readonly denies: boolean;
}

/**
 * /health is false for an alarm, without a leader, and where no quorum agrees; only from 3.5 on it says for which of them.
 * From 3.4.16 on alarms can be left out of it (etcdserver/api/etcdhttp/metrics.go); earlier ones ignore that.
 */
async function ask(host: HostReader, { address }: Master, access: EtcdAccess): Promise<Asked> {
  const health = await host.request(etcdRequest(address, '/health', { access }));
  if ('error' in health) return { healthy: false, denies: false, reason: health.error };
  const denies = !saysTrue(health);
  const metrics = await host.request(etcdRequest(address, '/metrics', { access }));
  const figures = 'status' in metrics && metrics.status === 200 ? parseMetrics(metrics.body) : {};
  const healthy =
    !denies ||
    saysTrue(await host.request(etcdRequest(address, '/health?exclude=NOSPACE&exclude=CORRUPT', { access })));
  const reason = reasonOf(health.status, health.body, figures);
  return { healthy, denies, roundTripMs: health.roundTripMs, ...figures, ...(denies ? { reason } : {}) };
}

function saysTrue(answer: HttpOutcome): boolean {
  return 'status' in answer && answer.status === 200 && new RegExp(ETCD_HEALTHY).test(answer.body);
}

/** As a sentence, from the words that etcd 3.5 has for it, or from the metrics. */
function reasonOf(status: number, body: string, { hasLeader }: Partial<EtcdMetrics>): string {
  const said = /"reason":\s*"([^"]*)"/.exec(body)?.[1] ?? '';
  if (said.startsWith('ALARM')) return said.replace(/^ALARM/, 'alarm');
  if (hasLeader === false || said === 'RAFT NO LEADER') return 'it has no leader';
  if (said !== '') return `no quorum agrees with it: ${said.replace(/^(?:RANGE|QGET) ERROR:\s*/, '')}`;
  return /"health":/.test(body)
    ? 'it has a leader, and says that it is not healthy'
    : `its /health answers with HTTP ${status}`;
}

/** The alarms where members deny their health. Where nobody tells them, a member that is healthy without them still shows that there are some. */
async function alarmsBehind(
  host: HostReader,
  masters: readonly Master[],
  answers: readonly Asked[],
  access: EtcdAccess,
): Promise<readonly EtcdAlarm[]> {
  const told = masters.length === 0 ? undefined : await askAlarms(host, masters, access);
  if (told !== undefined) return told;
  return answers
    .filter(({ healthy }) => healthy)
    .slice(0, 1)
    .map(({ reason = '' }) => ({ member: '0', kind: /^alarm (\S+)/.exec(reason)?.[1] ?? 'unknown' }));
}

/** Alarms are told through a quorum: a member that has a leader, and denies its health while there are some, denies it for them. */
function answerOf({ denies, ...answer }: Asked, alarms: readonly EtcdAlarm[]): MemberAnswer {
  if (!denies || answer.hasLeader !== true || alarms.length === 0) return answer;
  return { ...answer, healthy: true, reason: `alarm ${kindsOf(alarms).join(', ')}` };
}
