import type { Change } from '../engine/change';
import { step, type Step } from '../engine/step';
import { quorumText, spare } from '../kubernetes/etcd-cluster';
import { attemptOf, giveTurn } from '../kubernetes/master-secret';
import { etcdctlCommand } from './access';
import { awaitVoters } from './etcd-health';
import { withdrawMember, withMember } from './etcd-start';
import { isVoter } from './etcd-view';
import { MEMBER_PROMOTE } from './member-change';
import {
  awaitMembers,
  ID_TO_COME,
  newMember,
  observeGrowth,
  votersBefore,
  type Growth,
  type ObservedGrowth,
} from './growth';

/** Gives the new member its vote as soon as it has caught up, waits until all agree on one leader, and lets the control plane beside it start, which asks this member alone. A run that was cut off in between goes on from the turn. */
export function etcdPromote(growth: Growth, after: readonly string[]): Step {
  const { other, before } = growth;
  const masters = [...before, other];
  return step<ObservedGrowth>({
    id: `etcd-promote-${other.hostname}`,
    title: title(growth),
    after,
    probe: host => observeGrowth(host, growth),
    plan: observed => {
      const { begun, members } = observed.view;
      if (begun && members === undefined) return awaitMembers(growth);
      const voter = isVoter(observed.view, other) && newMember(observed, growth) !== undefined;
      if (voter && observed.turn?.kind === 'wait') return forgotten(observed, growth);
      if (voter && observed.turn?.kind !== 'start') return [];
      return [
        ...promote(observed, growth),
        awaitVoters(masters),
        giveTurn(other.hostname, {
          kind: 'vote',
          attempt: attemptOf(observed.turn) ?? newMember(observed, growth)?.id ?? ID_TO_COME,
        }),
      ];
    },
    withdraw: observed => withdrawMember(observed, growth),
    diagnose: (host, failure) => withMember(host, failure, growth),
  });
}

/** Its Secret was lost and made anew: of a voter that runs the attempt is told no more, and its control plane would wait for ever. `cluster` lets all stay as it is until its pods are swapped. */
function forgotten({ view }: ObservedGrowth, { other: { hostname } }: Growth): readonly Change[] {
  return view.answers.get(hostname)?.healthy === true ? [giveTurn(hostname, { kind: 'cluster' })] : [];
}

function title(growth: Growth): string {
  const { other, learners } = growth;
  const count = votersBefore(growth) + 1;
  const quorum = `quorum ${quorumText(count)}, may lose ${spare(count)}`;
  return learners
    ? `Give ${other.hostname} its vote in etcd (${quorum})`
    : `Wait until ${count} members of etcd agree (${quorum})`;
}

function promote(observed: ObservedGrowth, growth: Growth): readonly Change[] {
  const { master, other, learners } = growth;
  const member = newMember(observed, growth);
  if (!learners || member?.learner === false) return [];
  return [
    {
      kind: 'run',
      title: `Promote ${other.hostname} from learner to voter`,
      command: etcdctlCommand(master, 'member', 'promote', member?.id ?? ID_TO_COME),
      timeoutMs: 60_000,
      ...MEMBER_PROMOTE,
    },
  ];
}
