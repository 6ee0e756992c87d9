import type { HostReader } from '../engine/host';
import { step, type Step } from '../engine/step';
import { askApi, items, type Node } from '../kubernetes/api';
import { allMasters } from '../kubernetes/endpoint';
import { kubectl, KUBECTL_TIMEOUT_MS, WHILE_UNANSWERED } from '../kubernetes/kubectl';
import { fromYaml, toYaml } from '../kubernetes/yaml';
import type { Master } from '../variables/master';
import type { Settings } from '../variables/settings';
import { apiAccess } from './access';

const PATH = '/api/v1/namespaces/kube-system/configmaps/kubeadm-config';

interface ClusterStatus {
  readonly apiEndpoints?: Readonly<Record<string, unknown>>;
}

interface Observed {
  /** undefined where the configmap, or this part of it, is not there. */
  readonly status: ClusterStatus | undefined;
  readonly joined: readonly Master[];
}

/** Tells kubeadm of the masters that it did not make itself, so that `kubeadm upgrade` works on them; versions of kubeadm that keep no such list need nothing. */
export function clusterStatus(settings: Settings, master: Master, after: readonly string[]): Step {
  const all = allMasters(settings, master);
  return step<Observed>({
    id: 'cluster-status',
    title: "Enter the masters in kubeadm's list",
    after,
    probe: async host => {
      const [status, joined] = await Promise.all([readStatus(host, master), joinedOf(host, master, all)]);
      return { status, joined };
    },
    plan: ({ status, joined }) => {
      const known = status?.apiEndpoints ?? {};
      const wanted = Object.fromEntries(joined.map(one => [one.hostname, endpointOf(one)]));
      const lacking = Object.entries(wanted).filter(
        ([name, endpoint]) => JSON.stringify(known[name]) !== JSON.stringify(endpoint),
      );
      if (status === undefined || lacking.length === 0) return [];
      const text = toYaml({ ...status, apiEndpoints: { ...known, ...wanted } });
      return [
        {
          kind: 'run',
          title: `Enter ${lacking.map(([name]) => name).join(', ')} in the list of kubeadm-config`,
          command: kubectl(
            ...['patch', 'configmap', 'kubeadm-config', '--namespace', 'kube-system', '--type', 'merge'],
            ...['--patch', JSON.stringify({ data: { ClusterStatus: text } })],
          ),
          timeoutMs: KUBECTL_TIMEOUT_MS,
          again: WHILE_UNANSWERED,
        },
      ];
    },
  });
}

/** As kubeadm writes it (cmd/kubeadm/app/apis/kubeadm/v1beta2, APIEndpoint). */
function endpointOf({ address }: Master): object {
  return { advertiseAddress: address, bindPort: 6443 };
}

async function readStatus(host: HostReader, master: Master): Promise<ClusterStatus | undefined> {
  const answer = await askApi(host, apiAccess(master), PATH);
  if (answer.kind !== 'found') return undefined;
  const { data } = answer.body as { readonly data?: Readonly<Record<string, string>> };
  const [document] = fromYaml(data?.['ClusterStatus'] ?? '') ?? [];
  return typeof document === 'object' && document !== null ? document : undefined;
}

async function joinedOf(
  host: HostReader,
  master: Master,
  all: readonly Master[],
): Promise<readonly Master[]> {
  const nodes = (items(await askApi(host, apiAccess(master), '/api/v1/nodes')) ?? []) as readonly Node[];
  return all.filter(one => nodes.some(node => node.metadata.name === one.hostname));
}
