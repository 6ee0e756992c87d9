import type { HostReader } from '../engine/host';
import { step, type Step } from '../engine/step';
import { askApi, type ApiAnswer } from '../kubernetes/api';
import { CLUSTER_INFO, clusterInfoSignature, signatureKey } from '../kubernetes/cluster-info';
import { kubectl, KUBECTL_TIMEOUT_MS, WHILE_UNANSWERED } from '../kubernetes/kubectl';
import type { Master } from '../variables/master';
import { apiAccess } from './access';
import { BOOTSTRAP_TOKEN } from './paths';

interface Observed {
  /** Whether a signature is wanted: not with a token that the cluster does not take (any more), nor twice. */
  readonly wanted: boolean;
  readonly key: string;
  readonly signature: string;
}

/**
 * Signs cluster-info for the bootstrap token, with the very signature that kube-controller-manager makes, which takes
 * ten seconds and more to start (pkg/controller/nodeipam/ipam/cidr_allocator.go, listNodes); until then no node can
 * begin to join, and kubeadm looks again only every five seconds.
 */
export function clusterInfo(master: Master, after: readonly string[]): Step {
  return step<Observed>({
    id: 'cluster-info',
    title: 'Let nodes find the cluster',
    after,
    probe: host => observe(host, master),
    plan: ({ wanted, key, signature }) => {
      if (!wanted) return [];
      const { namespace, name } = CLUSTER_INFO;
      return [
        {
          kind: 'run',
          title: 'Sign cluster-info for the bootstrap token',
          command: kubectl(
            ...['patch', 'configmap', name, '--namespace', namespace, '--type', 'merge'],
            ...['--patch', JSON.stringify({ data: { [key]: signature } })],
          ),
          timeoutMs: KUBECTL_TIMEOUT_MS,
          again: WHILE_UNANSWERED,
        },
      ];
    },
  });
}

async function observe(host: HostReader, master: Master): Promise<Observed> {
  const token = (await host.read(BOOTSTRAP_TOKEN))?.toString('utf8').trim() ?? '';
  const [id = '', secret = ''] = token.split('.');
  const ask = (path: string): Promise<ApiAnswer> => askApi(host, apiAccess(master), path);
  const [taken, map] = await Promise.all([
    ask(`/api/v1/namespaces/kube-system/secrets/bootstrap-token-${id}`),
    ask(`/api/v1/namespaces/${CLUSTER_INFO.namespace}/configmaps/${CLUSTER_INFO.name}`),
  ]);
  const found =
    map.kind === 'found' ? (map.body as { data?: Readonly<Record<string, string>> }).data : undefined;
  const key = signatureKey(id);
  // As long as there is no cluster, this is only what the plan shows.
  const signature = clusterInfoSignature(found?.['kubeconfig'] ?? '', { id, secret });
  // Where there is none it was taken away together with the right to read it.
  const wanted = taken.kind !== 'absent' && map.kind !== 'absent' && found?.[key] !== signature;
  return { wanted, key, signature };
}
