import type { Change } from '../engine/change';

type Repetition = Required<Pick<Extract<Change, { kind: 'run' }>, 'again' | 'already'>>;

/**
 * What etcdctl prints where an answer did not come in time. What was asked for may come about all the same, a moment later
 * (etcdserver/server.go, configure: it only stops waiting), so it is asked for again, and etcd says that it has done it.
 */
const UNANSWERED =
  'context deadline exceeded|etcdserver: (?:request timed out|leader changed|no leader)|transport is closing';

/**
 * etcd takes a change of its members only once all voters have been connected for five seconds (etcdserver/server.go,
 * HealthInterval): after the last one had its vote, that takes a moment.
 */
const WHILE_SETTLING = {
  while: `unhealthy cluster|not enough started members|${UNANSWERED}`,
  meaning: 'its members have not been connected for five seconds, or do not answer in time',
  withinMs: 3 * 60_000,
} as const;

/** For `member add`: a second one with the same address is refused, also where the first is carried out only then (api/membership, ValidateConfigurationChange). */
export const MEMBER_ADD: Repetition = { again: WHILE_SETTLING, already: 'Peer URLs already exists' };

/** For `member remove`, whose numbers are never given again. */
export const MEMBER_REMOVE: Repetition = { again: WHILE_SETTLING, already: 'etcdserver: member not found' };

/** For `member promote`: until a learner has nine tenths of the leader's log, etcd says that it is not in sync (etcdserver/errors.go). */
export const MEMBER_PROMOTE: Repetition = {
  again: {
    while: `in sync with leader|${UNANSWERED}`,
    meaning: 'it is not yet in sync with the leader, or etcd does not answer in time',
    withinMs: 10 * 60_000,
  },
  already: 'can only promote a learner member(?! which)',
};

/** For `move-leader`: the member that is asked leads no more (etcdctl/ctlv3/command/move_leader_command.go), since others have chosen another one or the answer was lost. */
export const LEAD_MOVE: Repetition = {
  again: { while: UNANSWERED, meaning: 'etcd does not answer in time', withinMs: 2 * 60_000 },
  already: 'no leader endpoint given',
};
