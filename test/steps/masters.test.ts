import type * as crypto from 'node:crypto';
import { X509Certificate } from 'node:crypto';
import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Step } from '../../source/engine/step';
import { clusterStatus } from '../../source/steps/cluster-status';
import { masterCertificates } from '../../source/steps/master-certificates';
import { masterFiles, withOwnAddress } from '../../source/steps/master-files';
import { mastersDaemon } from '../../source/steps/masters-daemon';
import { storeMasters } from '../../source/steps/store-masters';
import { mastersObjects } from '../../source/kubernetes/master-objects';
import { toYaml } from '../../source/kubernetes/yaml';
import type { Settings } from '../../source/variables/settings';
import { FakeHost } from '../support/fake-host';
import { lookedUpHost, settings as settingsOf } from '../variables/told';
import { apply, MASTER, MastersHost, planned, STATE, TOKEN } from './masters-host';

vi.mock('node:crypto', async original => {
  const { withPooledKeys } = await import('../support/pooled-keys');
  return withPooledKeys(await original<typeof crypto>());
});

const OTHER = { hostname: 'master2', address: '10.0.0.2' };
const MASTERS = `${STATE}/masters`;

let settings: Settings;
let made: MastersHost;
let host: MastersHost;
let begin: readonly Step[];
let end: Step;

beforeAll(async () => {
  const text = 'DOCKER_REGISTRY=10.0.0.5:5000\nTILLER=yes\n';
  settings = await settingsOf({
    text,
    vip: '10.0.0.100',
    masters: 'master1,master2,master3',
    host: lookedUpHost(),
  });
  made = await MastersHost.made(MASTER);
}, 60_000);

beforeEach(() => {
  host = made.copy();
  begin = [
    masterCertificates(settings, MASTER, []),
    masterFiles(settings, MASTER, []),
    storeMasters(settings, MASTER, [], 'begin'),
    mastersDaemon(settings, MASTER, []),
  ];
  end = storeMasters(settings, MASTER, [], 'end');
});

describe('what makes masters', () => {
  it('is told in a plan before anything of it is there', async () => {
    const bare = new FakeHost().respond(/6443/, { error: 'connect ECONNREFUSED' });
    for (const one of [...begin, end]) {
      const changes = one.plan(await one.probe(bare));
      expect(changes.length, one.id).toBeGreaterThan(0);
    }
  });

  it('is as it should be once it is stored, and stays so when more is stored at the end', async () => {
    await apply(host, begin);
    for (const one of begin) expect(await planned(host, one), one.id).toEqual([]);
    const [taken, ...more] = (await planned(host, end)).flatMap(change =>
      change.kind === 'await' && change.condition.kind === 'all' ? [change.condition] : [],
    );
    expect(more).toEqual([]);
    expect(taken?.of.map(({ title }) => title)).toEqual(
      ['master1', 'master2', 'master3'].map(name => `${name} has taken what is stored for it`),
    );
    await apply(host, [end]);
    for (const name of ['master1', 'master2', 'master3']) host.report(name, settings.facts.masterLabels);
    for (const one of [...begin, end]) expect(await planned(host, one), one.id).toEqual([]);
  });

  it('comes to the same end when it is killed before any change', async () => {
    const [other] = settings.others;
    const two = { ...settings, others: other === undefined ? [] : [other] };
    begin = [
      masterCertificates(two, MASTER, []),
      masterFiles(two, MASTER, []),
      storeMasters(two, MASTER, [], 'begin'),
      mastersDaemon(two, MASTER, []),
    ];
    const all = await apply(host, begin);
    const files = (from: MastersHost) => from.modes().filter(([path]) => path.startsWith(STATE));
    const wanted = files(host);
    expect(all).toBeGreaterThan(20);
    for (let cut = 0; cut < all; cut += 1) {
      host = made.copy();
      await expect(apply(host, begin, cut)).rejects.toThrow('cut');
      await apply(host, begin);
      expect(files(host)).toEqual(wanted);
      for (const one of begin) expect(await planned(host, one), `${one.id} after ${cut}`).toEqual([]);
    }
  }, 240_000);

  it('is kept from everybody but root', async () => {
    await apply(host, [...begin, end]);
    for (const [path, mode] of host.modes()) {
      if (/PRIVATE KEY|key of|\.key: /.test(host.text(path) ?? ''))
        expect([path, mode]).toEqual([path, 0o600]);
    }
    const folders = host.modes().filter(([path]) => path.startsWith(MASTERS) && host.text(path) === '');
    expect(folders.length).toBeGreaterThan(5);
    expect(folders.filter(([, mode]) => mode !== 0o700)).toEqual([]);
    expect(host.executed.filter(command => /key of|PRIVATE/.test(command))).toEqual([]);
  });
});

describe("another master's certificate", () => {
  it("of the apiserver names all masters, the VIP and the cluster's own names", async () => {
    await apply(host, begin.slice(0, 1));
    const certificate = new X509Certificate(host.text(`${MASTERS}/master2/pki/apiserver.crt`) ?? '');
    const names = certificate.subjectAltName ?? '';
    for (const name of ['kubernetes.default.svc.cluster.local', 'master1', 'master2', 'master3', 'localhost'])
      expect(names).toContain(`DNS:${name}`);
    for (const address of ['10.96.0.1', '10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.100', '127.0.0.1'])
      expect(names).toMatch(new RegExp(`IP Address:${address}(,|$)`));
    expect(certificate.subject).toBe('CN=kube-apiserver');
  });
});

describe("another master's files", () => {
  it('name it in the place of the first one, and the etcd beside it, also where the first one’s name all members', async () => {
    await apply(host, begin);
    const text = host.text(`${MASTERS}/master2/manifests/kube-apiserver.yaml`) ?? '';
    expect(text).toContain('--advertise-address=10.0.0.2\n');
    expect(text).toContain('--etcd-servers=https://127.0.0.1:2379\n');
    expect(text).toContain('--not-to-be-touched=10.0.0.11,110.0.0.1,10.0.0.1.5\n');
    expect(host.text(`${MASTERS}/master2/scheduler.conf`)).toBe(
      'server: https://10.0.0.2:6443\nkey of scheduler\n',
    );
  });

  it('take an address for itself only', () => {
    expect(withOwnAddress('10.0.0.1 10.0.0.12 210.0.0.1 https://10.0.0.1:6443', '10.0.0.1', '10.0.0.7')).toBe(
      '10.0.0.7 10.0.0.12 210.0.0.1 https://10.0.0.7:6443',
    );
  });

  it('have no token among them', async () => {
    await apply(host, [...begin, end]);
    const text = host.text(`${MASTERS}/kubeadm-init.yaml`) ?? '';
    expect(text).toContain('kubernetesVersion: v1.20.2');
    for (const name of ['master1', 'master2', 'master3'])
      for (const value of Object.values(host.secret(`kube-el7-install-master-${name}`)))
        expect(value).not.toContain(TOKEN);
  });
});

describe('the program that makes masters', () => {
  it('may read the Secrets of the masters by name, and touch no node but theirs', () => {
    const objects = mastersObjects(settings, MASTER);
    const rules = objects.flatMap(one => (one.kind.endsWith('Role') ? [one['rules']] : []));
    expect(rules).toEqual([
      [
        {
          apiGroups: [''],
          resources: ['secrets'],
          verbs: ['get', 'watch', 'list'],
          resourceNames: ['master1', 'master2', 'master3'].map(name => `kube-el7-install-master-${name}`),
        },
      ],
      [
        {
          apiGroups: [''],
          resources: ['nodes'],
          verbs: ['get', 'patch'],
          resourceNames: ['master1', 'master2', 'master3'],
        },
      ],
    ]);
  });

  it('runs on nodes with the names of the masters alone, in whatever state they are', () => {
    const text = toYaml(...mastersObjects(settings, MASTER));
    const names = [...text.matchAll(/key: metadata\.name\n\s+operator: In\n\s+values:\n\s+- (\S+)/g)].map(
      one => one[1],
    );
    expect(names).toEqual(['master1', 'master2', 'master3']);
    expect(text).not.toContain('matchExpressions');
    expect(text).toContain('tolerations:\n        - operator: Exists\n');
    expect(text).toContain('value: https://10.0.0.100:6443\n');
    expect([...text.matchAll(/^\s+(?:- )?image: (\S+)$/gm)].map(one => one[1])).toEqual([
      settings.images.etcd,
      settings.images['kube-proxy'],
    ]);
    // Nothing that has the cluster's keys may change the host's network.
    expect(text).not.toContain('NET_ADMIN');
  });
});

describe("kubeadm's list of masters", () => {
  const map = '/api/v1/namespaces/kube-system/configmaps/kubeadm-config';
  const status = (data: object): void => {
    host.objects.set(map, { metadata: { name: 'kubeadm-config' }, data });
  };
  const own =
    'apiEndpoints:\n  master1:\n    advertiseAddress: 10.0.0.1\n    bindPort: 6443\napiVersion: kubeadm.k8s.io/v1beta2\nkind: ClusterStatus\n';

  it('gets those that have joined', async () => {
    status({ ClusterStatus: own, ClusterConfiguration: 'kept' });
    host.setNode('master1', '10.0.0.1').setNode('master2', '10.0.0.2');
    await apply(host, [clusterStatus(settings, MASTER, [])]);
    expect(host.objects.get(map)).toMatchObject({
      data: {
        ClusterStatus: toYaml({
          apiEndpoints: {
            master1: { advertiseAddress: MASTER.address, bindPort: 6443 },
            master2: { advertiseAddress: OTHER.address, bindPort: 6443 },
          },
          apiVersion: 'kubeadm.k8s.io/v1beta2',
          kind: 'ClusterStatus',
        }),
        ClusterConfiguration: 'kept',
      },
    });
    expect(await planned(host, clusterStatus(settings, MASTER, []))).toEqual([]);
  });

  it('is left alone where kubeadm keeps none, or all are in it', async () => {
    host.setNode('master1', '10.0.0.1');
    expect(await planned(host, clusterStatus(settings, MASTER, []))).toEqual([]);
    status({ ClusterConfiguration: 'only' });
    expect(await planned(host, clusterStatus(settings, MASTER, []))).toEqual([]);
    status({ ClusterStatus: own });
    expect(await planned(host, clusterStatus(settings, MASTER, []))).toEqual([]);
  });
});
