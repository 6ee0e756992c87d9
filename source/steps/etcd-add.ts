import type { Change } from '../engine/change';
import { Failure } from '../engine/failure';
import { step, type Step } from '../engine/step';
import { memberOf, peerUrl, quorumText } from '../kubernetes/etcd-cluster';
import { kubectl } from '../kubernetes/kubectl';
import { attemptOf, giveTurn, MASTER_ANNOTATION, MASTERS_NAMESPACE } from '../kubernetes/master-secret';
import { staticPodOf } from '../kubernetes/names';
import { etcdctlCommand } from './access';
import { refuseAlarms } from './etcd-alarms';
import { MEMBER_ADD } from './member-change';
import { awaitVoters, refuseStrangers, withQuorum } from './etcd-health';
import type { EtcdView } from './etcd-view';
import {
  awaitMembers,
  newMember,
  observeGrowth,
  votersBefore,
  type Growth,
  type ObservedGrowth,
} from './growth';

/** A new member does not start where others are members than its manifest names (etcdserver/api/membership, ValidateClusterAndAssignIDs). */
function refuseOutOfOrder({ members = [] }: EtcdView, { all, before, other, inOrder }: Growth): void {
  const named = new Set([...before, other].map(({ hostname }) => hostname));
  const later = all.filter(one => !named.has(one.hostname) && memberOf(members, one) !== undefined);
  const [first] = later;
  if (inOrder !== true || first === undefined) return;
  throw new Failure({
    code: 'etcd-out-of-order',
    message: `${other.hostname} is no member of etcd, and ${first.hostname}, which comes after it, is one: ${other.hostname} was a member before, and was reset or lost.`,
    hint: `A master that was one before is put back: kube-el7-install readd-member ${other.hostname}`,
  });
}

interface Observed extends ObservedGrowth {
  readonly now: Date;
}

/** Makes a master known to etcd as a member: one that has no vote yet where etcd can have such members. One that an interrupted run has added is taken as it is. */
export function etcdAdd(growth: Growth, after: readonly string[]): Step {
  const { other, all, before, learners } = growth;
  return step<Observed>({
    id: `etcd-add-${other.hostname}`,
    title: title(growth),
    after,
    probe: async host => ({ ...(await observeGrowth(host, growth)), now: new Date() }),
    plan: observed => {
      const { begun, members } = observed.view;
      if (begun && members === undefined) return awaitMembers(growth);
      if (newMember(observed, growth) !== undefined) return [];
      refuseStrangers(observed.view, all, growth.leaving);
      if (growth.clearing !== true) refuseAlarms(observed.view, all);
      refuseOutOfOrder(observed.view, growth);
      return [
        ...(learners ? [] : stage(growth, observed.now)),
        awaitVoters(before),
        {
          kind: 'run',
          title: `Add ${other.hostname} to etcd${learners ? ' as a learner' : ''}`,
          command: etcdctlCommand(
            growth.master,
            ...['member', 'add', other.hostname, `--peer-urls=${peerUrl(other)}`],
            ...(learners ? ['--learner'] : []),
          ),
          timeoutMs: 60_000,
          ...MEMBER_ADD,
        },
      ];
    },
    // What was staged waits for its turn again, where etcd does not count on it.
    withdraw: observed => {
      const staged = observed.view.members !== undefined && attemptOf(observed.turn) !== undefined;
      return staged && newMember(observed, growth) === undefined
        ? [giveTurn(other.hostname, { kind: 'wait' })]
        : [];
    },
    diagnose: (host, failure) => withQuorum(host, failure, before),
  });
}

function title(growth: Growth): string {
  const { other, learners } = growth;
  const voters = votersBefore(growth);
  const now = quorumText(voters);
  return learners
    ? `Add ${other.hostname} to etcd as a learner (quorum ${now} stays)`
    : `Add ${other.hostname} to etcd (quorum ${now} becomes ${quorumText(voters + 1)}; writes stop for a second or two)`;
}

/**
 * Before 3.4 the new member counts from the moment that it is added, so its container runs by then and waits for nothing else.
 * Neither can the API be used in between where the quorum is everybody: all of it is told beforehand.
 */
function stage({ other: { hostname } }: Growth, now: Date): readonly Change[] {
  const attempt = String(now.getTime());
  const annotation = `go-template={{index .metadata.annotations "${MASTER_ANNOTATION}"}}`;
  const running = 'go-template={{range .status.containerStatuses}}{{if .state.running}}running{{end}}{{end}}';
  return [
    giveTurn(hostname, { kind: 'start', attempt }),
    {
      kind: 'await',
      condition: {
        kind: 'command',
        title: `${hostname} has prepared its etcd`,
        command: kubectl('get', 'node', hostname, '--output', annotation),
        matches: `"etcd": ?"start ${attempt}"`,
        unmet: `${hostname} has not said so yet`,
      },
      timeoutMs: 5 * 60_000,
    },
    {
      kind: 'await',
      condition: {
        kind: 'command',
        title: `the container of etcd on ${hostname} runs, and waits to be a member`,
        command: kubectl(
          ...[
            'get',
            'pod',
            staticPodOf('etcd-init', hostname),
            '--namespace',
            MASTERS_NAMESPACE,
            '--output',
            running,
          ],
        ),
        matches: '^running$',
      },
      timeoutMs: 5 * 60_000,
    },
  ];
}
