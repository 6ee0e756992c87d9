import { etcdTimingFlags, type EtcdTimings } from './timings';

/** A member as its manifest names it. */
export interface EtcdPodSpec {
  /** The init pod is what a member begins as, the cluster pod takes its place once etcd is whole. */
  readonly pod: 'etcd-init' | 'etcd-cluster';
  readonly name: string;
  readonly address: string;
  readonly image: string;
  /** All members that the cluster is made of as this one starts, its own included. */
  readonly initialCluster: readonly { readonly name: string; readonly address: string }[];
  readonly state: 'new' | 'existing';
  /** Only with itself, so that no apiserver sends a request to a member that has no vote yet. */
  readonly clients: 'everywhere' | 'itself';
  /** It asks the others whether it could win before it calls an election, so that one that was cut off, or was short of the processor, does not unseat a leader that is well. */
  readonly preVote: boolean;
  /** As it starts it compares its data with the others', and does not start where they differ. */
  readonly corruptCheck: boolean;
  readonly timings: EtcdTimings;
  /** Whether the kubelet knows startup probes. */
  readonly startupProbe: boolean;
  /** The address of a member that must name this one before it starts; for etcd that knows no learners. */
  readonly awaits?: string;
}

const PKI = '/etc/kubernetes/pki/etcd';
const DATA = '/var/lib/etcd';

/**
 * The static pod of a member. It listens everywhere with certificates demanded; health and metrics are asked at the member's
 * address with a certificate (https takes the client port's TLS), and by the probe, which has none to show, on the loopback
 * (--listen-metrics-urls, etcd 3.3 and later). A learner answers healthy there once it has applied what the leader had.
 */
export function etcdPod(spec: EtcdPodSpec): object {
  // It only bridges the time until etcd is whole, and while it waits it has no health to ask for.
  const probed = spec.awaits === undefined;
  // Without its data a member that had a vote must not come back: it would have forgotten what it acknowledged.
  // The first of all members begins a new cluster in a directory that its installer makes once, and never again.
  const keepsData = spec.pod === 'etcd-cluster' || spec.state === 'new';
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: spec.pod,
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
          command: [...(spec.awaits === undefined ? ['etcd'] : awaiting(spec, spec.awaits)), ...flags(spec)],
          resources: { requests: { cpu: '100m', memory: '100Mi' } },
          ...(probed ? probes(spec) : {}),
          volumeMounts: [
            { name: 'data', mountPath: DATA },
            ...(keepsData ? [{ name: 'member', mountPath: `${DATA}/member` }] : []),
            { name: 'certificates', mountPath: PKI, readOnly: true },
          ],
        },
      ],
      volumes: [
        { name: 'data', hostPath: { path: DATA, type: keepsData ? 'Directory' : 'DirectoryOrCreate' } },
        ...(keepsData ? [{ name: 'member', hostPath: { path: `${DATA}/member`, type: 'Directory' } }] : []),
        { name: 'certificates', hostPath: { path: PKI, type: 'Directory' } },
      ],
    },
  };
}

const TRIES = { periodSeconds: 10, timeoutSeconds: 15 };

/**
 * The page with the metrics is the one that every etcd from 3.3 on answers at that port for as long as its process works:
 * with an alarm, without a quorum, and while it is defragmented. /health tells of all members (etcd#13340), and /livez
 * (3.4.29, 3.5.11) reads the database, which waits while that is defragmented: killed for it, a full member would never get room.
 */
const alive = {
  httpGet: { host: '127.0.0.1', path: '/metrics', port: 2381, scheme: 'HTTP' },
  ...TRIES,
};

/** kubeadm's figures (cmd/kubeadm/app/util/staticpod): eight failures before a member is started anew, four minutes for its start. */
function probes({ startupProbe }: EtcdPodSpec): object {
  const liveness = { ...alive, failureThreshold: 8 };
  return startupProbe
    ? {
        livenessProbe: { ...liveness, initialDelaySeconds: 10 },
        startupProbe: { ...alive, failureThreshold: 24 },
      }
    : { livenessProbe: { ...liveness, initialDelaySeconds: 240 } };
}

/**
 * Before 3.4 a member has its vote from the moment that it is added: from one to two, nothing is written until it runs.
 * So its container runs before, and starts etcd as soon as the first member lists it, which that one does without a quorum.
 * The image may hold nothing but a shell and etcd's programs.
 */
function awaiting(spec: EtcdPodSpec, address: string): readonly string[] {
  const list = [
    `etcdctl --endpoints=https://${address}:2379 --cacert=${PKI}/ca.crt`,
    `--cert=${PKI}/healthcheck-client.crt --key=${PKI}/healthcheck-client.key member list`,
  ].join(' ');
  const script = [
    'export ETCDCTL_API=3',
    `until case "$(${list})" in *https://${spec.address}:2380*) true ;; *) false ;; esac`,
    'do sleep 0.2 2>/dev/null || :; done',
    'exec etcd "$@"',
    '',
  ].join('\n');
  return ['sh', '-c', script, 'etcd'];
}

function flags(spec: EtcdPodSpec): readonly string[] {
  const members = spec.initialCluster.map(member => `${member.name}=https://${member.address}:2380`);
  return [
    `--name=${spec.name}`,
    `--data-dir=${DATA}`,
    `--listen-client-urls=https://${spec.clients === 'everywhere' ? '0.0.0.0' : '127.0.0.1'}:2379`,
    `--advertise-client-urls=https://${spec.address}:2379`,
    '--listen-peer-urls=https://0.0.0.0:2380',
    `--initial-advertise-peer-urls=https://${spec.address}:2380`,
    `--initial-cluster=${members.join(',')}`,
    `--initial-cluster-state=${spec.state}`,
    `--listen-metrics-urls=http://127.0.0.1:2381,https://${spec.address}:2381`,
    `--cert-file=${PKI}/server.crt`,
    `--key-file=${PKI}/server.key`,
    '--client-cert-auth=true',
    `--trusted-ca-file=${PKI}/ca.crt`,
    `--peer-cert-file=${PKI}/peer.crt`,
    `--peer-key-file=${PKI}/peer.key`,
    '--peer-client-cert-auth=true',
    `--peer-trusted-ca-file=${PKI}/ca.crt`,
    '--snapshot-count=10000',
    ...etcdTimingFlags(spec.timings),
    ...(spec.preVote ? ['--pre-vote=true'] : []),
    ...(spec.corruptCheck ? ['--experimental-initial-corrupt-check=true'] : []),
  ];
}
