import type { Change } from '../engine/change';
import type { FailureReport } from '../engine/failure';
import type { HostReader } from '../engine/host';
import { step, type Step } from '../engine/step';
import { quorumOf, quorumText } from '../kubernetes/etcd-cluster';
import { attemptOf, giveTurn } from '../kubernetes/master-secret';
import { staticPodOf } from '../kubernetes/names';
import { etcdctlCommand, etcdHealthy } from './access';
import { podLines } from './diagnosis';
import { MEMBER_REMOVE } from './member-change';
import { awaitVoters, withQuorum } from './etcd-health';
import {
  awaitMembers,
  ID_TO_COME,
  newMember,
  observeGrowth,
  votersBefore,
  type Growth,
  type ObservedGrowth,
} from './growth';

/** Its image is there already; what takes time is what it has to copy from the leader. */
const START_TIMEOUT_MS = 10 * 60_000;

/** Has the new member's pod started and waits until it runs. Where it does not, it is taken out of etcd again, and its pod waits as before. */
export function etcdStart(growth: Growth, after: readonly string[]): Step {
  const { other, before } = growth;
  const voters = votersBefore(growth);
  return step<ObservedGrowth>({
    id: `etcd-start-${other.hostname}`,
    title: growth.learners
      ? `Start etcd on ${other.hostname} (quorum ${quorumText(voters)} stays)`
      : `Wait for etcd on ${other.hostname} (quorum ${quorumText(voters + 1)})`,
    after,
    probe: host => observeGrowth(host, growth),
    plan: observed => {
      const { begun, members, answers } = observed.view;
      if (begun && members === undefined) return awaitMembers(growth);
      const member = newMember(observed, growth);
      // One that has its vote and has run is grown up; whether it is well is for the step that verifies etcd.
      const grown = member !== undefined && !member.learner && member.name !== '';
      if (grown || (member !== undefined && answers.get(other.hostname)?.healthy === true)) return [];
      const condition = etcdHealthy(`etcd on ${other.hostname} runs and is healthy`, other.address);
      return [
        ...start(observed, growth),
        { kind: 'await', condition, timeoutMs: START_TIMEOUT_MS },
        ...(growth.learners ? [] : [awaitVoters([...before, other])]),
      ];
    },
    withdraw: observed => withdrawMember(observed, growth),
    diagnose: (host, failure) => withMember(host, failure, growth),
  });
}

/** Only for a member that has not run yet, or has no vote: a new attempt moves its data aside. */
function start(observed: ObservedGrowth, growth: Growth): readonly Change[] {
  const member = newMember(observed, growth);
  const told = attemptOf(observed.turn);
  if (member?.learner === false && told !== undefined) return [];
  // Each `member add` gives another id, so the data of an earlier attempt is never taken for this one's.
  const attempt = member?.id ?? ID_TO_COME;
  if (told === attempt) return [];
  return [giveTurn(growth.other.hostname, { kind: 'start', attempt })];
}

/** Leaves etcd as it was before the member was added, where that costs nobody a vote and there is a quorum to decide it. */
export function withdrawMember(observed: ObservedGrowth, growth: Growth): readonly Change[] {
  const { other, before, master } = growth;
  const { members, answers } = observed.view;
  const waiting = giveTurn(other.hostname, { kind: 'wait' });
  const member = newMember(observed, growth);
  if (members === undefined) return [];
  if (member === undefined) return attemptOf(observed.turn) === undefined ? [] : [waiting];
  const able = before.filter(({ hostname }) => answers.get(hostname)?.healthy === true).length;
  const voters = members.filter(one => !one.learner).length;
  const removable = member.learner || member.name === '';
  if (!removable || able < quorumOf(voters)) return [];
  return [
    {
      kind: 'run',
      title: `Take ${other.hostname} out of etcd again (quorum ${quorumText(votersBefore(growth))} as before)`,
      command: etcdctlCommand(master, 'member', 'remove', member.id),
      timeoutMs: 60_000,
      ...MEMBER_REMOVE,
    },
    waiting,
  ];
}

/** What the new member's container said last, and what its failure means for the others. */
export async function withMember(
  host: HostReader,
  failure: FailureReport,
  growth: Growth,
): Promise<FailureReport> {
  const { other, before, learners } = growth;
  const lines = await podLines(host, staticPodOf('etcd-init', other.hostname));
  const seen = [...(failure.seen ?? []), ...lines];
  const report = await withQuorum(host, { ...failure, ...(seen.length > 0 && { seen }) }, before);
  if (report.code === 'etcd-not-healthy' && (learners || before.length > 1)) return report;
  if (failure.code !== 'timed-out') return report;
  const message = `etcd on ${other.hostname} has not become a member that runs: ${failure.message}`;
  if (learners || quorumOf(votersBefore(growth) + 1) <= before.length) {
    return {
      ...report,
      code: 'etcd-member-not-started',
      message: `${message} The others are as they were before.`,
      hint: `Mend on ${other.hostname} what the last lines say, and run again.`,
    };
  }
  return {
    ...report,
    code: 'etcd-member-not-started',
    message: `${message} It counts for the quorum since it was added, so nothing can be written until it runs.`,
    hint: `Mend on ${other.hostname} what the last lines say: its etcd starts again by itself, and then nothing is lost. See \`docker ps --all --filter name=k8s_etcd\` there, then run again.`,
  };
}
