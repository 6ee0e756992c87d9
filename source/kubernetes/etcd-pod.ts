/** A member as its manifest names it. */
interface EtcdPodSpec {
  readonly name: string;
  readonly address: string;
  readonly image: string;
  /** All members that the cluster is made of as this one starts, its own included. */
  readonly initialCluster: readonly { readonly name: string; readonly address: string }[];
  readonly state: 'new' | 'existing';
}

const PKI = '/etc/kubernetes/pki/etcd';
const DATA = '/var/lib/etcd';

/**
 * The static pod of the first member. It listens everywhere with certificates demanded on both ports;
 * health is asked on a loopback port without them (--listen-metrics-urls, etcd 3.3 and later), since a probe has none to show.
 */
export function etcdPod(spec: EtcdPodSpec): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: 'etcd-init',
      namespace: 'kube-system',
      labels: { component: 'etcd', tier: 'control-plane' },
      annotations: { 'kubeadm.kubernetes.io/etcd.advertise-client-urls': `https://${spec.address}:2379` },
    },
    spec: {
      hostNetwork: true,
      priorityClassName: 'system-node-critical',
      containers: [
        {
          name: 'etcd',
          image: spec.image,
          imagePullPolicy: 'IfNotPresent',
          command: ['etcd', ...flags(spec)],
          resources: { requests: { cpu: '100m', memory: '100Mi' } },
          livenessProbe: {
            httpGet: { host: '127.0.0.1', path: '/health', port: 2381, scheme: 'HTTP' },
            // kubeadm's figures: eight failures ten seconds apart before a member is started anew.
            ...{ initialDelaySeconds: 10, periodSeconds: 10, timeoutSeconds: 15, failureThreshold: 8 },
          },
          volumeMounts: [
            { name: 'data', mountPath: DATA },
            { name: 'certificates', mountPath: PKI, readOnly: true },
          ],
        },
      ],
      volumes: [
        { name: 'data', hostPath: { path: DATA, type: 'DirectoryOrCreate' } },
        { name: 'certificates', hostPath: { path: PKI, type: 'Directory' } },
      ],
    },
  };
}

function flags(spec: EtcdPodSpec): readonly string[] {
  const members = spec.initialCluster.map(member => `${member.name}=https://${member.address}:2380`);
  return [
    `--name=${spec.name}`,
    `--data-dir=${DATA}`,
    '--listen-client-urls=https://0.0.0.0:2379',
    `--advertise-client-urls=https://${spec.address}:2379`,
    '--listen-peer-urls=https://0.0.0.0:2380',
    `--initial-advertise-peer-urls=https://${spec.address}:2380`,
    `--initial-cluster=${members.join(',')}`,
    `--initial-cluster-state=${spec.state}`,
    '--listen-metrics-urls=http://127.0.0.1:2381',
    `--cert-file=${PKI}/server.crt`,
    `--key-file=${PKI}/server.key`,
    '--client-cert-auth=true',
    `--trusted-ca-file=${PKI}/ca.crt`,
    `--peer-cert-file=${PKI}/peer.crt`,
    `--peer-key-file=${PKI}/peer.key`,
    '--peer-client-cert-auth=true',
    `--peer-trusted-ca-file=${PKI}/ca.crt`,
    '--snapshot-count=10000',
  ];
}
