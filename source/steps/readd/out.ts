import { Failure } from '../../engine/failure';
import { step, type Step } from '../../engine/step';
import { apiRequest, askApi, type Node } from '../../kubernetes/api';
import { memberOf, quorumOf, quorumText, spare } from '../../kubernetes/etcd-cluster';
import { attemptOf, giveTurn, type EtcdTurn } from '../../kubernetes/master-secret';
import { masterReport } from '../../kubernetes/master-state';
import { apiAccess, etcdctlCommand } from '../access';
import { MEMBER_REMOVE } from '../member-change';
import { awaitVoters, awaitVotersBehindAlarm, withQuorum } from '../etcd-health';
import { etcdView, type EtcdView } from '../etcd-view';
import { awaitMembers, turnOf } from '../growth';
import { masterEvidence } from '../master-evidence';
import { isCorrupt, type Due, type Readd } from './context';

const OUT_TIMEOUT_MS = 5 * 60_000;

/** What a host says whose etcd does not run: it was told so, or it has never been given what a master has. */
const ENDED = /^(?:out|refused: another address)/;

interface ObservedOut {
  readonly view: EtcdView;
  readonly turn: EtcdTurn | undefined;
  readonly ended: boolean;
}

/** Ends whatever etcd still runs on a master that is put back, and takes its manifests away: a member that was taken out must not come back. */
export function readdOut(readd: Readd, due: Due, after: readonly string[]): Step {
  const { here } = readd;
  const { hostname } = due.master;
  const path = `/api/v1/nodes/${hostname}`;
  return step<ObservedOut>({
    id: `readd-out-${hostname}`,
    title: `End what etcd there is on ${hostname}`,
    after,
    probe: async host => {
      const [view, turn, node] = await Promise.all([
        etcdView(host, [...readd.steady, ...readd.away, due.recorded]),
        turnOf(host, here, due.master),
        askApi(host, apiAccess(here), path),
      ]);
      const report = node.kind === 'found' ? masterReport(node.body as Node) : undefined;
      return { view, turn, ended: ENDED.test(report?.etcd ?? '') };
    },
    plan: ({ view, turn, ended }) => {
      const there = view.members?.some(({ id }) => id === due.outgoing) ?? true;
      if (there) refuseWell(due, view);
      const anew =
        memberOf(view.members?.filter(({ id }) => id !== due.outgoing) ?? [], due.master) !== undefined;
      // It was added anew by a run that was cut off, and goes on from there.
      if ((!there || due.outgoing === undefined) && attemptOf(turn) !== undefined) return [];
      if (!there && anew && turn?.kind === 'cluster') return [];
      if (turn?.kind === 'out' && ended) return [];
      const voters = view.members?.filter(({ learner }) => !learner).length ?? 0;
      const alive = view.answers.get(hostname)?.healthy === true;
      // It still counts when it has ended: without the quorum it could not be taken out any more.
      if (view.begun && there && alive && wellBeside(readd, view) < quorumOf(voters))
        throw new Failure(tooFew(due, wellBeside(readd, view), voters));
      return [
        ...(turn?.kind === 'out' ? [] : [giveTurn(hostname, { kind: 'out' })]),
        {
          kind: 'await',
          condition: {
            kind: 'request',
            title: `no etcd runs on ${hostname}`,
            request: apiRequest(apiAccess(here), path),
            status: 200,
            matches: `\\\\"etcd\\\\":\\\\"(?:out|refused: another address)`,
            unmet: `${hostname} has not said so yet`,
          },
          timeoutMs: OUT_TIMEOUT_MS,
        },
      ];
    },
    diagnose: async (host, failure) => {
      const node = await askApi(host, apiAccess(here), path);
      return node.kind === 'found' ? masterEvidence(host, failure, node.body as Node) : failure;
    },
  });
}

/**
 * Takes a member out of etcd, where those that are left can decide without it, and sees that it is gone. Under CORRUPT that
 * comes first: its host cannot be told to end it before something can be written, and it ends by itself once it is out.
 */
export function readdRemove(readd: Readd, due: Due, after: readonly string[]): Step {
  const { here, steady } = readd;
  const { hostname } = due.master;
  const { outgoing = '' } = due;
  return step<EtcdView>({
    id: `readd-remove-${hostname}`,
    title: `Take the old member of ${hostname} out of etcd`,
    after,
    probe: host => etcdView(host, [...steady, ...readd.away, due.recorded]),
    plan: view => {
      const { members } = view;
      if (members === undefined) return awaitMembers({ all: [here] });
      const member = members.find(({ id }) => id === outgoing);
      if (member === undefined) return [];
      refuseWell(due, view);
      const voters = members.filter(({ learner }) => !learner).length;
      const left = member.learner ? voters : voters - 1;
      const well = wellBeside(readd, view);
      // Before anything is begun nobody knows what it will be like: then the plan shows what will be done.
      if (view.begun && well < quorumOf(left)) throw new Failure(tooFew(due, well, left));
      return [
        isCorrupt(readd) ? awaitVotersBehindAlarm(steady) : awaitVoters(steady),
        {
          kind: 'run',
          title: `Take ${hostname}'s old member ${outgoing} out of etcd (quorum ${quorumText(voters)} becomes ${quorumText(left)}, may lose ${spare(left)})`,
          command: etcdctlCommand(here, 'member', 'remove', outgoing),
          timeoutMs: 60_000,
          ...MEMBER_REMOVE,
        },
      ];
    },
    diagnose: (host, failure) => withQuorum(host, failure, steady),
  });
}

/** How many are healthy beside those that are put back. */
function wellBeside({ steady, away }: Readd, { answers }: EtcdView): number {
  return [...steady, ...away].filter(({ hostname }) => answers.get(hostname)?.healthy === true).length;
}

/** A host may only report another address: its member is no less one of etcd where it is. */
function refuseWell({ master, recorded }: Due, { answers }: EtcdView): void {
  if (master.address === recorded.address || answers.get(recorded.hostname)?.healthy !== true) return;
  throw new Failure({
    code: 'member-well',
    message: `${recorded.hostname} is not taken out of etcd: it is well at its recorded address ${recorded.address}, and only its node reports ${master.address}.`,
    hint: `Let its kubelet report the recorded address (--node-ip=${recorded.address} in /etc/sysconfig/kubelet), then look again: kube-el7-install readd-member --plan.`,
  });
}

function tooFew(due: Due, well: number, left: number): ConstructorParameters<typeof Failure>[0] {
  return {
    code: 'quorum-at-risk',
    message: `${due.master.hostname}'s old member is not taken out of etcd: ${well} healthy of ${left} voters would be left, and ${quorumOf(left)} must agree, so nothing could be written any more.`,
    hint: 'It is possible as soon as another member is well again. See `kube-el7-install readd-member --plan`, and run again.',
  };
}
