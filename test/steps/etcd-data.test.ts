import { beforeAll, describe, expect, it } from 'vitest';
import { etcd as check } from '../../source/checks/etcd';
import { etcd } from '../../source/steps/etcd';
import { verifyEtcd } from '../../source/steps/verify-etcd';
import type { Settings } from '../../source/variables/settings';
import { settings as settingsOf } from '../variables/told';
import { apply } from './etcd-apply';
import { EtcdHost, MASTERS } from './etcd-host';

const [MASTER] = MASTERS;
const MEMBER = '/var/lib/etcd/member';
const RECORD = '/var/lib/kube-el7-install/etcd-cluster-id';
const JOIN = '/var/lib/kube-el7-install/join-worker';

let settings: Settings;

beforeAll(async () => {
  settings = await settingsOf({});
});

interface Told {
  /** The objects that are in etcd, by the beginnings of their keys; nothing answers where absent. */
  readonly objects?: readonly string[];
  readonly id?: string;
  readonly recorded?: string;
}

/** A single master whose installation has come to its end, as it is after a boot. */
async function finished({ objects, id = 'c1', recorded }: Told): Promise<EtcdHost> {
  const host = new EtcdHost();
  host
    .answer(/^docker info /, '{"CgroupDriver":"systemd"}')
    .answer(/^systemctl /)
    .answer('hostname', 'master1\n');
  host.answer(/^ip /, '2: eth0    inet 10.0.0.1/24 brd 10.0.0.255\n').answer(/^getent /, { code: 2 });
  host.put('/var/lib/kubelet/config.yaml', 'kind: KubeletConfiguration\n').put(JOIN, 'kubeadm join\n');
  if (recorded !== undefined) host.put(RECORD, `${recorded}\n`);
  await host.makeDirectory('/var/lib/etcd', 0o700);
  if (objects === undefined) host.pods.delete('master1');
  else await host.makeDirectory(MEMBER, 0o700);
  host.heads.set('master1', { 'x-etcd-cluster-id': id });
  return host.respond(/\/v3\/kv\/range$/, ({ body = '' }) => {
    const { key } = JSON.parse(body) as { readonly key: string };
    const asked = Buffer.from(key, 'base64').toString();
    const count = (objects ?? []).filter(one => one.startsWith(asked)).length;
    return {
      status: 200,
      headers: {},
      roundTripMs: 1,
      body: `{"header":{}${count > 0 ? `,"count":"${count}"` : ''}}`,
    };
  });
}

const OBJECTS = [
  '/registry/configmaps/kube-system/kubeadm-config',
  '/registry/clusterrolebindings/kubeadm:node-proxier',
  '/registry/daemonsets/kube-system/kube-proxy',
];

async function planned(host: EtcdHost): Promise<readonly string[]> {
  const step = etcd(settings, MASTER, []);
  return step
    .plan(await step.probe(host))
    .map(change => ('path' in change ? `${change.kind} ${change.path}` : change.kind));
}

describe('on a master that is finished', () => {
  it.each<readonly [string, Told, string, RegExp]>([
    ['whose disk did not come up', {}, 'etcd-data-missing', /is the disk mounted.*reset/s],
    [
      'whose etcd was started empty',
      { objects: [] },
      'etcd-empty',
      /systemctl stop kubelet.*--snapshot FILE/s,
    ],
    [
      'that has the disk of another cluster',
      { objects: OBJECTS, id: 'ff', recorded: 'c1' },
      'etcd-other-data',
      /restored etcd/,
    ],
    [
      'whose etcd was started empty after it was recorded',
      { objects: [], id: 'ff', recorded: 'c1' },
      'etcd-other-data',
      /mounted/,
    ],
  ])('%s: nothing is begun over it, and it is said what to do', async (_, told, code, hint) => {
    const host = await finished(told);
    await expect(planned(host)).rejects.toMatchObject({
      report: { code, hint: expect.stringMatching(hint) as string },
    });
    const findings = await check(settings).run(host);
    expect(findings).toMatchObject([{ level: 'fatal', fix: expect.stringMatching(hint) as string }]);
    expect(host.changes.filter(({ what }) => !what.startsWith('/var/lib/etcd'))).toEqual([]);
  });

  it('with its data nothing of them is made anew, though much was deleted from them', async () => {
    const host = await finished({ objects: OBJECTS.slice(1) });
    expect((await planned(host)).filter(one => one.startsWith('directory'))).toEqual([]);
  });

  it('whose disk went away under its running etcd no directory takes its place', async () => {
    const host = await finished({ objects: OBJECTS });
    host.drop(MEMBER);
    expect(await planned(host)).not.toContain(`directory ${MEMBER}`);
  });

  it('that was restored from a snapshot by this program is no other cluster: that number goes with the old data', async () => {
    const host = await finished({ objects: OBJECTS, recorded: 'c1' });
    await expect(planned(host)).resolves.toBeDefined();
  });
});

it('a host that is not finished makes the directory without which its pod does not start', async () => {
  const host = await finished({});
  host.drop(JOIN);
  expect(await planned(host)).toContain(`directory ${MEMBER}`);
});

it("etcd's number is written down once etcd is seen to be whole", async () => {
  const host = await finished({ objects: OBJECTS });
  const verify = verifyEtcd(settings, MASTER, []);
  await apply([verify], host);
  expect(host.text(RECORD)).toBe('c1\n');
  expect(await apply([verify], host)).toEqual([]);
});
