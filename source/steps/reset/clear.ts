import type { Change } from '../../engine/change';
import type { HostReader } from '../../engine/host';
import { step, type Step } from '../../engine/step';
import { DROP_IN, STANDALONE } from '../etcd-standalone';
import {
  ADMIN_KUBECONFIG,
  BOOTSTRAP_TOKEN,
  ETCD_CLUSTER_ID,
  ETCDCTL,
  HELM_CLIENT,
  HELM_HOME,
  JOIN_TOKEN,
  JOIN_WORKER,
  KEEPALIVED,
  KEEPALIVED_PASSWORD,
  KUBEADM_CONFIG,
  MANIFESTS,
  MASTERS,
  PKI,
  SNAPSHOTS,
  STATE,
} from '../paths';
import { ask, readText } from '../prepare/ask';
import { removeTree } from './kept';

const FILES = [
  ...[
    BOOTSTRAP_TOKEN,
    JOIN_TOKEN,
    JOIN_WORKER,
    KUBEADM_CONFIG,
    ETCD_CLUSTER_ID,
    KEEPALIVED_PASSWORD,
    STANDALONE,
    DROP_IN,
  ],
  ...['kubeadm-check', 'kubeadm-join'].map(name => `${STATE}/${name}.yaml`),
];
const HELM_FILES = [`${HELM_HOME}/ca.pem`, HELM_CLIENT.certPath, HELM_CLIENT.keyPath];
const TREES = [
  ...[MASTERS, MANIFESTS, SNAPSHOTS, ETCDCTL.slice(0, ETCDCTL.lastIndexOf('/'))],
  ...[KEEPALIVED, '/etc/kubernetes/kube-el7-install', '/run/kube-el7-install'],
];
const ADMIN_DIRECTORY = ADMIN_KUBECONFIG.slice(0, ADMIN_KUBECONFIG.lastIndexOf('/'));
const DIRECTORIES = [...[PKI, '/var/lib/dockershim', '/var/lib/cni', '/var/lib/kubelet'], ADMIN_DIRECTORY];
const BEFORE = `${ADMIN_KUBECONFIG}.before-kube-el7-install`;

interface Observed {
  readonly files: readonly string[];
  readonly trees: readonly string[];
  /** root's kubeconfig is the one of this cluster. */
  readonly kubeconfig: boolean;
  /** Another one stood there before. */
  readonly before: boolean;
  /** Directories that nobody needs once they are empty: no package's, and no mount point. */
  readonly directories: readonly string[];
}

/** Removes what is the product's own and belongs to the cluster; journals, logs and what was kept stay. */
export function clearState(after: readonly string[]): Step {
  return step<Observed>({
    id: 'clear-state',
    title: 'Remove tokens, configuration and manifests of the cluster',
    after,
    probe: async host => {
      const present = async (paths: readonly string[]): Promise<readonly string[]> => {
        const found = await Promise.all(paths.map(async path => ({ path, stat: await host.stat(path) })));
        return found.filter(({ stat }) => stat !== undefined).map(({ path }) => path);
      };
      const [files, helm, trees, text, before] = await Promise.all([
        present(FILES),
        present(HELM_FILES),
        present(TREES),
        readText(host, ADMIN_KUBECONFIG),
        host.stat(BEFORE),
      ]);
      return {
        // All three are only there together where they are the installer's.
        files: [...files, ...(helm.length === HELM_FILES.length ? helm : [])],
        trees,
        kubeconfig: /^current-context: administrator@kubernetes$/m.test(text),
        before: before !== undefined,
        directories: await unneeded(host, /^current-context: administrator@/m.test(text)),
      };
    },
    plan: ({ files, trees, kubeconfig, before, directories }) => [
      ...files.map((path): Change => ({ kind: 'remove', path })),
      ...(files.includes(DROP_IN) ? [reload] : []),
      ...trees.map(path => removeTree(path, `Remove ${path}`)),
      ...(kubeconfig ? [before ? putBack : ({ kind: 'remove', path: ADMIN_KUBECONFIG } as const)] : []),
      ...(before ? directories.filter(path => path !== ADMIN_DIRECTORY) : directories).map(removeEmpty),
    ],
  });
}

/** root's counts as empty where nothing but the cluster's kubeconfig is in it. */
async function unneeded(host: HostReader, ours: boolean): Promise<readonly string[]> {
  const mounts = await readText(host, '/proc/mounts');
  const found = await Promise.all(
    DIRECTORIES.map(async path => {
      const names = await host.list(path);
      const left = names?.filter(name => !ours || `${path}/${name}` !== ADMIN_KUBECONFIG);
      if (left?.length !== 0 || mounts.includes(` ${path} `)) return [];
      if (path === ADMIN_DIRECTORY && !ours) return [];
      return (await ask(host, 'rpm', ['-qf', path])).code === 0 ? [] : [path];
    }),
  );
  return found.flat();
}

function removeEmpty(path: string): Change {
  return {
    kind: 'run',
    title: `Remove the empty directory ${path}`,
    command: { file: 'rmdir', args: ['--', path] },
    timeoutMs: 10_000,
  };
}

const reload: Change = { kind: 'service', unit: 'kubelet.service', action: 'reload-units' };

const putBack: Change = {
  kind: 'run',
  title: `Put back the kubeconfig that was at ${ADMIN_KUBECONFIG} before`,
  command: { file: 'mv', args: ['--force', '--no-target-directory', BEFORE, ADMIN_KUBECONFIG] },
  timeoutMs: 10_000,
};
