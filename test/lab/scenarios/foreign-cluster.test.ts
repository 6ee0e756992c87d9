import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { patiently } from '../patience';
import { Lab, until } from '../lab';
import type { LabHost } from '../lab';
import { complaint, eventsOfType, freshHost, install } from './support';
import type { InstallRun } from './support';

const minutes = 60_000;
const kubeconfig = '--kubeconfig /etc/kubernetes/admin.conf';
const keptFolder = '/var/lib/kube-el7-install/kept';
const scripts = ['bare-install.sh', 'bare-flannel.sh'].map(name =>
  fileURLToPath(new URL(`../${name}`, import.meta.url)),
);

/** kubeadm's own way, with nothing but its flags for the lab's registry: a stacked etcd, in the host's docker. */
function kubeadmConfiguration(lab: Lab, host: LabHost): string {
  return [
    'apiVersion: kubeadm.k8s.io/v1beta2',
    'kind: InitConfiguration',
    `localAPIEndpoint: { advertiseAddress: ${host.address} }`,
    '---',
    'apiVersion: kubeadm.k8s.io/v1beta2',
    'kind: ClusterConfiguration',
    `kubernetesVersion: v${lab.kubernetesVersion}`,
    `imageRepository: ${lab.registry.plain}`,
    'networking: { podSubnet: 10.244.0.0/16 }',
    'etcd: { local: { imageTag: 3.4.23 } }',
    '---',
    'apiVersion: kubelet.config.k8s.io/v1beta1',
    'kind: KubeletConfiguration',
    'cgroupDriver: cgroupfs',
    '',
  ].join('\n');
}

/** What the preflight found, as text. */
function findingsOf({ events }: InstallRun): string {
  return eventsOfType(events, 'check-finished')
    .flatMap(({ findings }) => findings.map(({ level, message, fix = '' }) => `${level}: ${message} ${fix}`))
    .join('\n');
}

describe('a master that another tool made', () => {
  let lab: Lab;
  let master: LabHost;

  beforeAll(async () => {
    lab = await Lab.open(undefined, console.log);
    master = await freshHost(lab, 'master1');
  });

  async function keepsItsData(name: string): Promise<void> {
    expect(await master.succeed(`kubectl ${kubeconfig} get configmap ${name} -o jsonpath={.data.word}`)).toBe(
      'acknowledged',
    );
    expect((await master.run(`ls ${keptFolder}`)).code).not.toBe(0);
  }

  /** The object of that name is in what was kept, which has the hash and revision that were noted, and opens. */
  async function expectKept(name: string): Promise<void> {
    const folder = `${keptFolder}/${(await master.succeed(`ls ${keptFolder}`)).trim().split('\n').at(-1) ?? ''}`;
    const image = `${lab.registry.plain}/etcd:3.4.23`;
    const etcdctl = (words: string) =>
      master.succeed(
        `docker run --rm --network none --env ETCDCTL_API=3 --volume ${folder}:/kept --entrypoint etcdctl ${image} ${words}`,
        { timeoutMs: 5 * minutes },
      );
    const noted = JSON.parse(await master.read(`${folder}/etcd.json`)) as { readonly revision: number };
    expect(JSON.parse(await etcdctl('snapshot status /kept/etcd.db --write-out=json'))).toEqual(noted);
    expect(noted.revision).toBeGreaterThan(1);
    await etcdctl('snapshot restore /kept/etcd.db --data-dir=/kept/opened');
    expect(
      (await master.run(`grep -a -q /registry/configmaps/default/${name} ${folder}/opened/member/snap/db`))
        .code,
    ).toBe(0);
    expect(await master.succeed(`ls ${folder}/kubernetes/pki/ca.key`)).toContain('ca.key');
    await master.succeed(`rm -r ${keptFolder}`);
  }

  async function refusedThenReset(name: string, manifest: string): Promise<void> {
    await until(`the apiserver to take ${name}`, patiently(2 * minutes), async () => {
      await master.succeed(`kubectl ${kubeconfig} create configmap ${name} --from-literal=word=acknowledged`);
    });
    const whose = `a master of a cluster that kubeadm made, not this installer (${manifest})`;

    const installed = await install(master);
    expect(installed.code).toBe(2);
    expect(findingsOf(installed)).toContain(whose);

    const refused = await install(master, 'reset --yes --output json');
    expect(refused.code).toBe(2);
    expect(findingsOf(refused)).toContain(whose);
    expect(findingsOf(refused)).toMatch(/fatal: .* only master.*--accept-data-loss/);
    await keepsItsData(name);

    const run = await install(master, 'reset --yes --accept-data-loss --output json');
    expect(complaint(run)).toBe('');
    const order = eventsOfType(run.events, 'change-started').map(({ change }) => change.title);
    const at = (title: RegExp): number => order.findIndex(one => title.test(one));
    expect(at(/^Verify the snapshot/)).toBeGreaterThan(-1);
    expect(at(/^Verify the snapshot/)).toBeLessThan(at(/kubeadm reset/));
    expect(at(/kubeadm reset/)).toBeLessThan(at(/Remove \/var\/lib\/etcd\/member/));
    expect((await master.run('ls /var/lib/etcd/member /etc/kubernetes/manifests/*')).stdout).toBe('');
    await expectKept(name);
  }

  test('by commands alone, under the names that this product uses, is reset only with the loss accepted, and saved first', async () => {
    for (const script of scripts) await master.copyIn(script, '/root/');
    await master.succeed(`bash /root/bare-install.sh ${lab.registry.plain} ${lab.kubernetesVersion}`, {
      timeoutMs: patiently(10 * minutes),
    });
    await refusedThenReset('made-by-hand', '/etc/kubernetes/manifests/etcd-init.yaml');
  });

  test("by kubeadm with its own etcd likewise, and kubeadm's reset does not empty it before", async () => {
    await master.write('/root/kubeadm.yaml', kubeadmConfiguration(lab, master));
    await master.succeed('kubeadm init --config /root/kubeadm.yaml', { timeoutMs: patiently(10 * minutes) });
    await refusedThenReset('made-by-kubeadm', '/etc/kubernetes/manifests/etcd.yaml');
  });
});
