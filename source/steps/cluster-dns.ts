import type { Step } from '../engine/step';
import type { KubeObject } from '../kubernetes/objects';
import type { Settings } from '../variables/settings';
import { manifestStep } from './manifest';
import type { Master } from '../variables/master';

/** kubeadm gives its kube-dns Service the tenth address of the service subnet and no other; where CLUSTER_DNS is another one, a Service of ours answers there. */
export function clusterDns(settings: Settings, master: Master, after: readonly string[]): readonly Step[] {
  if (settings.clusterDns === tenthAddress(settings.serviceSubnet)) return [];
  const objects = [service(settings.clusterDns)];
  return [manifestStep({ id: 'cluster-dns', title: 'Serve DNS at CLUSTER_DNS', after, objects }, master)];
}

/** The tenth address of an IPv4 subnet (kubeadm's constants.GetDNSIP). */
export function tenthAddress(subnet: string): string {
  const [address = '', bits = '32'] = subnet.split('/');
  const number = address.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0);
  const size = 2 ** (32 - Number(bits));
  const tenth = number - (number % size) + 10;
  return [24, 16, 8, 0].map(shift => Math.floor(tenth / 2 ** shift) % 256).join('.');
}

function service(clusterIP: string): KubeObject {
  const port = (name: string, number: number, protocol: string): object => ({
    ...{ name, port: number, protocol, targetPort: number },
  });
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'cluster-dns', namespace: 'kube-system', labels: { 'k8s-app': 'kube-dns' } },
    spec: {
      clusterIP,
      selector: { 'k8s-app': 'kube-dns' },
      ports: [port('dns', 53, 'UDP'), port('dns-tcp', 53, 'TCP')],
    },
  };
}
