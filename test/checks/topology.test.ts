import { beforeEach, describe, expect, it } from 'vitest';
import { masters } from '../../source/checks/masters';
import type { Settings } from '../../source/variables/settings';
import { FakeHost } from '../support/fake-host';
import { settings as load } from '../variables/told';
import { found, levels } from './found';

const CONFIG = '/var/lib/kube-el7-install/kubeadm-init.yaml';
const SELF_SIGNED = { error: 'self signed certificate in certificate chain' };
const REFUSED = { error: 'connect ECONNREFUSED 10.0.0.100:6443' };

describe('masters', () => {
  let three: Settings;
  beforeEach(async () => {
    three = await load({ vip: '10.0.0.100', masters: 'master1,master2,master3' });
  });
  const quiet = (files: ConstructorParameters<typeof FakeHost>[0] = {}) =>
    new FakeHost({ '/proc/sys/kernel/hostname': 'master1\n', ...files })
      .answer(/^ping -c 1 -W 1 /, {})
      .respond(/./, REFUSED);

  it('are well where they run and nothing answers on them', async () => {
    expect(await found(masters(three), quiet())).toEqual([
      { level: 'ok', message: 'this host, master2, master3' },
    ]);
    const alone = await load({});
    const host = new FakeHost();
    expect(await found(masters(alone), host)).toEqual([{ level: 'ok', message: 'this host alone' }]);
    expect(host.calls.filter(({ kind }) => kind === 'query' || kind === 'request')).toEqual([]);
  });

  it.each([6443, 2379])('are refused where a cluster was begun on another, by port %d', async port => {
    const host = quiet().respond(`https://10.0.0.3:${port}/healthz`, SELF_SIGNED);
    const findings = await found(masters(three), host);
    expect(findings.map(({ level }) => level)).toEqual(['fatal']);
    expect(findings[0]?.message).toContain('a cluster was begun on master3 (10.0.0.3)');
    expect(findings[0]?.fix).toContain('run the installer on master3');
  });

  it.each([CONFIG, '/var/lib/kube-el7-install/join-worker'])(
    'may answer where the cluster was begun here, which %s shows',
    async path => {
      const host = quiet({ [path]: 'x\n' }).respond(/./, SELF_SIGNED);
      expect(await levels(masters(three), host)).toEqual(['ok']);
      // Their clusters are not looked for; etcd is asked, once the control plane is up, for who its members are.
      const asked = host.calls.filter(({ kind, what }) => kind === 'request' && !what.endsWith('/members'));
      expect(asked).toEqual([]);
    },
  );

  const JOIN = '/var/lib/kube-el7-install/join-worker';
  const made = (endpoint: string, ...members: readonly string[]) =>
    `${endpoint}apiServer:\n  certSANs:\n${members.map(one => `    - master${one.slice(-1)}\n    - ${one}\n`).join('')}    - 10.0.0.100\n    - localhost\n    - 127.0.0.1\n`;
  const WITH_VIP = 'controlPlaneEndpoint: 10.0.0.100:6443\n';

  it.each([
    ['the same', made(WITH_VIP, '10.0.0.1', '10.0.0.2', '10.0.0.3'), []],
    [
      'another VIP',
      made('controlPlaneEndpoint: 10.0.0.99:6443\n', '10.0.0.1', '10.0.0.2', '10.0.0.3'),
      [/the VIP 10\.0\.0\.99, and now 10\.0\.0\.100 is given/],
    ],
    [
      'fewer masters',
      made(WITH_VIP, '10.0.0.1', '10.0.0.2'),
      [/10\.0\.0\.1, 10\.0\.0\.2, and now this host, 10\.0\.0\.2, 10\.0\.0\.3 are given/],
    ],
    [
      'more masters',
      made(WITH_VIP, '10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4'),
      [/made with the masters/],
    ],
    [
      'no VIP and a single master',
      made('', '10.0.0.1'),
      [/no VIP, and now 10\.0\.0\.100/, /masters 10\.0\.0\.1, and now/],
    ],
  ])('are held to a cluster that was made with %s', async (_, config, wanted) => {
    const findings = await masters(three).run(quiet({ [CONFIG]: config, [JOIN]: 'x\n' }));
    expect(findings.map(({ level }) => level)).toEqual(
      wanted.length === 0 ? ['ok'] : wanted.map(() => 'fatal'),
    );
    for (const [at, pattern] of wanted.entries()) expect(findings[at]?.message).toMatch(pattern);
    expect(await levels(masters(three), quiet({ [CONFIG]: config }))).toEqual(['ok']);
  });

  it('are held to it where none are given', async () => {
    const config = made(WITH_VIP, '10.0.0.1', '10.0.0.2', '10.0.0.3');
    const findings = await found(masters(await load({})), quiet({ [CONFIG]: config, [JOIN]: 'x\n' }));
    expect(findings.map(({ message }) => message)).toEqual([
      'the cluster here was made with the VIP 10.0.0.100, and now none is given',
      'the cluster here was made with the masters 10.0.0.1, 10.0.0.2, 10.0.0.3, and now this host alone is given',
    ]);
    expect(
      await levels(masters(await load({})), quiet({ [CONFIG]: made('', '10.0.0.1'), [JOIN]: '' })),
    ).toEqual(['ok']);
  });

  const listed = (...numbers: readonly number[]) => ({
    ...{ status: 200, headers: {}, roundTripMs: 1 },
    body: JSON.stringify(
      numbers.map(id => ({ id, name: `master${id}`, peerURLs: [`https://10.0.0.${id}:2380`] })),
    ),
  });

  it.each([
    ['the second of three', [1, 3], 'master2 is no member of etcd, and master3, which comes after, is one'],
    ['the last', [1, 2], undefined],
    ['both others, as while they are awaited', [1], undefined],
    ['none', [1, 2, 3], undefined],
  ])('send to readd-member where etcd lacks %s', async (_, members, message) => {
    const config = made(WITH_VIP, '10.0.0.1', '10.0.0.2', '10.0.0.3');
    const host = quiet({ [CONFIG]: config, [JOIN]: 'x\n' }).respond(/:2380\/members$/, listed(...members));
    const [finding] = await found(masters(three), host);
    expect(finding?.level).toBe(message === undefined ? 'ok' : 'fatal');
    expect(finding?.message).toContain(message ?? 'master2, master3');
    if (message !== undefined) expect(finding?.fix).toMatch(/kube-el7-install readd-member master2$/);
  });

  const manifest = (state: string) =>
    `kind: Pod\n    - --initial-cluster=master1=https://10.0.0.1:2380,master2=https://10.0.0.2:2380\n    - --initial-cluster-state=${state}\n`;

  it.each(['etcd-init.yaml', 'etcd-cluster.yaml'])(
    'say where to go on, on a master that was made from another (%s), with or without --masters',
    async name => {
      const path = `/etc/kubernetes/manifests/${name}`;
      for (const given of [three, await load({})]) {
        const [finding] = await found(masters(given), quiet({ [path]: manifest('existing') }));
        expect(finding).toMatchObject({ level: 'fatal', fix: 'Run it on master1, with the same flags.' });
      }
      expect(await levels(masters(three), quiet({ [path]: manifest('new') }))).toEqual(['ok']);
      expect(await levels(masters(three), quiet({ [path]: manifest('existing'), [CONFIG]: '' }))).toEqual([
        'ok',
      ]);
    },
  );

  it('are warned of where one does not answer a ping, or there is no ping to tell', async () => {
    const host = quiet().answer('ping -c 1 -W 1 10.0.0.2', { code: 1 });
    const findings = await found(masters(three), host);
    expect(findings.map(({ level, message }) => `${level} ${message}`)).toEqual([
      'warning master2 (10.0.0.2) does not answer a ping',
    ]);
    expect(await levels(masters(three), quiet().answer(/^ping /, { code: 127 }))).toEqual(['ok']);
  });

  it('are warned of where their number is even', async () => {
    const two = await load({ vip: '10.0.0.100', masters: 'master1,master2' });
    const [finding] = await found(masters(two), quiet());
    expect(finding?.level).toBe('warning');
    expect(finding?.message).toContain('2 masters: quorum 2, may lose 0');
  });

  it('are warned of where their names have another form than this host’s', async () => {
    const [finding] = await found(
      masters(three),
      quiet({ '/proc/sys/kernel/hostname': 'master1.example.com\n' }),
    );
    expect(finding?.level).toBe('warning');
    expect(finding?.message).toContain('--masters has master2, master3 without a domain');
  });
});
