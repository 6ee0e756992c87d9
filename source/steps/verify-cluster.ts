import type { Condition, Question } from '../engine/change';
import { step, type Step } from '../engine/step';
import type { HostReader } from '../engine/host';
import { apiRequest, askApi, type ApiAccess } from '../kubernetes/api';
import { allMasters } from '../kubernetes/endpoint';
import { hasRoom, readPlacement, runsApart } from '../kubernetes/coredns';
import { FLANNEL_DAEMON } from '../kubernetes/flannel';
import { COREDNS, PROXY } from '../kubernetes/kubeadm-objects';
import { keepalivedRuns } from '../kubernetes/keepalived';
import { MASTERS_DAEMON } from '../kubernetes/master-objects';
import { nodeReady } from '../kubernetes/node-ready';
import { podsRun, type Workload } from '../kubernetes/pods-run';
import { namesOf } from '../variables/master';
import type { Master } from '../variables/master';
import type { Settings } from '../variables/settings';
import { apiAccess } from './access';
import { withEvidence } from './diagnosis';
import { apiserverHealthy, endpointHealthy, silentEndpoint } from './endpoint-health';
import { isMet } from './manifest';
import { TAINTED_REPORT } from './master-condition';

const READY_TIMEOUT_MS = 15 * 60_000;

/** Every master is Ready with an apiserver that is healthy, the API answers at the VIP, and what was deployed, DNS and kube-proxy among it, runs. */
export function verifyCluster(settings: Settings, master: Master, after: readonly string[]): Step {
  return step<readonly Condition[]>({
    id: 'verify-cluster',
    title: 'Verify the cluster',
    after,
    probe: async host => {
      const conditions = conditionsOf(settings, master, await deployed(host, master));
      const met = await Promise.all(conditions.map(condition => isMet(host, condition)));
      return conditions.filter((_, index) => met[index] !== true);
    },
    plan: unmet => unmet.map(condition => ({ kind: 'await', condition, timeoutMs: READY_TIMEOUT_MS })),
    diagnose: async (host, failure) =>
      (await silentEndpoint(host, settings, master, failure)) ??
      withEvidence(host, failure, ['coredns', 'kube-proxy', 'kube-flannel-ds', MASTERS_DAEMON]),
  });
}

/** Which of kubeadm's addons the cluster has: one that an operator has taken away or scaled to nothing is not awaited. */
interface Deployed {
  readonly coredns: boolean;
  /** Whether CoreDNS is to run on different hosts by our rule, and there are enough that can hold it. */
  readonly apart: boolean;
  readonly proxy: boolean;
}

async function deployed(host: HostReader, master: Master): Promise<Deployed> {
  const placement = readPlacement(host, apiAccess(master));
  const [coredns, proxy] = await Promise.all(
    [COREDNS, PROXY].map(async path => {
      const answer = await askApi(host, apiAccess(master), path);
      if (answer.kind !== 'found') return answer.kind === 'silent';
      const { spec } = answer.body as { readonly spec?: { readonly replicas?: number } };
      return spec?.replicas !== 0;
    }),
  );
  const where = await placement;
  const apart = where.kind === 'apart' && hasRoom(where.room);
  return { coredns: coredns !== false, apart, proxy: proxy !== false };
}

function conditionsOf(
  settings: Settings,
  master: Master,
  { coredns, apart, proxy }: Deployed,
): readonly Condition[] {
  const masters = allMasters(settings, master);
  const access = apiAccess(master);
  const endpoint = endpointHealthy(settings, master);
  return [
    ...masters.map(({ hostname }) => nodeReady(access, hostname)),
    // The first one's was waited for when it was made.
    ...settings.others.map(other => apiserverHealthy(`the apiserver of ${other.hostname} is healthy`, other)),
    ...(endpoint === undefined ? [] : [endpoint]),
    // By the program that makes masters, which a single master has not.
    ...(settings.others.length === 0 ? [] : [keepTaints(master, masters)]),
    // The VIP answers as long as one of them runs; the others are there for the day when that one does not.
    ...(settings.vip?.carrier === 'keepalived'
      ? masters.map(({ hostname }) => keepalivedRuns(access, hostname))
      : []),
    ...(coredns
      ? [podsRun('coredns runs', access, { namespace: SYSTEM, labels: 'k8s-app=kube-dns' }, [CORE_DNS])]
      : []),
    ...(apart ? [runsApart(access)] : []),
    ...masters.flatMap(({ hostname }) => addonsRun(settings, access, hostname, proxy)),
  ];
}

const SYSTEM = 'kube-system';
const CORE_DNS: Workload = { kind: 'Deployment', name: 'coredns' };

/** Of what was deployed, and of no other pods on that master. */
function addonsRun(
  settings: Settings,
  access: ApiAccess,
  node: string,
  proxy: boolean,
): readonly Condition[] {
  const { namespace } = settings.facts.flannel;
  const daemons: readonly (readonly [string, Workload])[] = [
    [namespace, FLANNEL_DAEMON],
    ...(proxy ? [[SYSTEM, { kind: 'DaemonSet', name: 'kube-proxy' }] as const] : []),
    ...(settings.others.length === 0 ? [] : [[SYSTEM, { kind: 'DaemonSet', name: MASTERS_DAEMON }] as const]),
  ];
  return [...new Set(daemons.map(([where]) => where))].map(where =>
    podsRun(
      `the addons run on ${node}`,
      access,
      { namespace: where, node },
      daemons.filter(([one]) => one === where).map(([, daemon]) => daemon),
    ),
  );
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
