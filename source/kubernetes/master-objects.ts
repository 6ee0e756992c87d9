import { createHash } from 'node:crypto';
import { templateText } from '../templates';
import type { Master } from '../variables/master';
import type { Settings } from '../variables/settings';
import { accountObjects } from './account';
import { allMasters } from './endpoint';
import { CRI_SOCKET } from './join-configuration';
import { MASTERS_NAMESPACE, masterSecret } from './master-secret';
import type { KubeObject } from './objects';

const NAME = 'kube-el7-install-masters';

/** The DaemonSet of the program that makes masters. */
export const MASTERS_DAEMON = NAME;
const SCRIPTS = '/kube-el7-install';
/** Its script: a template, and the key of the ConfigMap that it is in. */
export const MASTERS_SCRIPT = 'make-master.sh';
const WORK = '/run/kube-el7-install';
const LABELS = { app: NAME };

/** Selects the pods that make masters. */
export const MASTERS_SELECTOR = `app=${NAME}`;

/** The program that makes masters and keeps them so, and the account that alone may read their Secrets. */
export function mastersObjects(settings: Settings, master: Master): readonly KubeObject[] {
  const all = allMasters(settings, master);
  const names = all.map(({ hostname }) => hostname);
  const scripts = { [MASTERS_SCRIPT]: templateText(MASTERS_SCRIPT) };
  return [
    ...accountObjects(
      { name: NAME, namespace: MASTERS_NAMESPACE, labels: LABELS },
      [
        // By name, one and all: no other Secret of the namespace, and no list of it.
        {
          ...{ apiGroups: [''], resources: ['secrets'], verbs: ['get', 'watch', 'list'] },
          resourceNames: names.map(masterSecret),
        },
      ],
      [{ apiGroups: [''], resources: ['nodes'], verbs: ['get', 'patch'], resourceNames: names }],
    ),
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: namespaced, data: scripts },
    daemonSet(settings, all, JSON.stringify(scripts)),
  ];
}

const namespaced = { name: NAME, labels: LABELS, namespace: MASTERS_NAMESPACE };

function daemonSet(settings: Settings, all: readonly Master[], scripts: string): KubeObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: namespaced,
    spec: {
      selector: { matchLabels: LABELS },
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '100%' } },
      template: {
        metadata: {
          labels: LABELS,
          // Other scripts start the pods anew.
          annotations: { 'kube-el7-install/script': createHash('sha256').update(scripts).digest('hex') },
        },
        spec: {
          hostNetwork: true,
          // The host's own names, not the cluster's: the endpoint may be one of them.
          dnsPolicy: 'Default',
          enableServiceLinks: false,
          serviceAccountName: NAME,
          priorityClassName: 'system-node-critical',
          terminationGracePeriodSeconds: 5,
          // Whatever state a node is in: it may be one that has to be repaired.
          tolerations: [{ operator: 'Exists' }],
          affinity: { nodeAffinity: onlyOn(all) },
          // Only so that etcd's image is there before its turn comes.
          initContainers: [
            {
              ...{ name: 'etcd-image', image: settings.images.etcd, imagePullPolicy: 'IfNotPresent' },
              command: ['etcd', '--version'],
            },
          ],
          containers: [container(settings, all)],
          volumes,
        },
      },
    },
  };
}

/** By the node's name, which a node cannot choose again: labels are its own to set. */
function onlyOn(all: readonly Master[]): object {
  return {
    requiredDuringSchedulingIgnoredDuringExecution: {
      nodeSelectorTerms: all.map(({ hostname }) => ({
        matchFields: [{ key: 'metadata.name', operator: 'In', values: [hostname] }],
      })),
    },
  };
}

function container(settings: Settings, all: readonly Master[]): object {
  const { vip, facts, images } = settings;
  const own = (name: string, fieldPath: string): object => ({ name, valueFrom: { fieldRef: { fieldPath } } });
  const set = (name: string, value: string): object => ({ name, value });
  const address = vip?.carrier === 'keepalived' ? vip.addresses[0] : vip?.endpoint;
  return {
    name: 'make-master',
    // It is on every node already.
    image: images['kube-proxy'],
    imagePullPolicy: 'IfNotPresent',
    command: ['/bin/sh', `${SCRIPTS}/${MASTERS_SCRIPT}`],
    env: [
      own('NODE', 'spec.nodeName'),
      own('HOST_IP', 'status.hostIP'),
      // Not the Service's address: that works only once kube-proxy and the network do.
      set('ENDPOINT', `https://${address ?? all[0]?.address ?? ''}:6443`),
      set('LABELS', facts.masterLabels.join(' ')),
      set('TAINTS', facts.masterTaints.join(' ')),
      set('CRI_SOCKET', CRI_SOCKET),
    ],
    resources: { requests: { cpu: '10m', memory: '30Mi' } },
    securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true },
    volumeMounts: [
      { name: 'script', mountPath: SCRIPTS, readOnly: true },
      { name: 'work', mountPath: WORK },
      { name: 'kubectl', mountPath: '/usr/bin/kubectl', readOnly: true },
      { name: 'kubernetes', mountPath: '/etc/kubernetes' },
      { name: 'etcd', mountPath: '/var/lib/etcd' },
    ],
  };
}

const volumes = [
  { name: 'script', configMap: { name: NAME } },
  // Keys pass through it, so it is in memory.
  { name: 'work', emptyDir: { medium: 'Memory' } },
  { name: 'kubectl', hostPath: { path: '/usr/bin/kubectl', type: 'File' } },
  { name: 'kubernetes', hostPath: { path: '/etc/kubernetes', type: 'DirectoryOrCreate' } },
  { name: 'etcd', hostPath: { path: '/var/lib/etcd', type: 'DirectoryOrCreate' } },
];
