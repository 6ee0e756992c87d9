import type { Condition, Question } from '../engine/change';
import type { FailureReport } from '../engine/failure';
import type { HostReader } from '../engine/host';
import { apiRequest } from '../kubernetes/api';
import { allMasters } from '../kubernetes/endpoint';
import type { Master } from '../variables/master';
import type { Settings, Vip } from '../variables/settings';
import { apiAccess } from './access';
import { explain, withEvidence } from './diagnosis';
import { isMet } from './manifest';

/** That one apiserver is healthy, asked at an address of its own or at one that leads to it. */
export function apiserverHealthy(title: string, master: Master, address = master.address): Question {
  const request = apiRequest({ ...apiAccess(master), address }, '/healthz');
  return { kind: 'request', title, request, status: 200, matches: '^ok' };
}

/** That the API answers at the VIP; undefined where there is none. */
export function endpointHealthy({ vip }: Settings, master: Master): Condition | undefined {
  return vip && apiserverHealthy(`the API answers at ${vip.endpoint}`, master, vip.endpoint);
}

/**
 * The report on a VIP that leads nowhere although this host's apiserver is healthy: kubeadm and kubelets then only say that a connection timed out.
 * Undefined where that is not what is wrong.
 */
export async function silentEndpoint(
  host: HostReader,
  settings: Settings,
  master: Master,
  failure: FailureReport,
): Promise<FailureReport | undefined> {
  const { vip } = settings;
  const endpoint = endpointHealthy(settings, master);
  if (vip === undefined || endpoint?.kind !== 'request') return undefined;
  const [own, through] = await Promise.all([
    isMet(host, apiserverHealthy('', master)),
    host.request(endpoint.request),
  ]);
  if (!own || ('status' in through && through.status === 200)) return undefined;
  const said = 'error' in through ? through.error : `it answers ${through.status}`;
  const line = `${endpoint.request.url}: ${said}`;
  return vip.carrier === 'keepalived'
    ? silentKeepalived(host, vip, master, failure, line)
    : silentLoadBalancer(vip, allMasters(settings, master), failure, line);
}

function silentLoadBalancer(
  vip: Vip,
  masters: readonly Master[],
  failure: FailureReport,
  line: string,
): FailureReport {
  const targets = masters.map(({ hostname, address }) => `${hostname} (${address})`).join(', ');
  return {
    code: 'endpoint-silent',
    message: `The apiserver on ${masters[0]?.hostname ?? 'this host'} is healthy, but the load balancer ${vip.endpoint} does not lead to it.`,
    hint: `Let it forward TCP 6443 to port 6443 of ${targets}, with a health check by TCP or by HTTPS to /healthz. A master must reach itself through it: on an AWS network load balancer switch client IP preservation off. Then run again.`,
    seen: [...(failure.seen ?? []), line],
  };
}

async function silentKeepalived(
  host: HostReader,
  vip: Vip,
  master: Master,
  failure: FailureReport,
  line: string,
): Promise<FailureReport> {
  const report: FailureReport = {
    code: 'endpoint-silent',
    message: `The apiserver on ${master.hostname} is healthy, but does not answer at the VIP ${vip.endpoint}, which keepalived should have brought here.`,
    hint: `See what keepalived says below, whether \`ip addr\` shows the VIP on one master, and whether another router on this network uses the router id ${vip.routerId} (VIP_ROUTER_ID). Then run again.`,
    seen: [line],
  };
  const { seen = [] } = await withEvidence(host, { ...report, seen: [] }, ['keepalived']);
  // The kubelet tells of connections to the VIP that fail, which is the matter itself and not its cause.
  const cause = explain(seen.filter(one => !/dial tcp|i\/o timeout/.test(one)).reverse());
  return { ...report, ...cause, seen: [...(failure.seen ?? []), ...seen, line] };
}
