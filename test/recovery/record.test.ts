import { beforeAll, describe, expect, it } from 'vitest';
import { readdRecipe } from '../../source/installation/readd-recipe';
import { clusterName, readRecord } from '../../source/recovery/record';
import { etcdManifests } from '../../source/kubernetes/etcd-manifests';
import { keepalivedFiles } from '../../source/kubernetes/keepalived';
import { damaged } from '../bad-inputs/damage';
import { FakeHost } from '../support/fake-host';
import { Random } from '../support/random';
import { settings as settingsOf } from '../variables/told';
import { configurationOf, recorded, recordOf } from './recorded';

const KEPT = '/etc/kubernetes/kube-el7-install/kubeadm-init.yaml';
const OWN = '/var/lib/kube-el7-install/kubeadm-init.yaml';
const MANIFESTS = '/etc/kubernetes/manifests';
const THREE = { vip: '10.0.0.100', masters: 'master1,master2,master3' };
const TEXT =
  'DOCKER_REGISTRY=10.0.0.5:5000\nKUBELET_SYSTEM_RESERVED=cpu=200m,memory=500Mi\nCLUSTER_DOMAIN=lab.local\n';

let configuration: string;

beforeAll(async () => {
  await recorded();
  configuration = await configurationOf({ ...THREE, text: TEXT });
});

function master(name = 'master1', files: Readonly<Record<string, string>> = {}): FakeHost {
  return new FakeHost({ [KEPT]: configuration, ...files }).answer('hostname', `${name}\n`);
}

/** keepalived's files as the installer leaves them on the first of three masters. */
async function carried(vrrp: 2 | 3): Promise<Readonly<Record<string, string>>> {
  const told = await settingsOf(THREE);
  const vip = { ...(told.vip as NonNullable<typeof told.vip>), vrrpVersion: vrrp };
  const files = keepalivedFiles({ ...told, vip }, recordOf(3).masters, 0);
  const text = (content: unknown): string =>
    typeof content === 'string' ? content : (content as { readonly template: string }).template;
  return Object.fromEntries(files.map(({ path, content }) => [path, text(content)]));
}

describe('what a cluster has recorded', () => {
  it.each(['master1', 'master2', 'master3'])('is told on %s as it was installed', async name => {
    const told = await settingsOf({ ...THREE, text: TEXT });
    const record = await readRecord(master(name, await carried(3)));
    expect(record?.masters).toEqual(recordOf(3).masters);
    expect(record?.here.hostname).toBe(name);
    expect(record?.settings.others.map(({ hostname }) => hostname)).toEqual(
      ['master1', 'master2', 'master3'].filter(one => one !== name),
    );
    for (const field of [
      ...(['kubeVersion', 'facts', 'imageRepository', 'clusterDomain', 'clusterDns'] as const),
      ...(['podSubnet', 'serviceSubnet', 'systemReserved', 'images', 'vip', 'timings'] as const),
    ])
      expect(record?.settings[field], field).toEqual(told[field]);
  });

  it('has the VRRP version and the number of the router that keepalived runs with', async () => {
    const { vip } = (await readRecord(master('master1', await carried(2))))?.settings ?? {};
    expect(vip).toEqual({
      ...{ endpoint: '10.0.0.100', addresses: ['10.0.0.100'], carrier: 'keepalived' },
      ...{ routerId: 100, vrrpVersion: 2 },
    });
  });

  it('knows a load balancer by keepalived’s absence, and no VIP by that of an endpoint', async () => {
    expect((await readRecord(master()))?.settings.vip).toMatchObject({
      carrier: 'load-balancer',
      addresses: [],
    });
    const alone = await readRecord(master('master1', { [KEPT]: await configurationOf({}) }));
    expect(alone?.settings.vip).toBeUndefined();
    expect(alone && clusterName(alone)).toBe('master1');
    expect(alone?.settings.others).toEqual([]);
  });

  it('follows the one that all masters keep, and takes the first one’s own where there is none', async () => {
    const old = configuration.replace(/10\.0\.0\.2\b/g, '10.0.0.22');
    expect((await readRecord(master('master1', { [OWN]: old })))?.masters[1]?.address).toBe('10.0.0.2');
    const early = master('master1', { [OWN]: old }).drop(KEPT);
    expect((await readRecord(early))?.masters[1]?.address).toBe('10.0.0.22');
  });

  it('has the images that run, also of an etcd whose manifest is hidden', async () => {
    const pod = (image: string): string =>
      `kind: Pod\nspec:\n  containers:\n  - name: x\n    image: ${image}\n`;
    const files = {
      [`${MANIFESTS}/.etcd-cluster.yaml`]: pod('10.0.0.5:5000/etcd:3.3.15-0'),
      [`${MANIFESTS}/keepalived.yaml`]: pod('"10.0.0.5:5000/mine/keepalived:9"'),
    };
    expect((await readRecord(master('master2', files)))?.settings.images).toMatchObject({
      etcd: '10.0.0.5:5000/etcd:3.3.15-0',
      keepalived: '10.0.0.5:5000/mine/keepalived:9',
    });
  });

  it.each(['etcd-init', 'etcd-cluster', '.etcd-init'])(
    'has the times that the control plane was made with, and those that etcd runs with in %s.yaml',
    async name => {
      const slow = [
        ...['DOCKER_REGISTRY=10.0.0.5:5000', 'ETCD_HEARTBEAT_INTERVAL=500', 'ETCD_ELECTION_TIMEOUT=2500'],
        ...['LEADER_ELECTION_LEASE=60', 'CONTROL_PLANE_TIMEOUT=605', ''],
      ].join('\n');
      const told = await settingsOf({ ...THREE, text: slow });
      const files = {
        [KEPT]: await configurationOf({ ...THREE, text: slow }),
        [`${MANIFESTS}/${name}.yaml`]: etcdManifests(told, recordOf(3).masters, 0).cluster,
      };
      expect((await readRecord(master('master2', files)))?.settings.timings).toEqual(told.timings);
    },
  );

  it.each(['worker1', 'master4', ''])('is none for %j, which it does not name', async name => {
    expect(await readRecord(master(name))).toBeUndefined();
  });

  it('is asked of nobody where there is none', async () => {
    const bare = new FakeHost();
    expect(await readRecord(bare)).toBeUndefined();
    expect(bare.calls.filter(({ kind }) => kind === 'query')).toEqual([]);
  });
});

describe('the masters that are recorded', () => {
  const addresses = async (text: string): Promise<readonly string[]> =>
    ((await readRecord(master('master1', { [KEPT]: text })))?.masters ?? []).map(
      ({ hostname, address }) => `${hostname} ${address}`,
    );
  const all = ['master1 10.0.0.1', 'master2 10.0.0.2', 'master3 10.0.0.3'];

  it.each(['10.0.0.100', 'vip.lab'])('are those before the VIP %s', async vip => {
    const text = await configurationOf({ ...THREE, vip });
    expect(text).toMatch(/- vip\.lab\n\s+- 10\.0\.0\.100\n|- 10\.0\.0\.100\n\s+- localhost\n/);
    expect(await addresses(text)).toEqual(all);
  });

  it('are a single one where there is no VIP', async () => {
    expect(await addresses(await configurationOf({}))).toEqual(['master1 10.0.0.1']);
  });

  it('are the same where kubeadm was given the list of etcd’s members, as by an earlier version', async () => {
    const list = [1, 2, 3].map(at => `      - https://10.0.0.${at}:2379\n`).join('');
    const text = configuration.replace(/ +- https:\/\/127\.0\.0\.1:2379\n/, list);
    expect(text).not.toBe(configuration);
    expect(await addresses(text)).toEqual(all);
  });
});

describe('a damaged record', () => {
  /** A record with its texts whole, or a refusal that says so. */
  async function comesToAnEnd(text: string | Buffer): Promise<'read' | 'refused'> {
    const host = master().put(KEPT, text);
    const record = await readRecord(host);
    const loaded = await readdRecipe.settings?.(host, { command: 'readd-member' } as never);
    if (record === undefined) {
      expect(loaded).toMatchObject({
        problems: [
          { wrong: 'is no master of a cluster that this installer made, or has lost the record of it' },
        ],
      });
      return 'refused';
    }
    const { settings, masters } = record;
    for (const field of [
      'clusterDomain',
      'clusterDns',
      'podSubnet',
      'serviceSubnet',
      'systemReserved',
    ] as const)
      expect(typeof settings[field], field).toBe('string');
    for (const image of Object.values(settings.images)) expect(typeof image).toBe('string');
    expect(settings.timings.leaseSeconds).toBeGreaterThan(0);
    expect(settings.timings.controlPlaneSeconds).toBeGreaterThan(0);
    for (const { address } of masters) expect(address).toMatch(/^[\d.]+$/);
    expect(loaded).toHaveProperty('settings');
    return 'read';
  }

  it('that is cut off anywhere is read or refused', async () => {
    const ends = new Set<string>();
    for (let length = 0; length < configuration.length; length += 3)
      ends.add(await comesToAnEnd(configuration.slice(0, length)));
    expect([...ends].sort()).toEqual(['read', 'refused']);
  });

  it('whose bytes were altered is read or refused', async () => {
    const random = new Random(20261123);
    for (let round = 0; round < 400; round += 1)
      await comesToAnEnd(damaged(Buffer.from(configuration), random));
  });

  it.each([
    'networking',
    'apiServer',
    'dns',
    'etcd',
    'nodeRegistration',
    'clusterDNS',
    'systemReserved',
    'kubernetesVersion',
  ])('whose %s is something else is read or refused', async field => {
    for (const value of ['null', '7', 'a word', '[1, {}]', '{a: [b]}', '[]', 'true'])
      await comesToAnEnd(
        configuration.replace(new RegExp(`^${field}:.*\\n(?:[ -].*\\n)*`, 'm'), `${field}: ${value}\n`),
      );
  });

  it.each(['', '\0', 'null', '[]', '- a\n- b\n', ': : :', '{'])('that is %j is refused', async text => {
    expect(await comesToAnEnd(text)).toBe('refused');
  });
});
