import type { Condition } from '../engine/change';
import { step, type Step } from '../engine/step';
import { nodeReady, podsReady } from '../kubernetes/kubectl';
import { withEvidence } from './diagnosis';
import { isMet } from './manifest';
import type { Master } from '../variables/master';

const READY_TIMEOUT_MS = 5 * 60_000;

/** The node is Ready, and what was deployed on it, DNS and kube-proxy among it, runs. */
export function verifyCluster(master: Master, after: readonly string[]): Step {
  const conditions: readonly Condition[] = [
    nodeReady(master.hostname),
    podsReady('coredns runs', { namespace: 'kube-system', labels: 'k8s-app=kube-dns' }),
    // Without the static pods: they answer long before the kubelet reports it.
    podsReady(`the addons run on ${master.hostname}`, {
      namespace: 'kube-system',
      labels: 'tier!=control-plane',
      node: master.hostname,
    }),
  ];
  return step<readonly boolean[]>({
    id: 'verify-cluster',
    title: 'Verify the cluster',
    after,
    probe: host => Promise.all(conditions.map(condition => isMet(host, condition))),
    plan: met =>
      conditions
        .filter((_, index) => met[index] !== true)
        .map(condition => ({ kind: 'await', condition, timeoutMs: READY_TIMEOUT_MS })),
    diagnose: (host, failure) => withEvidence(host, failure, ['coredns', 'kube-proxy', 'kube-flannel-ds']),
  });
}
