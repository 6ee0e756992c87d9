import type { Change } from '../../engine/change';
import type { HostReader } from '../../engine/host';
import { Secret } from '../../engine/secret';
import { step, type Step } from '../../engine/step';
import { askApi } from '../../kubernetes/api';
import { kubectl, KUBECTL_TIMEOUT_MS, WHILE_UNANSWERED } from '../../kubernetes/kubectl';
import { CONFIG_WITHOUT_TOKEN } from '../../kubernetes/master-files';
import { MASTERS_NAMESPACE } from '../../kubernetes/master-secret';
import { movedText } from '../../recovery/moved';
import { apiAccess } from '../access';
import { KUBEADM_CONFIG } from '../paths';
import type { Readd } from './context';

interface Observed {
  /** kubeadm's configuration in the cluster, undefined where it cannot be read. */
  readonly configuration: string | undefined;
}

/** Tells kubeadm's own configmap where the masters are now. */
export function readdConfiguration(readd: Readd, after: readonly string[]): Step {
  const { here, moves } = readd;
  return step<Observed>({
    id: 'readd-configuration',
    title: "Change the addresses in the cluster's configuration",
    after,
    probe: async host => ({ configuration: await clusterConfiguration(host, readd) }),
    plan: ({ configuration }) =>
      configuration === undefined || movedText(configuration, moves) === configuration
        ? []
        : [patch(movedText(configuration, moves))],
    diagnose: (_, failure) =>
      Promise.resolve({
        ...failure,
        hint: failure.hint ?? `See whether the apiserver on ${here.hostname} answers, and run again.`,
      }),
  });
}

async function clusterConfiguration(host: HostReader, { here }: Readd): Promise<string | undefined> {
  const answer = await askApi(
    host,
    apiAccess(here),
    '/api/v1/namespaces/kube-system/configmaps/kubeadm-config',
  );
  if (answer.kind !== 'found') return undefined;
  return (answer.body as { readonly data?: Readonly<Record<string, string>> }).data?.['ClusterConfiguration'];
}

function patch(configuration: string): Change {
  return {
    kind: 'run',
    title: 'Change the addresses in configmap kubeadm-config',
    command: kubectl(
      ...['patch', 'configmap', 'kubeadm-config', '--namespace', MASTERS_NAMESPACE, '--type', 'merge'],
      ...['--patch', JSON.stringify({ data: { ClusterConfiguration: configuration } })],
    ),
    timeoutMs: KUBECTL_TIMEOUT_MS,
    again: WHILE_UNANSWERED,
  };
}

/** The same in what this host keeps for the installer, where it is the one that the cluster was begun on; it has a token in it. */
export function readdOwnRecord({ moves }: Readd, after: readonly string[]): Step {
  const paths = [KUBEADM_CONFIG, CONFIG_WITHOUT_TOKEN];
  return step<readonly { readonly path: string; readonly text: string; readonly mode: number }[]>({
    id: 'readd-own-record',
    title: "Change the addresses in the installer's own files",
    after,
    probe: async host => {
      const found = await Promise.all(
        paths.map(async path => {
          const [bytes, stat] = await Promise.all([host.read(path), host.stat(path)]);
          return bytes === undefined
            ? []
            : [{ path, text: bytes.toString('utf8'), mode: stat?.mode ?? 0o600 }];
        }),
      );
      return found.flat();
    },
    plan: files =>
      files
        .filter(({ text }) => movedText(text, moves) !== text)
        .map(({ path, text, mode }) => ({
          kind: 'write',
          path,
          content: new Secret(movedText(text, moves)),
          mode,
        })),
  });
}
