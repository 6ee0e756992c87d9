import type { Settings } from '../variables/settings';
import type { Master } from '../variables/master';
import type { KubeObject } from './objects';

const NAME = 'flannel';
const CONFIG = 'kube-flannel-cfg';
const POLICY = 'psp.flannel.unprivileged';
const LABELS = { app: NAME, tier: 'node' };

/** flannel's objects for this version, as its Documentation/kube-flannel.yml has them; what differs by version is asked of the facts. */
export function flannelObjects(settings: Settings, master: Master): readonly KubeObject[] {
  const { namespace, podSecurityPolicy } = settings.facts.flannel;
  return [
    ...(namespace === 'kube-system' ? [] : [namespaceObject(namespace)]),
    ...(podSecurityPolicy ? [policyObject()] : []),
    roleObject(podSecurityPolicy),
    bindingObject(namespace),
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: NAME, namespace } },
    configObject(namespace, settings.podSubnet),
    daemonObject(settings, master),
  ];
}

/** Selects flannel's pods. */
/** What runs it on every node. */
export const FLANNEL_DAEMON = { kind: 'DaemonSet', name: 'kube-flannel-ds' } as const;
export const FLANNEL_SELECTOR = `app=${NAME}`;

function namespaceObject(name: string): KubeObject {
  const labels = { 'pod-security.kubernetes.io/enforce': 'privileged' };
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } };
}

function policyObject(): KubeObject {
  const profiles = {
    'seccomp.security.alpha.kubernetes.io/allowedProfileNames': 'docker/default',
    'seccomp.security.alpha.kubernetes.io/defaultProfileName': 'docker/default',
    'apparmor.security.beta.kubernetes.io/allowedProfileNames': 'runtime/default',
    'apparmor.security.beta.kubernetes.io/defaultProfileName': 'runtime/default',
  };
  return {
    apiVersion: 'policy/v1beta1',
    kind: 'PodSecurityPolicy',
    metadata: { name: POLICY, annotations: profiles },
    spec: {
      privileged: false,
      volumes: ['configMap', 'secret', 'emptyDir', 'hostPath'],
      allowedHostPaths: ['/etc/cni/net.d', '/etc/kube-flannel', '/run/flannel'].map(pathPrefix => ({
        pathPrefix,
      })),
      readOnlyRootFilesystem: false,
      runAsUser: { rule: 'RunAsAny' },
      supplementalGroups: { rule: 'RunAsAny' },
      fsGroup: { rule: 'RunAsAny' },
      allowPrivilegeEscalation: false,
      defaultAllowPrivilegeEscalation: false,
      allowedCapabilities: ['NET_ADMIN', 'NET_RAW'],
      hostPID: false,
      hostIPC: false,
      hostNetwork: true,
      hostPorts: [{ min: 0, max: 65535 }],
      seLinux: { rule: 'RunAsAny' },
    },
  };
}

function roleObject(podSecurityPolicy: boolean): KubeObject {
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name: NAME },
    rules: [
      ...(podSecurityPolicy
        ? [
            {
              apiGroups: ['policy'],
              resources: ['podsecuritypolicies'],
              verbs: ['use'],
              resourceNames: [POLICY],
            },
          ]
        : []),
      { apiGroups: [''], resources: ['pods'], verbs: ['get'] },
      { apiGroups: [''], resources: ['nodes'], verbs: ['list', 'watch'] },
      { apiGroups: [''], resources: ['nodes/status'], verbs: ['patch'] },
    ],
  };
}

function bindingObject(namespace: string): KubeObject {
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: NAME },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: NAME },
    subjects: [{ kind: 'ServiceAccount', name: NAME, namespace }],
  };
}

function configObject(namespace: string, podSubnet: string): KubeObject {
  const plugins = [
    { type: 'flannel', delegate: { hairpinMode: true, isDefaultGateway: true } },
    { type: 'portmap', capabilities: { portMappings: true } },
  ];
  const json = (value: object): string => `${JSON.stringify(value, undefined, 2)}\n`;
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: CONFIG, namespace, labels: LABELS },
    data: {
      'cni-conf.json': json({ name: 'cbr0', cniVersion: '0.3.1', plugins }),
      'net-conf.json': json({ Network: podSubnet, Backend: { Type: 'vxlan' } }),
    },
  };
}

function daemonObject(settings: Settings, master: Master): KubeObject {
  const { namespace } = settings.facts.flannel;
  const image = settings.images.flannel;
  const amounts = { cpu: '100m', memory: '50Mi' };
  const field = (name: string, fieldPath: string): object => ({
    name,
    valueFrom: { fieldRef: { fieldPath } },
  });
  const onLinux = { key: 'kubernetes.io/os', operator: 'In', values: ['linux'] };
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name: FLANNEL_DAEMON.name, namespace, labels: LABELS },
    spec: {
      selector: { matchLabels: { app: NAME } },
      template: {
        metadata: { labels: LABELS },
        spec: {
          affinity: {
            nodeAffinity: {
              requiredDuringSchedulingIgnoredDuringExecution: {
                nodeSelectorTerms: [{ matchExpressions: [onLinux] }],
              },
            },
          },
          hostNetwork: true,
          priorityClassName: 'system-node-critical',
          // Every taint, those of masters and of nodes that are not ready for want of a network among them.
          tolerations: [{ operator: 'Exists', effect: 'NoSchedule' }],
          serviceAccountName: NAME,
          initContainers: [
            {
              name: 'install-cni',
              image,
              command: ['cp'],
              args: ['-f', '/etc/kube-flannel/cni-conf.json', '/etc/cni/net.d/10-flannel.conflist'],
              volumeMounts: [
                { name: 'cni', mountPath: '/etc/cni/net.d' },
                { name: 'flannel-cfg', mountPath: '/etc/kube-flannel/' },
              ],
            },
          ],
          containers: [
            {
              name: 'kube-flannel',
              image,
              command: ['/opt/bin/flanneld'],
              // Else it takes the default route's interface, and ends where there is none (LookupExtIface in flannel's main.go).
              args: ['--ip-masq', '--kube-subnet-mgr', '--iface=$(NODE_IP)'],
              resources: { requests: amounts, limits: amounts },
              securityContext: { privileged: false, capabilities: { add: ['NET_ADMIN', 'NET_RAW'] } },
              env: [
                field('POD_NAME', 'metadata.name'),
                field('POD_NAMESPACE', 'metadata.namespace'),
                field('NODE_IP', 'status.hostIP'),
                ...apiserver(settings, master),
              ],
              volumeMounts: [
                { name: 'run', mountPath: '/run/flannel' },
                { name: 'flannel-cfg', mountPath: '/etc/kube-flannel/' },
              ],
            },
          ],
          volumes: [
            { name: 'run', hostPath: { path: '/run/flannel' } },
            { name: 'cni', hostPath: { path: '/etc/cni/net.d' } },
            { name: 'flannel-cfg', configMap: { name: CONFIG } },
          ],
        },
      },
    },
  };
}

/**
 * Where flannel finds the apiserver: not at the Service's address, to which a host without a default route has no way (k3s#1144).
 * A load balancer may not lead a master to itself, so there the Service is used.
 */
function apiserver({ vip }: Settings, master: Master): readonly object[] {
  if (vip?.carrier === 'load-balancer') return [];
  return [
    { name: 'KUBERNETES_SERVICE_HOST', value: vip?.addresses[0] ?? master.address },
    { name: 'KUBERNETES_SERVICE_PORT', value: '6443' },
  ];
}
