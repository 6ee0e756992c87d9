import { isIPv4 } from 'node:net';
import type { Change, Condition } from '../engine/change';
import type { HostReader } from '../engine/host';
import { step, type Step } from '../engine/step';
import { apiRequest, askApi, items, type Metadata } from '../kubernetes/api';
import { kubectl, KUBECTL_TIMEOUT_MS, WHILE_UNANSWERED } from '../kubernetes/kubectl';
import type { Master } from '../variables/master';
import { apiAccess } from './access';

const NAMESPACE = 'kube-system';
const PODS = `/api/v1/namespaces/${NAMESPACE}/pods`;
/** It tries at least once a minute (client-go, tools/cache/reflector.go: 30 s, and up to as much again by lot). */
const SINCE_S = 90;
const API_TIMEOUT_MS = 10 * 60_000;

/** Whether the cluster is reached by a name, which a node may not know for a while. */
export function isNamed(endpoint: string): boolean {
  return !isIPv4(endpoint);
}

/**
 * Starts kube-proxy anew where it does not find the cluster's name: the kubelet gives a pod a copy of /etc/hosts as it is
 * when the pod starts (pkg/kubelet/kubelet_pods.go, nodeHostsFileContent), so a name that is entered there later is never found.
 * Without it no service is reached on that node, and flannel, DNS and all that is awaited next wait for that.
 */
export function kubeProxies(endpoint: string, master: Master, after: readonly string[]): Step {
  const path = `${PODS}?labelSelector=k8s-app%3Dkube-proxy`;
  const listed: Condition = {
    kind: 'request',
    title: 'the API says which pods run kube-proxy',
    request: apiRequest(apiAccess(master), path),
    status: 200,
  };
  return step<readonly string[] | undefined>({
    id: 'kube-proxies',
    title: `See that kube-proxy on every node finds ${endpoint}`,
    after,
    probe: async host => {
      const list = await askApi(host, apiAccess(master), path);
      const pods = items(list) as readonly { readonly metadata: Metadata }[] | undefined;
      if (pods === undefined) return undefined;
      const names = pods.map(({ metadata }) => metadata.name);
      const lost = await Promise.all(names.map(name => isLost(host, endpoint, master, name)));
      return names.filter((_, index) => lost[index] === true);
    },
    plan: lost => lost?.map(startAnew) ?? [{ kind: 'await', condition: listed, timeoutMs: API_TIMEOUT_MS }],
  });
}

/** Whether its last words are that nobody knows the name; not where they cannot be read. */
async function isLost(host: HostReader, endpoint: string, master: Master, pod: string): Promise<boolean> {
  const path = `${PODS}/${pod}/log?tailLines=20&sinceSeconds=${SINCE_S}`;
  const answer = await host.request(apiRequest(apiAccess(master), path));
  return 'status' in answer && answer.status === 200 && answer.body.includes(`: lookup ${endpoint}`);
}

/** Its DaemonSet makes another one once it is gone, which the verification waits for; what it has written for the node's services stays meanwhile. */
function startAnew(pod: string): Change {
  return {
    kind: 'run',
    title: `Delete the pod ${pod}, which is made anew`,
    command: kubectl('delete', `pod/${pod}`, '--namespace', NAMESPACE, '--ignore-not-found'),
    timeoutMs: KUBECTL_TIMEOUT_MS,
    again: WHILE_UNANSWERED,
    undo: [],
  };
}
