import type { Change } from '../engine/change';
import type { HostReader } from '../engine/host';
import { step, type Step } from '../engine/step';
import { askApi } from '../kubernetes/api';
import { COREFILE_TO_COME, withUpstream } from '../kubernetes/corefile';
import { kubectl, WHILE_UNANSWERED } from '../kubernetes/kubectl';
import { readResolver, upstreamOf } from '../kubernetes/resolver';
import type { Master } from '../variables/master';
import type { Settings } from '../variables/settings';
import { apiAccess } from './access';

const PATH = '/api/v1/namespaces/kube-system/configmaps/coredns';

interface Observed {
  /** CoreDNS' configuration; undefined before there is a cluster, '' where the cluster has another DNS in its place. */
  readonly corefile: string | undefined;
  readonly upstream: readonly string[] | undefined;
}

/** Tells CoreDNS which servers to ask for names outside of the cluster, or that there are none, where the host's own configuration would end it. */
export function corefile(settings: Settings, master: Master, after: readonly string[]): Step {
  return step<Observed>({
    id: 'corefile',
    title: 'Tell CoreDNS its servers',
    after,
    probe: async host => ({
      corefile: await read(host, master),
      upstream: upstreamOf(await readResolver(host, settings.clusterDns)),
    }),
    plan: observed => plan(observed),
  });
}

function plan({ corefile: found, upstream }: Observed): readonly Change[] {
  const text = found ?? COREFILE_TO_COME;
  const wanted = withUpstream(text, upstream);
  if (wanted === text) return [];
  const title =
    upstream === undefined
      ? 'Have CoreDNS ask the servers of /etc/resolv.conf again'
      : upstream.length > 0
        ? `Have CoreDNS ask ${upstream.join(', ')} for names outside of the cluster`
        : "Have CoreDNS resolve the cluster's names only: this host knows no DNS server that pods could use";
  return [
    {
      kind: 'run',
      title,
      command: kubectl(
        ...['patch', 'configmap', 'coredns', '--namespace', 'kube-system', '--type', 'merge'],
        ...['--patch', JSON.stringify({ data: { Corefile: wanted } })],
      ),
      timeoutMs: 60_000,
      again: WHILE_UNANSWERED,
    },
  ];
}

async function read(host: HostReader, master: Master): Promise<string | undefined> {
  const answer = await askApi(host, apiAccess(master), PATH);
  if (answer.kind !== 'found') return answer.kind === 'silent' ? undefined : '';
  const { data } = answer.body as { readonly data?: { readonly Corefile?: string } };
  return data?.Corefile;
}
