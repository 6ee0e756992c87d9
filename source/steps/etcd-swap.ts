import { difference, observe, type ObservedDesired } from '../changes/desired';
import type { Change, Condition } from '../engine/change';
import { step, type Step } from '../engine/step';
import { memberOf, quorumOf, quorumText } from '../kubernetes/etcd-cluster';
import { clusterPodRuns, swapJob, swapName } from '../kubernetes/etcd-swap';
import { kubectl } from '../kubernetes/kubectl';
import { giveTurn, MASTER_ANNOTATION, type EtcdTurn } from '../kubernetes/master-secret';
import { staticPodOf } from '../kubernetes/names';
import { pathOf } from '../kubernetes/objects';
import { toYaml } from '../kubernetes/yaml';
import { templateText } from '../templates';
import type { Master } from '../variables/master';
import type { Settings } from '../variables/settings';
import { etcdctlCommand } from './access';
import { podLines } from './diagnosis';
import { areVoters, awaitVoters, refuseStrangers, withQuorum } from './etcd-health';
import { etcdView, type EtcdView } from './etcd-view';
import { awaitMembers, ID_TO_COME, turnOf, type Growth } from './growth';
import { apply, isMet, manifestFile } from './manifest';
import { awaitSwap, deleteJob, jobState, unlistInitPod, type JobState } from './swap-job';

/** What etcdctl says where the member that it asks does not lead (etcdctl/ctlv3/command/move_leader_command.go): others have chosen another one since. */
const NOT_LEADING = 'no leader endpoint given';
/** The client in an apiserver tries a member that it has lost every two minutes at most (gRPC's backoff). */
const CONNECTED_TIMEOUT_MS = 5 * 60_000;

interface Observed {
  readonly view: EtcdView;
  readonly turn?: EtcdTurn;
  readonly file: ObservedDesired;
  readonly job: JobState;
  readonly swapped: boolean;
}

/** Lets the cluster pod of etcd take the init pod's place on one master, by a Job there, while all the others are healthy. */
export function etcdSwap(
  settings: Settings,
  all: readonly Master[],
  one: Master,
  after: readonly string[],
  { leaving = [], silent = 0 }: Pick<Growth, 'leaving' | 'silent'> = {},
): Step {
  const [first] = all;
  if (first === undefined) throw new Error('there is no master');
  const id = `etcd-swap-${one.hostname}`;
  const job = swapJob(one, settings.images['kube-proxy'], templateText('swap-etcd.sh'));
  const file = manifestFile(id, toYaml(job));
  const runs = clusterPodRuns(one, { alone: true });
  return step<Observed>({
    id,
    title: title(all.length + silent, all.length - 1, one),
    after,
    probe: async host => {
      const [view, turn, found, state, swapped] = await Promise.all([
        etcdView(host, all),
        turnOf(host, first, one),
        observe(host, [file]),
        jobState(host, first, pathOf(job)),
        isMet(host, runs),
      ]);
      return { view, file: found, job: state, swapped, ...(turn === undefined ? {} : { turn }) };
    },
    plan: observed => {
      const { view, turn, swapped } = observed;
      if (view.begun && view.members === undefined) return awaitMembers({ all });
      refuseStrangers(view, all, leaving);
      // How healthy it is then is for the step that verifies etcd.
      if (swapped && turn?.kind === 'cluster') return observed.job === 'absent' ? [] : [deleteJob(one)];
      const files = difference([file], observed.file);
      const atWork = observed.job === 'at work' && files.length === 0;
      return [
        ...(atWork || ['absent', 'unknown'].includes(observed.job) ? [] : [deleteJob(one)]),
        ...(atWork ? [] : prepared(view, all, one)),
        // Before the Job, so that nobody takes the init pod's manifest for lost and puts it back.
        ...(turn?.kind === 'cluster' ? [] : [giveTurn(one.hostname, { kind: 'cluster' })]),
        ...files,
        apply(id),
        awaitSwap(first, one, pathOf(job), areVoters(all)),
        unlistInitPod(one),
        deleteJob(one),
      ];
    },
    diagnose: async (host, failure) => {
      const pods = [`job/${swapName(one)}`, staticPodOf('etcd-cluster', one.hostname)];
      const lines = (await Promise.all(pods.map(pod => podLines(host, pod)))).flat();
      const seen = [...(failure.seen ?? []), ...lines];
      return withQuorum(host, { ...failure, ...(seen.length > 0 && { seen }) }, all);
    },
  });
}

function title(voters: number, others: number, { hostname }: Master): string {
  const pause = others < quorumOf(voters) ? '; writes stop until it is back' : '';
  return `Let ${hostname}'s etcd run as a member of the cluster (quorum ${quorumText(voters)}${pause})`;
}

/** All others are healthy, every apiserver can do without this member, and it does not lead. The member itself may be between two pods, where an earlier Job was cut off. */
function prepared(view: EtcdView, all: readonly Master[], one: Master): readonly Change[] {
  const ended = view.begun && view.answers.get(one.hostname)?.healthy !== true;
  return [
    awaitVoters(ended ? all.filter(other => other !== one) : all),
    ...(one === all[0] ? all.map(other => connectedElsewhere(other, all)) : []),
    ...moveLeader(view, all, one),
  ];
}

/** etcd hands its lead over by itself as it ends, but only the first member's client port is open before, so this is for that one: then the lead does not change under the apiservers' hands. */
function moveLeader(view: EtcdView, all: readonly Master[], one: Master): readonly Change[] {
  if (one !== all[0] || (view.begun && view.answers.get(one.hostname)?.leader !== true)) return [];
  const [next] = all.filter(other => other !== one);
  const id = next && memberOf(view.members ?? [], next)?.id;
  if (next === undefined) return [];
  return [
    {
      kind: 'run',
      title: `Give etcd's lead to ${next.hostname}`,
      command: etcdctlCommand(one, 'move-leader', id ?? ID_TO_COME),
      timeoutMs: 60_000,
      already: NOT_LEADING,
    },
  ];
}

/** Before the first member ends, every client of every apiserver must have found another one: until now they had no other, and one that has none hangs until its next try. */
function connectedElsewhere({ hostname }: Master, all: readonly Master[]): Change {
  const others = all.slice(1).map(({ address }) => address.replace(/\./g, '\\.'));
  const condition: Condition = {
    kind: 'command',
    title: `all of the apiserver on ${hostname} has found another member of etcd than ${all[0]?.hostname ?? ''}'s`,
    command: kubectl(
      ...['get', 'node', hostname, '--output'],
      `go-template={{index .metadata.annotations "${MASTER_ANNOTATION}"}}`,
    ),
    unmet: `its clients ask ${all[0]?.hostname ?? ''}'s member alone; each tries another one by and by`,
    matches: `"apiserverEtcd": ?\\[[^\\]]*"(${others.join('|')})"`,
  };
  return { kind: 'await', condition, timeoutMs: CONNECTED_TIMEOUT_MS };
}
