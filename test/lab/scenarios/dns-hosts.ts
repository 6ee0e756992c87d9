import { expect } from 'vitest';
import { until } from '../lab';
import type { LabHost } from '../lab';

/** The hosts of CoreDNS' pods that are ready and stay, as the API lists them on a master. */
async function dnsHosts(master: LabHost): Promise<readonly string[]> {
  const text = await master.succeed(
    'kubectl --kubeconfig /etc/kubernetes/admin.conf get pods -n kube-system -l k8s-app=kube-dns -o json',
  );
  const { items } = JSON.parse(text) as {
    items: readonly {
      metadata: { deletionTimestamp?: string };
      spec: { nodeName?: string };
      status: { conditions?: readonly { type: string; status: string }[] };
    }[];
  };
  return items
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    .filter(({ status }) =>
      status.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True'),
    )
    .flatMap(({ spec }) => spec.nodeName ?? []);
}

/** Asserts that CoreDNS runs on different hosts, as the installer leaves it. */
export async function expectDnsApart(master: LabHost): Promise<void> {
  const hosts = await dnsHosts(master);
  expect(new Set(hosts).size, hosts.join()).toBeGreaterThan(1);
}

/** Waits until it has come to that without the installer. */
export async function dnsComesApart(master: LabHost): Promise<void> {
  await until('CoreDNS to run on different hosts', 240_000, () => expectDnsApart(master));
}
