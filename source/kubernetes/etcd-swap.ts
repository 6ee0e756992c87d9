import type { Question } from '../engine/change';
import type { Master } from '../variables/master';
import { kubectl } from './kubectl';
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

/** What etcd's pods on a node are, as the cluster sees them: "etcd-cluster-master1 Running;". */
const PODS = `go-template={{range .items}}{{.metadata.name}} {{.status.phase}};{{end}}`;

/** That the cluster pod runs on a master; with `alone`, that no other one of etcd's is listed there either. */
export function clusterPodRuns({ hostname }: Master, { alone }: { readonly alone: boolean }): Question {
  const runs = `${staticPodOf('etcd-cluster', hostname).replace(/\./g, '\\.')} Running;`;
  return {
    kind: 'command',
    title: `the cluster pod of etcd runs on ${hostname}${alone ? ', and the init pod is gone' : ''}`,
    command: kubectl(
      ...['get', 'pods', '--namespace', MASTERS_NAMESPACE, '--selector', 'component=etcd'],
      ...['--field-selector', `spec.nodeName=${hostname}`, '--output', PODS],
    ),
    matches: alone ? `^${runs}\\s*$` : runs,
  };
}
