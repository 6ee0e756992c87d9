import { strict as assert } from 'node:assert';
import { until } from '../lab';
import type { LabHost } from '../lab';

const etcdPki = '/etc/kubernetes/pki/etcd';
const patience = 240_000;

/** kubectl on any master: only the first one has a kubeconfig of root's. */
function kubectl(host: LabHost, parameters: string): Promise<string> {
  return host.succeed(`kubectl --kubeconfig /etc/kubernetes/admin.conf ${parameters}`);
}

/** What one etcd member says of itself and of the cluster. */
interface MemberView {
  readonly id: string;
  readonly leader: string;
  readonly learner: boolean;
}

/** Asks etcd on one master from another one, with the certificate that only looks. */
async function etcdStatus(from: LabHost, of: LabHost): Promise<MemberView> {
  const pair = `--cacert ${etcdPki}/ca.crt --cert ${etcdPki}/healthcheck-client.crt --key ${etcdPki}/healthcheck-client.key`;
  const url = `https://${of.address}:2379`;
  const ask = (api: string): string =>
    `curl -sS --fail --max-time 5 ${pair} -d '{}' ${url}/${api}/maintenance/status`;
  // etcd 3.3 has its JSON API under v3beta.
  const body = await from.succeed(`${ask('v3')} 2>/dev/null || ${ask('v3beta')}`);
  const status = JSON.parse(body) as {
    header: { member_id: string };
    leader: string;
    isLearner?: boolean;
  };
  return { id: status.header.member_id, leader: status.leader, learner: status.isLearner === true };
}

/** The master whose etcd leads. */
export async function etcdLeader(from: LabHost, masters: readonly LabHost[]): Promise<LabHost> {
  const views = await Promise.all(masters.map(async host => ({ host, view: await etcdStatus(from, host) })));
  const [leader, ...more] = [...new Set(views.map(({ view }) => view.leader))];
  assert.deepEqual(more, []);
  const found = views.find(({ view }) => view.id === leader);
  if (found === undefined) throw new Error(`the leader ${String(leader)} is none of the masters`);
  return found.host;
}

/** Asserts that etcd's members are these masters, all of them voters, with one leader that all agree on. */
async function expectEtcd(from: LabHost, masters: readonly LabHost[]): Promise<void> {
  await etcdLeader(from, masters);
  const pair = `--cacert ${etcdPki}/ca.crt --cert ${etcdPki}/peer.crt --key ${etcdPki}/peer.key`;
  const listed = await from.succeed(
    `curl -sS --fail --http1.1 --max-time 5 ${pair} https://${from.address}:2380/members`,
  );
  const members = JSON.parse(listed) as { name: string; isLearner?: boolean; peerURLs: string[] }[];
  const seen = members.map(member => [member.name, member.isLearner === true, ...member.peerURLs]).sort();
  assert.deepEqual(seen, masters.map(host => [host.name, false, `https://${host.address}:2380`]).sort());
  for (const host of masters) {
    const manifests = await host.succeed(
      'cd /etc/kubernetes/manifests && grep -H "^kind:" etcd-*.yaml; ls -A',
    );
    assert.match(manifests, /^etcd-cluster\.yaml:kind: Pod$/m);
    assert.doesNotMatch(manifests, /^etcd-init\.yaml:kind: Pod$/m);
    assert.doesNotMatch(manifests, /^etcd\.yaml$/m);
  }
}

/** Asserts that each of these hosts, and no other node, is a master whose apiserver answers with a certificate of its own. */
async function expectMasters(from: LabHost, masters: readonly LabHost[]): Promise<void> {
  const names = masters.map(host => host.name).sort();
  const listed = await kubectl(
    from,
    'get nodes -l node-role.kubernetes.io/master= -o jsonpath=\'{range .items[*]}{.metadata.name} {.spec.taints[?(@.key=="node-role.kubernetes.io/master")].effect}{"\\n"}{end}\'',
  );
  assert.deepEqual(
    listed.trim().split('\n').sort(),
    names.map(name => `${name} NoSchedule`),
  );
  for (const host of masters) {
    const healthy = await kubectl(from, `--server https://${host.address}:6443 get --raw /healthz`);
    assert.equal(healthy, 'ok');
  }
  const daemons = await kubectl(
    from,
    "get daemonset kube-el7-install-masters -n kube-system -o jsonpath='{.status.desiredNumberScheduled} {.status.numberReady}'",
  );
  assert.equal(daemons, `${masters.length} ${masters.length}`);
  const pods = await kubectl(from, 'get pods -n kube-system -o wide --no-headers');
  for (const host of masters) {
    const controlPlane = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'etcd-cluster'];
    for (const component of controlPlane) {
      assert.match(pods, new RegExp(`^${component}-${host.name}\\s+1/1\\s+Running`, 'm'));
    }
  }
}

/** Waits until the cluster is whole: every node Ready, every master one, etcd's members voters that agree; asked on `from`. */
export async function becomesWhole(
  from: LabHost,
  masters: readonly LabHost[],
  workers: readonly LabHost[] = [],
  withinMs = patience,
): Promise<void> {
  await until('the cluster to be whole', withinMs, async () => {
    const ready = await kubectl(
      from,
      'get nodes -o jsonpath=\'{range .items[*]}{.metadata.name} {.status.conditions[?(@.type=="Ready")].status}{"\\n"}{end}\'',
    );
    const nodes = [...masters, ...workers].map(host => `${host.name} True`).sort();
    assert.deepEqual(ready.trim().split('\n').sort(), nodes);
    await expectMasters(from, masters);
    await expectEtcd(from, masters);
  });
}
