import type { Change, Question } from '../engine/change';
import { Failure, type FailureReport } from '../engine/failure';
import type { HostReader } from '../engine/host';
import { memberOf, peerUrl, quorumOf } from '../kubernetes/etcd-cluster';
import { namesOf } from '../variables/master';
import type { Master } from '../variables/master';
import { etcdHealthy, etcdVotes } from './access';
import { withEvidence } from './diagnosis';
import { alarmReport } from './etcd-alarms';
import { etcdView, type EtcdView } from './etcd-view';

const HEALTHY_TIMEOUT_MS = 5 * 60_000;

/** That each of these masters' etcd is healthy, has its vote and knows who leads. */
export function areVoters(masters: readonly Master[]): readonly Question[] {
  return masters.flatMap(master => [
    etcdHealthy(`etcd on ${master.hostname} is healthy`, master.address),
    etcdVotes(master),
  ]);
}

/** Waits until all of these masters are voters that are well at once: before a change that the loss of one more would spoil, and after it. */
export function awaitVoters(masters: readonly Master[]): Change {
  const names = namesOf(masters);
  const title = `etcd on ${names} is healthy, has its vote and a leader`;
  return awaitAll(title, areVoters(masters));
}

/** The same while an alarm is raised, which no member is healthy with: that each has its vote and knows who leads. */
export function awaitVotersBehindAlarm(masters: readonly Master[]): Change {
  return awaitAll(`etcd on ${namesOf(masters)} has its vote and a leader`, masters.map(etcdVotes));
}

function awaitAll(title: string, of: readonly Question[]): Change {
  return { kind: 'await', condition: { kind: 'all', title, of }, timeoutMs: HEALTHY_TIMEOUT_MS };
}

/** Tells of an alarm, where one is raised; else what etcd's container says. */
export async function withAlarm(
  host: HostReader,
  failure: FailureReport,
  all: readonly Master[],
): Promise<FailureReport> {
  const view = await etcdView(host, all);
  if (view.alarms.length > 0) return alarmed(failure, view, all);
  return withEvidence(host, failure, ['etcd-init', 'etcd-cluster']);
}

function alarmed(failure: FailureReport, view: EtcdView, all: readonly Master[]): FailureReport {
  const { seen = [] } = failure;
  return { ...alarmReport(view, all), ...(seen.length > 0 && { seen }) };
}

/** Tells which alarm is raised, or which member is ill and what that means for the quorum, where that is why a step failed. */
export async function withQuorum(
  host: HostReader,
  failure: FailureReport,
  all: readonly Master[],
): Promise<FailureReport> {
  const view = await etcdView(host, all);
  const { members = [], answers } = view;
  if (view.alarms.length > 0) return alarmed(failure, view, all);
  const voters = members.filter(member => !member.learner).length;
  const ill = all.filter(master => {
    const member = memberOf(members, master);
    return member?.learner === false && answers.get(master.hostname)?.healthy !== true;
  });
  if (ill.length === 0) return failure;
  // Without a quorum nobody is healthy: those that give no answer at all are to blame.
  const silent = ill.filter(({ hostname }) => answers.get(hostname)?.roundTripMs === undefined);
  const blamed = silent.length > 0 ? silent : ill;
  const names = blamed.map(({ hostname }) => hostname).join(', ');
  const left = voters - blamed.length;
  const state =
    left >= quorumOf(voters)
      ? 'it goes on, but nothing is changed while one of them may not know of it'
      : 'nothing can be written until one more answers';
  return {
    code: 'etcd-not-healthy',
    message: `etcd on ${names} is not healthy: ${left} of ${voters} voters are left, and the quorum is ${quorumOf(voters)}, so ${state}.`,
    hint: `See on ${names} what \`docker ps --all --filter name=k8s_etcd\` and \`docker logs\` of that container say, mend it, and run again.`,
    seen: [
      ...(failure.seen ?? []),
      ...blamed.map(({ hostname }) => `${hostname}: ${answers.get(hostname)?.reason ?? 'no answer'}`),
    ],
  };
}

/** Refuses to go on where etcd has a member that is none of the masters, by its address: it counts for the quorum and nobody may be running it. Those that are about to be taken out are no strangers. */
export function refuseStrangers(
  { members = [] }: EtcdView,
  all: readonly Master[],
  leaving: readonly string[] = [],
): void {
  const known = new Set(all.map(peerUrl));
  const stranger = members.find(
    member => !leaving.includes(member.id) && !member.peerUrls.some(url => known.has(url)),
  );
  if (stranger === undefined) return;
  const name = stranger.name === '' ? 'a member that has never run' : `the member "${stranger.name}"`;
  throw new Failure({
    code: 'etcd-other-member',
    message: `etcd has ${name} at ${stranger.peerUrls.join(', ')}, which is none of the masters ${all.map(({ hostname }) => hostname).join(', ')}.${stranger.learner ? '' : ' It counts for the quorum all the same.'}`,
    hint: `Name that host in --masters too. If it is gone for good, take it out of etcd first, with \`etcdctl member remove ${stranger.id}\`.`,
  });
}
