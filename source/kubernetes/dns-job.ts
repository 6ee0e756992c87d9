import { templateText } from '../templates';
import type { Master } from '../variables/master';
import type { Settings } from '../variables/settings';
import { accountObjects } from './account';
import { allMasters } from './endpoint';
import type { Room } from './coredns';
import type { KubeObject } from './objects';

const NAME = 'kube-el7-install-dns';
const NAMESPACE = 'kube-system';

export const DNS_JOB = NAME;
export const DNS_JOB_PATH = `/apis/batch/v1/namespaces/${NAMESPACE}/jobs/${NAME}`;
const LABELS = { app: NAME };
const WORK = '/work';

const namespaced = { name: NAME, labels: LABELS, namespace: NAMESPACE };

/** What kubeadm's own Deployment tolerates and selects: for a plan that is made before it is there. */
export const ROOM_TO_COME: Omit<Room, 'usable'> = {
  selector: { 'kubernetes.io/os': 'linux' },
  tolerated: [
    'CriticalAddonsOnly',
    'node-role.kubernetes.io/master',
    'node-role.kubernetes.io/control-plane',
  ],
  replicas: 2,
  spare: 0,
};

/**
 * The Job that moves CoreDNS' replicas apart once another node can hold one, and the account that may change that one Deployment
 * and see nodes. For a single master: its workers join when nobody of the installer is there.
 */
export function dnsJobObjects(
  settings: Settings,
  master: Master,
  room: Omit<Room, 'usable'>,
  patch: string,
): readonly KubeObject[] {
  return [
    ...accountObjects(
      { name: NAME, namespace: NAMESPACE, labels: LABELS },
      [
        {
          apiGroups: ['apps'],
          resources: ['deployments'],
          resourceNames: ['coredns'],
          verbs: ['get', 'patch'],
        },
      ],
      [{ apiGroups: [''], resources: ['nodes'], verbs: ['list', 'watch'] }],
    ),
    job(settings, allMasters(settings, master), room, patch),
  ];
}

/** On masters only, by name: who may change that Deployment may run anything anywhere. */
function job(
  { images }: Settings,
  masters: readonly Master[],
  room: Omit<Room, 'usable'>,
  patch: string,
): KubeObject {
  const only = masters.map(({ hostname }) => ({
    matchFields: [{ key: 'metadata.name', operator: 'In', values: [hostname] }],
  }));
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: namespaced,
    spec: {
      // Each reboot of the host counts as one failure more (pkg/controller/job, pastBackoffLimitOnFailure).
      backoffLimit: 1_000_000,
      template: {
        metadata: { labels: LABELS },
        spec: {
          serviceAccountName: NAME,
          enableServiceLinks: false,
          priorityClassName: 'system-cluster-critical',
          restartPolicy: 'OnFailure',
          terminationGracePeriodSeconds: 2,
          tolerations: [{ operator: 'Exists', effect: 'NoSchedule' }],
          affinity: {
            nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: only } },
          },
          containers: [container(images['kube-proxy'], room, patch)],
          volumes: [
            { name: 'work', emptyDir: {} },
            { name: 'kubectl', hostPath: { path: '/usr/bin/kubectl', type: 'File' } },
          ],
        },
      },
    },
  };
}

function container(
  image: string,
  { selector, tolerated, spare }: Omit<Room, 'usable'>,
  patch: string,
): object {
  const set = (name: string, value: string): object => ({ name, value });
  return {
    name: 'spread-dns',
    // It is on every node already.
    image,
    imagePullPolicy: 'IfNotPresent',
    command: ['/bin/sh', '-c', templateText('spread-dns.sh')],
    env: [
      set('PATCH', patch),
      set('SPARE', String(spare)),
      set(
        'SELECTOR',
        Object.entries(selector)
          .map(pair => pair.join('='))
          .join(','),
      ),
      set('TOLERATED', tolerated?.join(' ') ?? 'all'),
    ],
    resources: { requests: { cpu: '5m', memory: '30Mi' } },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
    volumeMounts: [
      { name: 'work', mountPath: WORK },
      { name: 'kubectl', mountPath: '/usr/bin/kubectl', readOnly: true },
    ],
  };
}
