import { expect } from 'vitest';
import { until } from '../lab';
import type { LabHost } from '../lab';
import { first, joining } from './masters';
import type { Nodes } from './masters';
import { becomesWhole } from './masters-state';
import { kubectl } from './support';

/** Everything that made a master of a node, but for what it is a node by: the kubelet's own kubeconfig. */
const masterFiles =
  "find /etc/kubernetes -type f -not -name kubelet.conf -not -path '*/.*' -printf '%m %p\\n' | sort -k2";
const contents = "find /etc/kubernetes/pki -type f -not -path '*/.*' -exec sha256sum {} + | sort -k2";

/** Destroys the files of the last master and waits until they are there again, with the same modes and keys, and the cluster is whole. */
export async function expectRepaired(nodes: Nodes): Promise<void> {
  const host = joining(nodes)[nodes.masters.length - 2];
  if (host === undefined) throw new Error('it takes a second master to repair');
  const before = await host.succeed(masterFiles);
  const keys = await host.succeed(contents);
  expect(before).toContain('/etc/kubernetes/manifests/kube-apiserver.yaml');
  await host.succeed(
    'rm -rf /etc/kubernetes/pki /etc/kubernetes/keepalived /etc/kubernetes/manifests/* ' +
      '/etc/kubernetes/admin.conf /etc/kubernetes/controller-manager.conf /etc/kubernetes/scheduler.conf',
  );
  await until(`the files of ${host.name} to be there again`, 120_000, async () => {
    expect(await host.succeed(contents)).toBe(keys);
    const missing = before.split('\n').filter(line => !line.includes('/manifests/etcd-init.yaml'));
    const now = await host.succeed(masterFiles);
    expect(missing.filter(line => !now.includes(line))).toEqual([]);
  });
  await becomesWhole(first(nodes), nodes.masters, nodes.workers);
}

/** Deletes a DaemonSet's pods and waits until there are new ones: where it puts pods was then decided anew. */
async function podsAreReplaced(master: LabHost, set: string): Promise<void> {
  const labels = await kubectl(master, `get ${set} -o jsonpath='{.spec.selector.matchLabels}'`);
  const selector = Object.entries(JSON.parse(labels) as Record<string, string>)
    .map(([name, value]) => `${name}=${value}`)
    .join();
  await kubectl(master, `delete pods -n kube-system -l ${selector}`);
  await until('the DaemonSet to have new pods', 120_000, async () => {
    const status = await kubectl(
      master,
      `get ${set} -o jsonpath='{.status.desiredNumberScheduled} {.status.numberReady}'`,
    );
    const [wanted, ready] = status.split(' ');
    expect(ready).toBe(wanted);
  });
}

/** Gives a worker the labels of a master, as its own kubelet could not be kept from asking for, and asserts that nothing of a master comes to it. */
export async function expectWorkerStays(nodes: Nodes): Promise<void> {
  const master = first(nodes);
  const [worker] = nodes.workers;
  if (worker === undefined) throw new Error('it takes a worker');
  const labels = [
    'node-role.kubernetes.io/master=',
    'node-role.kubernetes.io/control-plane=',
    `kube-el7-install/master=${worker.name}`,
  ];
  await kubectl(master, `label node ${worker.name} --overwrite ${labels.join(' ')}`);
  try {
    await expectNoMaster(nodes, worker);
  } finally {
    const removals = labels.map(label => `${label.split('=')[0] ?? ''}-`);
    await kubectl(master, `label node ${worker.name} ${removals.join(' ')}`);
  }
}

async function expectNoMaster(nodes: Nodes, worker: LabHost): Promise<void> {
  const master = first(nodes);
  const set = '-n kube-system daemonset kube-el7-install-masters';
  await podsAreReplaced(master, set);
  const scheduled = await kubectl(master, `get ${set} -o jsonpath='{.status.desiredNumberScheduled}'`);
  expect(Number(scheduled)).toBe(nodes.masters.length);
  const pods = await kubectl(
    master,
    `get pods -A --field-selector spec.nodeName=${worker.name} -o jsonpath='{.items[*].metadata.name}'`,
  );
  expect(pods).not.toMatch(/kube-el7-install|kube-apiserver|etcd|keepalived/);
  expect(await worker.succeed('ls -A /etc/kubernetes/manifests')).toBe('');
  expect((await worker.run('ls /etc/kubernetes/pki/ca.key /etc/kubernetes/admin.conf')).code).not.toBe(0);
}
