import { ResetHost } from '../steps/reset/reset-host';
import { etcdPod } from '../../source/kubernetes/etcd-pod';
import { OWN_TIMINGS } from '../../source/kubernetes/timings';
import { toYaml } from '../../source/kubernetes/yaml';

export const MANIFESTS = '/etc/kubernetes/manifests';
const PKI = '/etc/kubernetes/pki/etcd';

/** etcd's manifest with the flags that kubeadm 1.20 gives it (kubernetes cmd/kubeadm/app/phases/etcd/local.go, getEtcdCommand). */
export function kubeadmEtcd(
  more: { readonly data?: string; readonly host?: string; readonly flags?: readonly string[] } = {},
): string {
  const { data = '/var/lib/etcd', host = data, flags = [] } = more;
  return toYaml({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'etcd', namespace: 'kube-system' },
    spec: {
      containers: [
        {
          name: 'etcd',
          image: 'k8s.gcr.io/etcd:3.4.13-0',
          command: [
            'etcd',
            '--advertise-client-urls=https://10.0.0.1:2379',
            `--cert-file=${PKI}/server.crt`,
            '--client-cert-auth=true',
            `--data-dir=${data}`,
            '--initial-advertise-peer-urls=https://10.0.0.1:2380',
            '--initial-cluster=master1=https://10.0.0.1:2380',
            `--key-file=${PKI}/server.key`,
            '--listen-client-urls=https://127.0.0.1:2379,https://10.0.0.1:2379',
            '--listen-metrics-urls=http://127.0.0.1:2381',
            '--listen-peer-urls=https://10.0.0.1:2380',
            '--name=master1',
            `--trusted-ca-file=${PKI}/ca.crt`,
            ...flags,
          ],
          volumeMounts: [
            { name: 'etcd-data', mountPath: data },
            { name: 'etcd-certs', mountPath: PKI },
          ],
        },
      ],
      volumes: [
        { name: 'etcd-data', hostPath: { path: host, type: 'DirectoryOrCreate' } },
        { name: 'etcd-certs', hostPath: { path: PKI, type: 'DirectoryOrCreate' } },
      ],
    },
  });
}

/** The etcd of an installation of this product. */
export function ourEtcd(): string {
  return toYaml(
    etcdPod({
      ...{ pod: 'etcd-init', name: 'master1', address: '10.0.0.1', image: 'registry/etcd:3.4.23' },
      ...{ initialCluster: [], state: 'new', clients: 'everywhere', preVote: true },
      ...{ corruptCheck: false, startupProbe: true, timings: OWN_TIMINGS.etcd },
    }),
  );
}

/** A control plane's pod. */
export function controlPlanePod(program: string, ...flags: readonly string[]): string {
  const containers = [
    { name: program, image: `k8s.gcr.io/${program}:v1.20.2`, command: [program, ...flags] },
  ];
  return toYaml({ apiVersion: 'v1', kind: 'Pod', metadata: { name: program }, spec: { containers } });
}

/** What `kubeadm init` and nothing else leaves on a host with docker. */
export const KUBEADM_FILES: Readonly<Record<string, string>> = {
  [`${MANIFESTS}/etcd.yaml`]: kubeadmEtcd(),
  [`${MANIFESTS}/kube-apiserver.yaml`]: controlPlanePod(
    'kube-apiserver',
    '--etcd-servers=https://127.0.0.1:2379',
  ),
  [`${MANIFESTS}/kube-controller-manager.yaml`]: controlPlanePod(
    'kube-controller-manager',
    '--cluster-cidr=10.250.0.0/16',
  ),
  '/etc/kubernetes/admin.conf': 'kubeconfig',
  '/etc/kubernetes/controller-manager.conf': 'kubeconfig',
  '/etc/kubernetes/kubelet.conf': 'kubeconfig',
  '/etc/kubernetes/pki/apiserver.crt': 'certificate',
  '/etc/kubernetes/pki/ca.key': 'canary-key',
  [`${PKI}/ca.crt`]: 'certificate',
  [`${PKI}/healthcheck-client.crt`]: 'certificate',
  '/var/lib/etcd/member/snap/db': 'data',
  '/var/lib/kubelet/config.yaml': 'staticPodPath: /etc/kubernetes/manifests\n',
  '/var/lib/kubelet/kubeadm-flags.env': 'KUBELET_KUBEADM_ARGS="--network-plugin=cni"\n',
  '/usr/bin/kubeadm': '',
};

/** A stand-in for the first of so many masters that plain kubeadm made, each with its etcd; `files` in the place of, or beside, kubeadm's. */
export function kubeadmMaster(
  masters: 1 | 2 | 3 = 1,
  files: Readonly<Record<string, string | undefined>> = {},
): ResetHost {
  const host = new ResetHost(masters);
  for (const [path] of host.modes()) host.drop(path);
  for (const [path, content] of Object.entries({ ...KUBEADM_FILES, ...files })) {
    if (content !== undefined) host.put(path, content);
  }
  host.vip = false;
  const data =
    files[`${MANIFESTS}/etcd.yaml`]?.includes('/data/etcd') === true ? '/data/etcd' : '/var/lib/etcd';
  // Only the loopback has kubeadm's port for metrics.
  host.respond(/:2381\//, { error: 'connect ECONNREFUSED' });
  host
    .answer(/^docker (create|rm) /)
    .answer(/^sh -c docker cp /, ({ args }) => (host.put(args.at(-1) ?? '', 'a program'), {}))
    .answer(/^chmod 0755 /, ({ args }) => (host.put(args.at(-1) ?? '', 'a program', 0o755), {}))
    .answer(/^kubeadm reset /, () => {
      // It empties the data directory that etcd.yaml names.
      const empties = [
        MANIFESTS,
        '/etc/kubernetes/pki',
        ...(host.text(`${MANIFESTS}/etcd.yaml`) ? [data] : []),
      ];
      for (const [path] of host.modes()) {
        if (empties.some(folder => path.startsWith(`${folder}/`))) host.drop(path);
      }
      host.containers = false;
      host.pods.delete('master1');
      return {};
    });
  return host;
}
