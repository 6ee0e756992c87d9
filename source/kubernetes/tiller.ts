import type { KubeObject } from './objects';

const NAMESPACE = 'kube-system';
const LABELS = { app: 'helm', name: 'tiller' };
const CERTIFICATES = '/etc/certs';
const SECRET = 'tiller-secret';

/** Selects tiller's pods. */
export const TILLER_SELECTOR = 'app=helm,name=tiller';
/** The port of tiller's Service, spoken to in gRPC over TLS. */
export const TILLER_PORT = 44134;

/** tiller as `helm init --tiller-tls --tiller-tls-verify` deploys it (helm 2, cmd/helm/installer), with tolerations for a cluster whose only node is a master. */
export function tillerObjects(image: string): readonly KubeObject[] {
  return [
    {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name: 'tiller', namespace: NAMESPACE, labels: LABELS },
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name: 'tiller', labels: LABELS },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
      subjects: [{ kind: 'ServiceAccount', name: 'tiller', namespace: NAMESPACE }],
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'tiller-deploy', namespace: NAMESPACE, labels: LABELS },
      spec: {
        type: 'ClusterIP',
        selector: LABELS,
        ports: [{ name: 'tiller', port: TILLER_PORT, targetPort: 'tiller' }],
      },
    },
    deploymentObject(image),
  ];
}

/** The Secret with tiller's pair and CA: its values are places for base64, filled from the host's files as it is written. */
export function tillerSecret(values: Readonly<Record<'tls.crt' | 'tls.key' | 'ca.crt', string>>): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: SECRET, namespace: NAMESPACE, labels: LABELS },
    type: 'Opaque',
    data: values,
  };
}

function deploymentObject(image: string): KubeObject {
  const env = (name: string, value: string): object => ({ name, value });
  const probe = (path: string, periodSeconds: number): object => ({
    httpGet: { path, port: 44135 },
    initialDelaySeconds: 1,
    periodSeconds,
    timeoutSeconds: 1,
  });
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'tiller-deploy', namespace: NAMESPACE, labels: LABELS },
    spec: {
      replicas: 1,
      selector: { matchLabels: LABELS },
      template: {
        metadata: { labels: LABELS },
        spec: {
          serviceAccountName: 'tiller',
          automountServiceAccountToken: true,
          nodeSelector: { 'kubernetes.io/os': 'linux' },
          tolerations: ['master', 'control-plane'].map(role => ({
            key: `node-role.kubernetes.io/${role}`,
            operator: 'Exists',
            effect: 'NoSchedule',
          })),
          containers: [
            {
              name: 'tiller',
              image,
              imagePullPolicy: 'IfNotPresent',
              env: [
                env('TILLER_NAMESPACE', NAMESPACE),
                env('TILLER_HISTORY_MAX', '200'),
                // Any value switches these on.
                env('TILLER_TLS_ENABLE', '1'),
                env('TILLER_TLS_VERIFY', '1'),
                env('TILLER_TLS_CERTS', CERTIFICATES),
              ],
              ports: [
                { name: 'tiller', containerPort: TILLER_PORT },
                { name: 'http', containerPort: 44135 },
              ],
              livenessProbe: probe('/liveness', 10),
              // Often, since the installation waits for it.
              readinessProbe: probe('/readiness', 2),
              volumeMounts: [{ name: 'tiller-certs', mountPath: CERTIFICATES, readOnly: true }],
            },
          ],
          volumes: [{ name: 'tiller-certs', secret: { secretName: SECRET } }],
        },
      },
    },
  };
}
