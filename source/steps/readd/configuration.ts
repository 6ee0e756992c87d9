import type { Change } from '../../engine/change';
import type { HostReader } from '../../engine/host';
import { Secret } from '../../engine/secret';
import { step, type Step } from '../../engine/step';
import { askApi } from '../../kubernetes/api';
import { kubectl, KUBECTL_TIMEOUT_MS, WHILE_UNANSWERED } from '../../kubernetes/kubectl';
import { CONFIG_WITHOUT_TOKEN } from '../../kubernetes/master-files';
import { MASTERS_DAEMON } from '../../kubernetes/master-objects';
import { MASTERS_NAMESPACE } from '../../kubernetes/master-secret';
import { movedText, type Moves } from '../../recovery/moved';
import { apiAccess } from '../access';
import { KUBEADM_CONFIG } from '../paths';
import type { Readd } from './context';

interface Observed {
  /** kubeadm's configuration in the cluster, undefined where it cannot be read. */
  readonly configuration: string | undefined;
  /** The program that makes masters: each container's list of addresses. */
  readonly lists: readonly { readonly container: string; readonly addresses: string }[];
}

/** Tells kubeadm's own configmap, and the program that makes masters, where the masters are now. */
export function readdConfiguration(readd: Readd, after: readonly string[]): Step {
  const { here, moves } = readd;
  return step<Observed>({
    id: 'readd-configuration',
    title: "Change the addresses in the cluster's configuration",
    after,
    probe: async host => ({
      configuration: await clusterConfiguration(host, readd),
      lists: await addressLists(host, readd),
    }),
    plan: ({ configuration, lists }) => [
      ...(configuration === undefined || movedText(configuration, moves) === configuration
        ? []
        : [
            patch('configmap', 'kubeadm-config', {
              data: { ClusterConfiguration: movedText(configuration, moves) },
            }),
          ]),
      ...daemonPatch(lists, moves),
    ],
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

interface DaemonSet {
  readonly spec: {
    readonly template: {
      readonly spec: {
        readonly containers: readonly {
          readonly name: string;
          readonly env?: readonly { readonly name: string; readonly value?: string }[];
        }[];
      };
    };
  };
}

async function addressLists(host: HostReader, { here }: Readd): Promise<Observed['lists']> {
  const path = `/apis/apps/v1/namespaces/${MASTERS_NAMESPACE}/daemonsets/${MASTERS_DAEMON}`;
  const answer = await askApi(host, apiAccess(here), path);
  if (answer.kind !== 'found') return [];
  return (answer.body as DaemonSet).spec.template.spec.containers.flatMap(({ name, env = [] }) => {
    const addresses = env.find(one => one.name === 'MASTERS')?.value;
    return addresses === undefined ? [] : [{ container: name, addresses }];
  });
}

function daemonPatch(lists: Observed['lists'], moves: Moves): readonly Change[] {
  const containers = lists
    .filter(({ addresses }) => movedText(addresses, moves) !== addresses)
    .map(({ container, addresses }) => ({
      name: container,
      env: [{ name: 'MASTERS', value: movedText(addresses, moves) }],
    }));
  if (containers.length === 0) return [];
  return [patch('daemonset', MASTERS_DAEMON, { spec: { template: { spec: { containers } } } }, 'strategic')];
}

function patch(kind: string, name: string, body: object, type: 'merge' | 'strategic' = 'merge'): Change {
  return {
    kind: 'run',
    title: `Change the addresses in ${kind} ${name}`,
    command: kubectl(
      ...['patch', kind, name, '--namespace', MASTERS_NAMESPACE, '--type', type],
      ...['--patch', JSON.stringify(body)],
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
