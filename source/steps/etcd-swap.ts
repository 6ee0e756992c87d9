import { difference, observe, type ObservedDesired } from '../changes/desired';
import type { Change } from '../engine/change';
import type { HostReader } from '../engine/host';
import { step, type Step } from '../engine/step';
import { quorumOf, quorumText } from '../kubernetes/etcd-cluster';
import { clusterPodRuns, swapJob, swapName } from '../kubernetes/etcd-swap';
import { keepalivedRuns } from '../kubernetes/keepalived';
import { giveTurn, type EtcdTurn } from '../kubernetes/master-secret';
import { staticPodOf } from '../kubernetes/names';
import { pathOf } from '../kubernetes/objects';
import { toYaml } from '../kubernetes/yaml';
import { templateText } from '../templates';
import type { Master } from '../variables/master';
import type { Settings } from '../variables/settings';
import { apiAccess } from './access';
import { podLines } from './diagnosis';
import { apiserverHealthy } from './endpoint-health';
import { areVoters, awaitVoters, refuseStrangers, withQuorum } from './etcd-health';
import { etcdView, type EtcdView } from './etcd-view';
import { awaitMembers, turnOf, type Growth } from './growth';
import { apply, isMet, manifestFile } from './manifest';
import { awaitSwap, deleteJob, deleteSwap, jobState, type JobState } from './swap-job';

const ANSWERS_TIMEOUT_MS = 10 * 60_000;

interface Observed {
  readonly view: EtcdView;
  readonly turn?: EtcdTurn;
  readonly file: ObservedDesired;
  readonly job: JobState;
  readonly swapped: boolean;
  /** A master whose apiserver is healthy, of the others. */
  readonly answering?: Master;
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
  const others = all.filter(other => other !== one);
  // The apiserver on a master does not answer while its member is away.
  const asked = one === first ? (others[0] ?? first) : first;
  const job = swapJob(
    one,
    settings.images['kube-proxy'],
    templateText('swap-etcd.sh'),
    handedOver(settings, all),
  );
  const file = manifestFile(id, toYaml(job));
  const runs = clusterPodRuns(apiAccess(asked), one, { alone: true });
  return step<Observed>({
    id,
    title: title(all.length + silent, all.length - 1, one),
    after,
    probe: async host => {
      const [view, turn, found, state, swapped, answering] = await Promise.all([
        etcdView(host, all),
        turnOf(host, asked, one),
        observe(host, [file]),
        jobState(host, asked, pathOf(job)),
        isMet(host, runs),
        firstAnswering(host, others),
      ]);
      return {
        ...{ view, file: found, job: state, swapped },
        ...(turn === undefined ? {} : { turn }),
        ...(answering === undefined ? {} : { answering }),
      };
    },
    plan: observed => {
      const { view, turn, swapped } = observed;
      if (view.begun && view.members === undefined) return awaitMembers({ all });
      refuseStrangers(view, all, leaving);
      const done = awaitSwap(asked, one, pathOf(job), areVoters(all));
      // How healthy it is then is for the step that verifies etcd.
      if (swapped && turn?.kind === 'cluster') {
        // One that is at work may still have keepalived to put back.
        const ending = observed.job === 'at work' ? [done] : [];
        return observed.job === 'absent' ? [] : [...ending, deleteSwap(one)];
      }
      const files = difference([file], observed.file);
      const atWork = observed.job === 'at work' && files.length === 0;
      return [
        ...(atWork || ['absent', 'unknown'].includes(observed.job) ? [] : [deleteJob(one)]),
        ...(atWork ? [] : prepared(view, all, one, observed.answering ?? others[0])),
        ...(atWork ? [] : successor(settings, others, asked)),
        // Before the Job, so that nobody takes the init pod's manifest for lost and puts it back.
        ...(turn?.kind === 'cluster' ? [] : [giveTurn(one.hostname, { kind: 'cluster' })]),
        ...files,
        apply(id),
        done,
        deleteSwap(one),
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

/**
 * All others are healthy, and another apiserver answers: the one here cannot while its member is away. The member itself may be between two pods,
 * where an earlier Job was cut off. Where it leads it hands the lead over by itself as it ends, without a pause for the others
 * (etcdserver/server.go, Stop, 3.3 to 3.5); nobody could ask it to from here, for its init pod listens to its own host alone.
 */
function prepared(
  view: EtcdView,
  all: readonly Master[],
  one: Master,
  answering: Master | undefined,
): readonly Change[] {
  const ended = view.begun && view.answers.get(one.hostname)?.healthy !== true;
  const voters = awaitVoters(ended ? all.filter(other => other !== one) : all);
  if (answering === undefined) return [voters];
  const { hostname } = answering;
  const condition = apiserverHealthy(`the apiserver on ${hostname} is healthy`, answering);
  return [voters, { kind: 'await', condition, timeoutMs: ANSWERS_TIMEOUT_MS }];
}

/** Of two masters nobody but the other one can take the VIP; its keepalived may just be starting, where it handed the VIP over itself a moment ago. */
function successor({ vip }: Settings, others: readonly Master[], asked: Master): readonly Change[] {
  const [only, ...more] = others;
  if (vip?.carrier !== 'keepalived' || only === undefined || more.length > 0) return [];
  const condition = keepalivedRuns(apiAccess(asked), only.hostname);
  return [{ kind: 'await', condition, timeoutMs: ANSWERS_TIMEOUT_MS }];
}

/** The address that keepalived carries, where there is another master that can take it. */
function handedOver({ vip }: Settings, all: readonly Master[]): string | undefined {
  return vip?.carrier === 'keepalived' && all.length > 1 ? vip.addresses[0] : undefined;
}

async function firstAnswering(host: HostReader, others: readonly Master[]): Promise<Master | undefined> {
  const healthy = await Promise.all(others.map(other => isMet(host, apiserverHealthy('', other))));
  return others.find((_, index) => healthy[index]);
}
