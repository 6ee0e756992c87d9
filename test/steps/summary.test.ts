import { describe, expect, it } from 'vitest';
import { findMaster } from '../../source/variables/master';
import { notes, planNotes } from '../../source/steps/notes';
import { summarize } from '../../source/steps/summary';
import { vipHolder } from '../../source/steps/vip-holder';
import { makeCertificate } from '../../source/pki/make';
import { FakeHost } from '../support/fake-host';
import { settings as settingsOf } from '../variables/told';
import { MASTER } from './cluster-host';

describe('the summary', () => {
  it('tells the nodes, the join command without its token, and what expires when', async () => {
    const pair = { certPath: '/etc/kubernetes/pki/ca.crt', keyPath: '/etc/kubernetes/pki/ca.key' };
    const ca = await makeCertificate(
      { ...pair, commonName: 'kubernetes', dnsNames: [], addresses: [], usage: 'ca', days: 10 },
      { now: new Date('2026-01-01T00:00:00Z') },
    );
    const node = (name: string, labels: object, status: string): object => ({
      metadata: { name, labels },
      status: {
        addresses: [{ type: 'InternalIP', address: `10.0.0.${name.slice(-1)}` }],
        conditions: [{ type: 'Ready', status }],
        nodeInfo: { kubeletVersion: 'v1.20.2' },
      },
    });
    const role = 'node-role.kubernetes.io/';
    const items = [
      node('master1', { [`${role}master`]: '', [`${role}control-plane`]: '', other: 'x' }, 'True'),
      node('worker2', {}, 'Unknown'),
    ];
    const host = new FakeHost({
      [pair.certPath]: ca.cert,
      '/var/lib/kube-el7-install/bootstrap-token': 'canary.canarycanarycana',
    })
      .respond(/\/api\/v1\/nodes$/, {
        status: 200,
        headers: {},
        body: JSON.stringify({ items }),
        roundTripMs: 1,
      })
      .respond(/\/pods\?labelSelector=k8s-app%3Dkube-dns$/, { error: 'connect ECONNREFUSED' });
    const summary = await summarize(host, await settingsOf({}), MASTER);
    expect(summary.nodes).toEqual([
      {
        name: 'master1',
        address: '10.0.0.1',
        roles: 'control-plane,master',
        status: 'Ready',
        version: 'v1.20.2',
      },
      { name: 'worker2', address: '10.0.0.2', roles: 'worker', status: 'NotReady', version: 'v1.20.2' },
    ]);
    expect(summary.join.command).toMatch(
      /^kubeadm join 10\.0\.0\.1:6443 --token \[secret\] --discovery-token-ca-cert-hash sha256:[0-9a-f]{64}$/,
    );
    expect(summary.certificates).toEqual([{ path: pair.certPath, expires: '2026-01-11T00:00:00.000Z' }]);
    expect(JSON.stringify(summary)).not.toContain('canary');
  });

  it('notes that Helm 3 needs nothing from 1.17 on, with tiller and without, and not before', async () => {
    const note = /Helm 3 needs nothing in the cluster/;
    const text = async (file: string): Promise<string> =>
      notes(await settingsOf({ text: `DOCKER_REGISTRY=10.0.0.5:5000\n${file}` }), MASTER).join('\n');
    expect(await text('KUBE_VERSION=1.20.2\n')).toMatch(note);
    expect(await text('KUBE_VERSION=1.20.2\nTILLER=yes\n')).toMatch(note);
    expect(await text('KUBE_VERSION=1.16.15\nTILLER=no\n')).not.toMatch(note);
  });
});

describe('the notes on a VIP and several masters', () => {
  const masters = 'master1,master2,master3';

  it('tell before who carries the VIP, what that was decided from, and what is waited for', async () => {
    const keepalived = planNotes(await settingsOf({ vip: '10.0.0.100', masters, platform: 'vmware' })).join(
      '\n',
    );
    expect(keepalived).toMatch(
      /VMware \(flag --platform\), so keepalived .* 10\.0\.0\.100: router id 100, VRRP version 3/,
    );
    expect(keepalived).toMatch(/^master2 and master3 are waited for: /m);
    const balancer = planNotes(await settingsOf({ vip: 'elb.lab', masters, platform: 'aws' })).join('\n');
    expect(balancer).toMatch(
      /AWS .* elb\.lab is taken for a load balancer .* 6443 of this host and master2 and master3/,
    );
    expect(balancer).not.toContain('keepalived');
    const single = planNotes(await settingsOf({ vip: '10.0.0.100' })).join('\n');
    expect(single).not.toMatch(/waited for|quorum/);
    expect(planNotes(await settingsOf({})).join('\n')).not.toMatch(/platform|VIP/);
  });

  it('tell of an even number what it is worth', async () => {
    const note = /2 masters: quorum 2, may lose 0/;
    const two = await settingsOf({ vip: '10.0.0.100', masters: 'master1,master2' });
    expect(planNotes(two).join('\n')).toMatch(/nothing can be written for those seconds/);
    expect(planNotes(two).join('\n')).toMatch(note);
    expect(notes(two, MASTER).join('\n')).toMatch(note);
    const three = await settingsOf({ vip: '10.0.0.100', masters });
    expect(notes(three, MASTER).join('\n')).toMatch(/etcd has 3 voters: quorum 2, may lose 1\./);
  });

  it.each([
    ['this host', '2: eth0    inet 10.0.0.100/32 scope global eth0\n', '', 'master1'],
    ['another master', '', '10.0.0.100 dev eth0 lladdr 52:00:00:00:00:03 REACHABLE\n', 'master3'],
    ['nobody who is known', '', '10.0.0.100 dev eth0 lladdr 52:00:00:00:00:99 STALE\n', undefined],
    ['nobody', '', '10.0.0.100 dev eth0  FAILED\n', undefined],
  ])('name the holder of the VIP: %s', async (_, own, neighbour, holder) => {
    const settings = await settingsOf({ vip: '10.0.0.100', masters });
    const known = [2, 3].map(at => `10.0.0.${at} dev eth0 lladdr 52:00:00:00:00:0${at} REACHABLE\n`);
    const host = new FakeHost()
      .answer('ip -4 -o addr show', `2: eth0    inet 10.0.0.1/24 scope global eth0\n${own}`)
      .answer('ip -4 neigh show', known.join('') + neighbour);
    const found = await vipHolder(host, settings, MASTER);
    expect(found?.hostname).toBe(holder);
    expect(notes(settings, MASTER, { holder: found }).join('\n').includes('has the VIP now')).toBe(
      holder !== undefined,
    );
  });
});

describe('a master', () => {
  const host = (resolved: string): FakeHost =>
    new FakeHost()
      .answer('hostname', 'Master1\n')
      .answer(
        /^ip -4 -o addr/,
        '2: eth0 inet 10.0.0.1/24 scope global\n3: eth1 inet 192.168.7.1/24 scope global\n',
      )
      .answer(/^getent ahostsv4 master1$/, resolved === '' ? { code: 2 } : `${resolved} STREAM master1\n`)
      .answer(/^ip -4 -o route get/, '192.0.2.1 via 10.0.0.254 dev eth0 src 10.0.0.1 uid 0\n');

  it.each([
    ['the own address that its name resolves to', '192.168.7.1', '192.168.7.1'],
    ['the address of its default route where the name resolves to a foreign one', '127.0.1.1', '10.0.0.1'],
    ['the address of its default route where the name resolves to nothing', '', '10.0.0.1'],
  ])('is known by %s', async (_, resolved, address) => {
    expect(await findMaster(host(resolved))).toEqual({ hostname: 'master1', address });
  });

  it('cannot be one without an address', async () => {
    const bare = host('').answer(/^ip /, '');
    await expect(findMaster(bare)).rejects.toThrow(/no IPv4 address/);
  });
});
