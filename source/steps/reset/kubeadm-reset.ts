import type { Change } from '../../engine/change';
import type { Role } from '../../cluster/role';
import type { HostReader } from '../../engine/host';
import { step, type Step } from '../../engine/step';
import { CRI_SOCKET } from '../../kubernetes/join-configuration';
import { KEEPALIVED, PKI, STATIC_PODS } from '../paths';
import { readUnit } from '../prepare/units';

/** kubeadm stops one container after the other, ten seconds each at most. */
const RESET_MS = 10 * 60_000;
const KUBERNETES = '/etc/kubernetes';
const KUBELET = '/var/lib/kubelet';

/** Directories whose contents belong to the cluster; they themselves may be a package's. */
const EMPTIED = [
  ...[STATIC_PODS, PKI, KEEPALIVED, `${KUBERNETES}/kube-el7-install`],
  ...[KUBELET, '/var/lib/dockershim', '/var/lib/cni', '/var/run/kubernetes'],
];
const KUBECONFIGS = ['admin', 'kubelet', 'bootstrap-kubelet', 'controller-manager', 'scheduler'].map(
  name => `${KUBERNETES}/${name}.conf`,
);

interface Observed {
  readonly kubeadm: boolean;
  /** A manifest of etcd that kubeadm reset would take for its own. */
  readonly manifest: string | undefined;
  /** docker runs; without it containers can be neither seen nor removed. */
  readonly docker: boolean;
  /** Containers of pods, whether they run or not. */
  readonly containers: boolean;
  /** What is there of the above. */
  readonly full: readonly string[];
  readonly kubeconfigs: readonly string[];
}

/**
 * kubeadm reset, and after it what it may leave. It is told of no kubeconfig: with one it asks the cluster for what is of
 * no use here, and waits long for one that does not answer (cmd/kubeadm/app/cmd/reset.go, newResetData).
 */
export function kubeadmReset({ maker, etcd }: Role, after: readonly string[]): Step {
  return step<Observed>({
    id: 'kubeadm-reset',
    title: 'Take away all that makes a node',
    after,
    probe: async host => {
      const [manifest, kubeadm, docker, listed, full, kubeconfigs] = await Promise.all([
        maker !== 'other' || etcd === undefined ? [] : present(host, [etcd.manifest]),
        host.stat('/usr/bin/kubeadm'),
        readUnit(host, 'docker.service'),
        host.query({ file: 'docker', args: ['ps', '--all', '--quiet', '--filter', 'name=^/?k8s_'] }),
        holding(host, EMPTIED),
        present(host, KUBECONFIGS),
      ]);
      return {
        manifest: manifest[0],
        kubeadm: kubeadm !== undefined,
        docker: docker.active === 'active',
        containers: listed.code === 0 && listed.stdout.trim() !== '',
        full,
        kubeconfigs,
      };
    },
    plan,
  });
}

function plan({ manifest, kubeadm, docker, containers, full, kubeconfigs }: Observed): readonly Change[] {
  if (!containers && full.length === 0 && kubeconfigs.length === 0) return [];
  return [
    // It empties the data directory that is named in etcd.yaml (kubernetes cmd/kubeadm/app/cmd/phases/reset/removeetcdmember.go); data is for a later step.
    ...(manifest === undefined ? [] : [{ kind: 'remove', path: manifest } as const]),
    ...(kubeadm && docker ? [reset] : []),
    ...(docker ? [removeContainers] : []),
    unmount,
    ...full.map(empty),
    ...kubeconfigs.map((path): Change => ({ kind: 'remove', path })),
  ];
}

const reset: Change = {
  kind: 'run',
  title: 'kubeadm reset',
  command: {
    file: 'kubeadm',
    args: ['reset', '--force', `--cri-socket=${CRI_SOCKET}`, '--kubeconfig=/nonexistent'],
  },
  timeoutMs: RESET_MS,
};

const removeContainers: Change = {
  kind: 'run',
  title: 'Remove containers of pods that it left',
  command: {
    file: 'sh',
    args: [
      '-c',
      'docker ps --all --quiet --filter name=^/?k8s_ | xargs --no-run-if-empty docker rm --force --volumes',
    ],
  },
  timeoutMs: 5 * 60_000,
};

const unmount: Change = {
  kind: 'run',
  title: `Unmount what pods had below ${KUBELET}`,
  command: {
    file: 'sh',
    args: [
      '-c',
      `sed -n 's|^[^ ]* \\(${KUBELET}/[^ ]*\\) .*|\\1|p' /proc/mounts | sort --reverse | xargs --no-run-if-empty --delimiter='\\n' umount`,
    ],
  },
  timeoutMs: 60_000,
};

function empty(path: string): Change {
  return {
    kind: 'run',
    title: `Empty ${path}`,
    command: {
      file: 'find', // Also where the directory is a link to another disk.
      args: ['-H', path, '-xdev', '-mindepth', '1', '-delete'],
    },
    timeoutMs: 5 * 60_000,
  };
}

/** What the next `prepare` writes into the kubelet's directory is the only thing that may be in it. */
async function holding(host: HostReader, directories: readonly string[]): Promise<readonly string[]> {
  const found = await Promise.all(
    directories.map(async path => ({ path, names: (await host.list(path)) ?? [] })),
  );
  return found
    .filter(({ path, names }) => names.some(name => path !== KUBELET || name !== 'config.json'))
    .map(({ path }) => path);
}

async function present(host: HostReader, paths: readonly string[]): Promise<readonly string[]> {
  const found = await Promise.all(paths.map(async path => ({ path, stat: await host.stat(path) })));
  return found.filter(({ stat }) => stat !== undefined).map(({ path }) => path);
}
