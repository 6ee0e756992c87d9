import { expect } from 'vitest';
import { first, joining } from './masters';
import type { Nodes } from './masters';
import { kubectl } from './support';

/** Asserts that the VIP's endpoint stands wherever clients and nodes read where the API is, and that every apiserver's certificate is for it. */
export async function expectEndpoint(
  nodes: Nodes,
  vip: { readonly name?: string; readonly address?: string },
): Promise<void> {
  const master = first(nodes);
  const endpoint = vip.name ?? vip.address;
  if (endpoint === undefined) throw new Error('an endpoint has a name or an address');
  const server = `https://${endpoint}:6443`;
  const maps = [
    "get cm cluster-info -n kube-public -o jsonpath='{.data.kubeconfig}'",
    "get cm kube-proxy -n kube-system -o jsonpath='{.data.kubeconfig\\.conf}'",
  ];
  for (const map of maps) expect(await kubectl(master, map)).toContain(`server: ${server}\n`);
  const configuration = await kubectl(
    master,
    "get cm kubeadm-config -n kube-system -o jsonpath='{.data.ClusterConfiguration}'",
  );
  expect(configuration).toContain(`controlPlaneEndpoint: ${endpoint}:6443\n`);
  for (const host of joining(nodes)) {
    expect(await host.read('/etc/kubernetes/kubelet.conf')).toContain(`server: ${server}\n`);
  }
  for (const host of nodes.masters) {
    expect(await host.read('/etc/kubernetes/admin.conf')).toContain(`server: ${server}\n`);
    const names = await host.succeed(
      'openssl x509 -in /etc/kubernetes/pki/apiserver.crt -noout -ext subjectAltName',
    );
    if (vip.address !== undefined) expect(names).toContain(`IP Address:${vip.address}`);
    expect(names).toContain(`IP Address:${host.address}`);
    if (vip.name !== undefined) expect(names).toContain(`DNS:${vip.name}`);
  }
  expect(await master.read('/root/.kube/config')).toContain(`server: ${server}\n`);
}
