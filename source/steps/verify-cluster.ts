import type { Condition, Question } from '../engine/change';
import { step, type Step } from '../engine/step';
import { apiRequest } from '../kubernetes/api';
import { allMasters } from '../kubernetes/endpoint';
import { nodeReady, podsReady } from '../kubernetes/kubectl';
import { MASTERS_DAEMON } from '../kubernetes/master-objects';
import { namesOf } from '../variables/master';
import type { Master } from '../variables/master';
import type { Settings } from '../variables/settings';
import { apiAccess } from './access';
import { withEvidence } from './diagnosis';
import { apiserverHealthy, endpointHealthy, silentEndpoint } from './endpoint-health';
import { isMet } from './manifest';
import { TAINTED_REPORT } from './master-condition';

const READY_TIMEOUT_MS = 5 * 60_000;

/** Every master is Ready with an apiserver that is healthy, the API answers at the VIP, and what was deployed, DNS and kube-proxy among it, runs. */
export function verifyCluster(settings: Settings, master: Master, after: readonly string[]): Step {
  const conditions = conditionsOf(settings, master);
  return step<readonly boolean[]>({
    id: 'verify-cluster',
    title: 'Verify the cluster',
    after,
    probe: host => Promise.all(conditions.map(condition => isMet(host, condition))),
    plan: met =>
      conditions
        .filter((_, index) => met[index] !== true)
        .map(condition => ({ kind: 'await', condition, timeoutMs: READY_TIMEOUT_MS })),
    diagnose: async (host, failure) =>
      (await silentEndpoint(host, settings, master, failure)) ??
      withEvidence(host, failure, ['coredns', 'kube-proxy', 'kube-flannel-ds', MASTERS_DAEMON]),
  });
}

function conditionsOf(settings: Settings, master: Master): readonly Condition[] {
  const masters = allMasters(settings, master);
  const endpoint = endpointHealthy(settings, master);
  return [
    ...masters.map(({ hostname }) => nodeReady(hostname)),
    // The first one's was waited for when it was made.
    ...settings.others.map(other => apiserverHealthy(`the apiserver of ${other.hostname} is healthy`, other)),
    ...(endpoint === undefined ? [] : [endpoint]),
    // By the program that makes masters, which a single master has not.
    ...(settings.others.length === 0 ? [] : [keepTaints(master, masters)]),
    // The VIP answers as long as one of them runs; the others are there for the day when that one does not.
    ...(settings.vip?.carrier === 'keepalived'
      ? masters.map(({ hostname }) => keepalivedRuns(hostname))
      : []),
    podsReady('coredns runs', { namespace: 'kube-system', labels: 'k8s-app=kube-dns' }),
    ...masters.map(({ hostname }) =>
      // Without the static pods: they answer long before the kubelet reports it.
      podsReady(`the addons run on ${hostname}`, {
        namespace: 'kube-system',
        labels: 'tier!=control-plane',
        node: hostname,
      }),
    ),
  ];
}

/** The cluster may write over a taint while a node becomes Ready, so it is seen to that it stays. */
function keepTaints(first: Master, masters: readonly Master[]): Condition {
  const of = masters.map(({ hostname }): Question => ({
    kind: 'request',
    title: `${hostname} keeps its taint`,
    request: apiRequest(apiAccess(first), `/api/v1/nodes/${hostname}`),
    status: 200,
    matches: TAINTED_REPORT,
    unmet: 'it has not been seen to stay yet',
  }));
  const title = `the taint that keeps other pods away stays on ${namesOf(masters)}`;
  return { kind: 'all', title, of };
}

/** By master: what the API still says of the pod of one that is away is not awaited. */
function keepalivedRuns(hostname: string): Condition {
  return podsReady(`keepalived runs on ${hostname}`, {
    namespace: 'kube-system',
    labels: 'component=keepalived',
    node: hostname,
  });
}
