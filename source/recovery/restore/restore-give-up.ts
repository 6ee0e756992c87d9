import { withView, yamlView } from '../../disclosure/files';
import type { Change } from '../../engine/change';
import { Failure } from '../../engine/failure';
import type { Stage } from '../../engine/step';
import { step, type Step } from '../../engine/step';
import { apiRequest } from '../../kubernetes/api';
import { quorumOf } from '../../kubernetes/etcd-cluster';
import { apiAccess, etcdHealthy } from '../../steps/access';
import { withEvidence } from '../../steps/diagnosis';
import { kubeletRuns } from '../../steps/kubelet-runs';
import type { ClusterRecord } from '../record';
import { progressOf, type Attempt, type Progress } from './attempt';
import { company } from './company';
import { CONTROL_PLANE, HIDDEN, kindOf, placeOf, runningText, textOf } from './manifests';
import { MEMBER, placesOf, RESTORE, WORK } from './places';

const HEALTHY_MS = 10 * 60_000;

interface Observed {
  /** The restore's own note: it goes last, so that one who is cut off goes on. */
  readonly begun: boolean;
  readonly progress: Progress;
  readonly hidden: string | undefined;
  readonly controlPlane: readonly { readonly path: string; readonly text: string }[];
  readonly kubelet: boolean;
  /** Enough members are there for etcd to be healthy with this one. */
  readonly quorum: boolean;
}

/** What gives a restore up that was begun: the opposite of what it did before it replaced anything. */
export function giveUpStages(record: ClusterRecord, attempt: Attempt): readonly Stage[] {
  return [{ id: 'restore-give-up', title: 'Give the restore up', steps: [restoreGiveUp(record, attempt)] }];
}

/** Puts back what a restore has hidden, and waits for the control plane where the others make a quorum possible. */
function restoreGiveUp(record: ClusterRecord, attempt: Attempt): Step {
  const { masters } = record;
  return step<Observed>({
    id: 'restore-give-up',
    title: 'Put back what was hidden, and let etcd here go on with its own data',
    after: [],
    probe: async host => {
      const [note, progress, hidden, controlPlane, kubelet, { answering }] = await Promise.all([
        host.stat(RESTORE),
        progressOf(host, attempt),
        textOf(host, HIDDEN),
        Promise.all(CONTROL_PLANE.map(async path => ({ path, text: (await textOf(host, path)) ?? '' }))),
        kubeletRuns(host),
        company(host, record),
      ]);
      const quorum = masters.length > 1 && answering.length + 1 >= quorumOf(masters.length);
      return { begun: note !== undefined, progress, hidden, controlPlane, kubelet, quorum };
    },
    plan: observed => plan(observed, record, attempt),
    diagnose: (host, failure) => withEvidence(host, failure, ['etcd-init', 'etcd-cluster', 'kube-apiserver']),
  });
}

function plan(
  { begun, progress, hidden, controlPlane, kubelet, quorum }: Observed,
  { here }: ClusterRecord,
  { id }: Attempt,
): readonly Change[] {
  if (!begun) return [];
  if (progress === 'replaced') throw new Failure(tooLate());
  const run = (title: string, file: string, ...args: readonly string[]): Change => ({
    kind: 'run',
    title,
    command: { file, args },
    timeoutMs: 5 * 60_000,
  });
  return [
    ...(progress === 'moved'
      ? [run(`Move etcd's data back to ${MEMBER}`, 'mv', '-T', placesOf(id).aside, MEMBER)]
      : []),
    ...(hidden === undefined
      ? []
      : [run(`Give ${placeOf(hidden)} back to the kubelet`, 'mv', '-f', '-T', HIDDEN, placeOf(hidden))]),
    ...controlPlane.flatMap(({ path, text }): readonly Change[] =>
      kindOf(text) === 'waiting'
        ? [{ kind: 'write', path, content: withView(runningText(text), yamlView), mode: 0o600 }]
        : [],
    ),
    ...(kubelet ? [] : [{ kind: 'service', unit: 'kubelet.service', action: 'start' } satisfies Change]),
    ...(quorum ? healthyAgain(here) : []),
    run('Remove the copies that were worked on', 'rm', '-rf', WORK),
    { kind: 'remove', path: RESTORE },
  ];
}

function healthyAgain(here: ClusterRecord['here']): readonly Change[] {
  const api = {
    kind: 'request',
    title: `the apiserver on ${here.hostname} is healthy`,
    request: apiRequest(apiAccess(here), '/healthz'),
    status: 200,
    matches: '^ok',
  } as const;
  return [etcdHealthy(`etcd on ${here.hostname} is healthy`, here.address), api].map((condition): Change => ({
    kind: 'await',
    condition,
    timeoutMs: HEALTHY_MS,
  }));
}

function tooLate(): ConstructorParameters<typeof Failure>[0] {
  return {
    code: 'restore-replaced',
    message: `The restore has replaced etcd's data in ${MEMBER} already, so it is not given up: etcd here is one of a cluster of its own.`,
    hint: 'Go on with it: kube-el7-install readd-member, with --accept-data-loss. The data of before lies beside it, as member.before-restore-….',
  };
}
