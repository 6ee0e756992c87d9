import type { MasterStatus } from '../engine/event';
import type { HostReader } from '../engine/host';
import type { Observer } from '../engine/watch';
import { apiRequest, askApi, items, type Node } from '../kubernetes/api';
import { allMasters } from '../kubernetes/endpoint';
import { isReady, masterReport } from '../kubernetes/master-state';
import { apiAccess } from '../steps/access';
import type { Master } from '../variables/master';
import type { Settings } from '../variables/settings';

const INTERVAL_MS = 3000;

/** Looks at all masters, for the screens: what their nodes say, and whether each one's apiserver answers. Silent while there is no cluster yet. */
export function masters(settings: Settings, master: Master): Observer {
  const all = allMasters(settings, master);
  return {
    id: 'masters',
    intervalMs: INTERVAL_MS,
    observe: async host => {
      const answer = await askApi(host, apiAccess(master), '/api/v1/nodes');
      const nodes = items(answer) as readonly Node[] | undefined;
      if (nodes === undefined) return [];
      const statuses = await Promise.all(
        all.map(async (one, index) => {
          const node = nodes.find(({ metadata }) => metadata.name === one.hostname);
          const apiserver = node === undefined ? 'absent' : await apiserverOf(host, master, one);
          return statusOf(one, node, apiserver, index === 0);
        }),
      );
      return statuses.map(status => ({ type: 'master', master: status }));
    },
  };
}

async function apiserverOf(host: HostReader, first: Master, one: Master): Promise<MasterStatus['apiserver']> {
  const access = { ...apiAccess(first), address: one.address };
  const answer = await host.request({ ...apiRequest(access, '/healthz'), timeoutMs: 3000 });
  if ('error' in answer) return 'absent';
  return answer.status === 200 && answer.body.startsWith('ok') ? 'healthy' : 'unhealthy';
}

function statusOf(
  { hostname, address }: Master,
  node: Node | undefined,
  apiserver: MasterStatus['apiserver'],
  first: boolean,
): MasterStatus {
  const name = { name: hostname, address };
  if (node === undefined) {
    return { ...name, joined: false, files: 'absent', apiserver, ready: false, lastError: 'not joined yet' };
  }
  const report = masterReport(node);
  // kubeadm made the first one, before anybody could say so.
  const unsaid = first ? 'complete' : 'absent';
  const files = report === undefined ? unsaid : report.complete ? 'complete' : 'incomplete';
  const ready = isReady(node);
  const lastError = errorOf(node, files, apiserver, ready);
  return {
    ...name,
    joined: true,
    files,
    apiserver,
    ready,
    ...(lastError === undefined ? {} : { lastError }),
  };
}

/** The first thing that is not as it should be; what follows from it would only hide it. */
function errorOf(
  node: Node,
  files: MasterStatus['files'],
  apiserver: MasterStatus['apiserver'],
  ready: boolean,
): string | undefined {
  const report = masterReport(node);
  if (report?.refused !== undefined) return report.refused;
  if (report?.etcd.startsWith('refused') === true) return report.etcd;
  const [missing] = report?.missing ?? [];
  if (missing !== undefined) return `${missing} is missing`;
  if (files === 'absent') return 'its files are not there yet';
  if (apiserver === 'absent') return 'its apiserver does not answer yet';
  if (apiserver === 'unhealthy') return 'its apiserver is not healthy';
  const [changed] = report?.changed ?? [];
  if (changed !== undefined) return `${changed} was changed by somebody`;
  if (ready) return undefined;
  return node.status.conditions?.find(({ type }) => type === 'Ready')?.message ?? 'not Ready';
}
