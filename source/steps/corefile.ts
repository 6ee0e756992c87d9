import type { Change } from '../engine/change';
import type { HostReader } from '../engine/host';
import { Secret } from '../engine/secret';
import { step, type Step } from '../engine/step';
import { askApi } from '../kubernetes/api';
import { COREFILE_TO_COME, withUpstream } from '../kubernetes/corefile';
import { kubectl, KUBECTL_TIMEOUT_MS, WHILE_UNANSWERED } from '../kubernetes/kubectl';
import { readResolver, upstreamOf } from '../kubernetes/resolver';
import { toYaml } from '../kubernetes/yaml';
import type { Master } from '../variables/master';
import type { Settings } from '../variables/settings';
import { apiAccess } from './access';

const PATH = '/api/v1/namespaces/kube-system/configmaps/coredns';

interface CorefileMap {
  readonly data: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}

interface Observed {
  /** CoreDNS' ConfigMap; undefined before there is a cluster, 'absent' where the cluster has another DNS in its place. */
  readonly found: CorefileMap | 'absent' | undefined;
  readonly upstream: readonly string[] | undefined;
}

/** Tells CoreDNS which servers to ask for names outside of the cluster, or that there are none, where the host's own configuration would end it. */
export function corefile(settings: Settings, master: Master, after: readonly string[]): Step {
  return step<Observed>({
    id: 'corefile',
    title: 'Tell CoreDNS its servers',
    after,
    probe: async host => ({
      found: await read(host, master),
      upstream: upstreamOf(await readResolver(host, settings.clusterDns)),
    }),
    plan: observed => plan(observed),
  });
}

function plan({ found, upstream }: Observed): readonly Change[] {
  if (found === 'absent') return [];
  const text = found?.data['Corefile'] ?? COREFILE_TO_COME;
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
      // Through standard input: an operator's Corefile may hold keys, as those of the plugin route53.
      command: {
        ...kubectl('replace', '--filename', '-'),
        input: new Secret(toYaml({ ...found, data: { ...found?.data, Corefile: wanted } })),
      },
      timeoutMs: KUBECTL_TIMEOUT_MS,
      again: WHILE_UNANSWERED,
    },
  ];
}

async function read(host: HostReader, master: Master): Promise<Observed['found']> {
  const answer = await askApi(host, apiAccess(master), PATH);
  if (answer.kind !== 'found') return answer.kind === 'silent' ? undefined : 'absent';
  const { data, ...rest } = answer.body as Partial<CorefileMap>;
  return { apiVersion: 'v1', kind: 'ConfigMap', ...rest, data: data ?? {} };
}
