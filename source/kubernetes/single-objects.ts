import { tenthAddress } from '../steps/cluster-dns';
import type { Master } from '../variables/master';
import type { Settings } from '../variables/settings';
import { CLUSTER_INFO } from './cluster-info';
import { apiEndpoint } from './endpoint';
import type { KubeObject } from './objects';
import { toYaml } from './yaml';

/** cluster-info with a place for the CA: the cluster and nobody's login (as cmd/kubeadm/app/phases/bootstraptoken/clusterinfo makes it). */
export function clusterInfoObject(settings: Settings, master: Master): KubeObject {
  const cluster = { 'certificate-authority-data': '{{ca}}', server: apiEndpoint(settings, master) };
  const kubeconfig = {
    ...{ apiVersion: 'v1', kind: 'Config', clusters: [{ name: '', cluster }] },
    ...{ contexts: [], 'current-context': '', preferences: {}, users: [] },
  };
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { ...CLUSTER_INFO },
    data: { kubeconfig: toYaml(kubeconfig) },
  };
}

/** kubeadm's own Service for DNS, at the tenth address of the service subnet. */
export function kubeDnsService(settings: Settings): KubeObject {
  const labels = {
    'k8s-app': 'kube-dns',
    'kubernetes.io/cluster-service': 'true',
    'kubernetes.io/name': 'KubeDNS',
  };
  const port = (name: string, number: number, protocol: string): object => ({
    ...{ name, port: number, protocol, targetPort: number },
  });
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'kube-dns', namespace: 'kube-system', labels },
    spec: {
      clusterIP: tenthAddress(settings.serviceSubnet),
      selector: { 'k8s-app': 'kube-dns' },
      ports: [port('dns', 53, 'UDP'), port('dns-tcp', 53, 'TCP'), port('metrics', 9153, 'TCP')],
    },
  };
}
