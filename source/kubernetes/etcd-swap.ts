import type { Question } from '../engine/change';
import type { Master } from '../variables/master';
import { listed, type ApiAccess, type Metadata } from './api';
import { MASTERS_NAMESPACE } from './master-secret';
import { jobOf, staticPodOf } from './names';
import type { KubeObject } from './objects';

const MANIFESTS = '/etc/kubernetes/manifests';

/** The Job that swaps etcd's pods on one master. */
export function swapName({ hostname }: Master): string {
  return jobOf('etcd-swap', hostname);
}

/**
 * It runs on that node whatever the scheduler thinks of it, with an image that every node has, and needs no right in the cluster: it moves files.
 * `vip` is the address that is handed over first where that node has it.
 */
export function swapJob(master: Master, image: string, script: string, vip?: string): KubeObject {
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: swapName(master), namespace: MASTERS_NAMESPACE },
    spec: {
      backoffLimit: 10,
      template: {
        spec: {
          nodeName: master.hostname,
          hostNetwork: true,
          automountServiceAccountToken: false,
          priorityClassName: 'system-node-critical',
          restartPolicy: 'OnFailure',
          tolerations: [{ operator: 'Exists' }],
          containers: [
            {
              name: 'swap',
              image,
              imagePullPolicy: 'IfNotPresent',
              command: ['sh', '-c', script],
              ...(vip === undefined ? {} : { env: [{ name: 'VIP', value: vip }] }),
              volumeMounts: [{ name: 'manifests', mountPath: MANIFESTS }],
            },
          ],
          volumes: [{ name: 'manifests', hostPath: { path: MANIFESTS, type: 'Directory' } }],
        },
      },
    },
  };
}

/** That the cluster pod runs on a master, as that apiserver tells it; with `alone`, that no other one of etcd's is listed there either. */
export function clusterPodRuns(
  access: ApiAccess,
  { hostname }: Master,
  { alone }: { readonly alone: boolean },
): Question {
  const name = staticPodOf('etcd-cluster', hostname);
  const query = { labelSelector: 'component=etcd', fieldSelector: `spec.nodeName=${hostname}` };
  return listed(
    `the cluster pod of etcd runs on ${hostname}${alone ? ', and the init pod is gone' : ''}`,
    access,
    { path: `/api/v1/namespaces/${MASTERS_NAMESPACE}/pods`, query },
    items => {
      const pods = items as readonly Pod[];
      const runs = pods.some(({ metadata, status }) => metadata.name === name && status.phase === 'Running');
      if (runs && (!alone || pods.length === 1)) return undefined;
      if (pods.length === 0) return `no pod of etcd is listed on ${hostname}`;
      return pods.map(({ metadata, status }) => `${metadata.name} ${status.phase ?? ''}`.trim()).join(', ');
    },
  );
}

/** The parts of a pod that are looked at. */
interface Pod {
  readonly metadata: Metadata;
  readonly status: { readonly phase?: string };
}
