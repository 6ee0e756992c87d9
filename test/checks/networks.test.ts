import { beforeAll, describe, expect, it } from 'vitest';
import { networks } from '../../source/checks/networks';
import { freeNetwork } from '../../source/variables/free-network';
import { overlap, parseNetwork } from '../../source/variables/network';
import type { Settings } from '../../source/variables/settings';
import { FakeHost } from '../support/fake-host';
import { settings as load } from '../variables/told';
import { found, levels } from './found';

/** As `ip route show table all` of EL7 has them, the local table among them. */
const ROUTES = [
  'default via 10.1.0.254 dev eth0 proto static metric 100',
  '10.1.0.0/24 dev eth0 proto kernel scope link src 10.1.0.5 metric 100',
  'local 10.1.0.5 dev eth0 table local proto kernel scope host src 10.1.0.5',
  'broadcast 10.1.0.255 dev eth0 table local proto kernel scope link src 10.1.0.5',
  'local 127.0.0.0/8 dev lo table local proto kernel scope host src 127.0.0.1',
];

interface Site {
  readonly addresses?: readonly string[];
  readonly routes?: readonly string[];
  readonly files?: Readonly<Record<string, string>>;
  readonly names?: Readonly<Record<string, string>>;
}

function site({ addresses = [], routes = [], files = {}, names = {} }: Site): FakeHost {
  const all = ['lo 127.0.0.1/8', 'eth0 10.1.0.5/24', ...addresses];
  return new FakeHost(files)
    .answer(
      'ip -4 -o addr show',
      all.map((one, at) => `${at + 1}: ${one.replace(' ', '    inet ')} scope global x\n`).join(''),
    )
    .answer('ip -4 route show table all', [...ROUTES, ...routes, ''].join('\n'))
    .answer(/^getent ahostsv4 /, ({ args }) => {
      const address = names[args[1] ?? ''];
      return address === undefined ? { code: 2 } : `${address} STREAM\n${address} DGRAM\n`;
    });
}

let settings: Settings;
beforeAll(async () => {
  settings = await load({ text: 'DOCKER_REGISTRY=registry.site:5000/k8s\n' });
});

const PODS = '10.244.0.0/16';
const NETWORK = /^POD_SUBNET 10\.244\.0\.0\/16 overlaps with /;

describe('networks', () => {
  it.each<[string, Site, string]>([
    ['an interface', { addresses: ['eth1 10.244.3.7/24'] }, 'the network of eth1 (10.244.3.0/24)'],
    [
      'an interface without a route',
      { addresses: ['eth1 10.244.3.7/32'] },
      'the network of eth1 (10.244.3.7/32)',
    ],
    ['a larger network', { addresses: ['bond0.5 10.240.0.9/12'] }, 'the network of bond0.5 (10.240.0.0/12)'],
    [
      'a bridge of docker',
      { addresses: ['br-0123456789ab 10.244.0.1/16'] },
      'br-0123456789ab (10.244.0.0/16)',
    ],
    [
      'a static route',
      { routes: ['10.244.8.0/22 via 10.1.0.253 dev eth0 proto static'] },
      'the route to 10.244.8.0/22 over 10.1.0.253 by eth0',
    ],
    [
      'a route to all of the site',
      { routes: ['10.0.0.0/8 via 10.1.0.253 dev eth0'] },
      'the route to 10.0.0.0/8 over 10.1.0.253 by eth0',
    ],
    [
      'a route to one host',
      { routes: ['10.244.1.1 dev tun0 scope link'] },
      'the route to 10.244.1.1/32 by tun0',
    ],
    [
      'a route of another table',
      { routes: ['10.244.8.0/24 via 10.1.0.253 dev eth0 table 100'] },
      'the route to 10.244.8.0/24 over 10.1.0.253 by eth0',
    ],
    ['the registry', { names: { 'registry.site': '10.244.9.9' } }, 'the registry (10.244.9.9/32)'],
    [
      'a DNS server',
      { files: { '/etc/resolv.conf': 'search x\nnameserver 10.244.0.53\n' } },
      'the DNS server of /etc/resolv.conf (10.244.0.53/32)',
    ],
    [
      "docker's bridge, which is yet to be made",
      { files: { '/etc/docker/daemon.json': '{"bip": "10.244.0.1/24"}' } },
      "the network of docker's bridge docker0 (10.244.0.0/24)",
    ],
  ])('are refused over %s', async (_, one, what) => {
    const [finding] = await found(networks(settings), site(one));
    expect(finding).toMatchObject({ level: 'fatal' });
    expect(finding?.message).toMatch(NETWORK);
    expect(finding?.message).toContain(what);
    const offered = /POD_SUBNET=(\S+)\.$/.exec(finding?.fix ?? '')?.[1] ?? '';
    expect(parseNetwork(offered)?.prefix).toBe(16);
    const then = await found(networks({ ...settings, podSubnet: offered }), site(one));
    expect(then.filter(({ message }) => message.startsWith(`POD_SUBNET ${offered} overlaps`))).toEqual([]);
  });

  it.each<[string, Site]>([
    ['a default route', {}],
    ['a default route in two halves', { routes: ['0.0.0.0/1 dev tun0', '128.0.0.0/1 dev tun0'] }],
    [
      "an earlier run's interfaces and routes",
      {
        addresses: ['cni0 10.244.0.1/24', 'flannel.1 10.244.0.0/32', 'kube-ipvs0 10.96.0.1/32'],
        routes: [
          '10.244.0.0/24 dev cni0 proto kernel scope link src 10.244.0.1',
          '10.244.1.0/24 via 10.244.1.0 dev flannel.1 onlink',
          '10.244.2.0/24 via 10.1.0.6 dev eth0',
          '10.96.0.0/12 dev eth0 scope link src 10.1.0.5',
        ],
        files: { '/run/flannel/subnet.env': `FLANNEL_NETWORK=${PODS}\nFLANNEL_SUBNET=10.244.0.1/24\n` },
      },
    ],
    [
      'a route that leads nowhere',
      { routes: ['unreachable 10.0.0.0/8 metric 9999', 'blackhole 10.244.0.0/16'] },
    ],
    ['networks beside it', { addresses: ['eth1 10.245.0.1/16', 'docker0 172.17.0.1/16'] }],
  ])('are well with %s', async (_, one) => {
    expect(await levels(networks(settings), site(one))).toEqual(['ok']);
  });

  it('tell both at once, each with a network that is free of the other', async () => {
    const one = site({
      routes: ['10.0.0.0/8 via 10.1.0.253 dev eth0', '172.16.0.0/12 via 10.1.0.253 dev eth0'],
    });
    const findings = await found(networks(settings), one);
    expect(findings.map(({ level, fix }) => [level, /(\w+=\S+)\.$/.exec(fix ?? '')?.[1]])).toEqual([
      ['fatal', 'POD_SUBNET=192.168.0.0/16'],
      ['fatal', 'SERVICE_SUBNET=100.112.0.0/12'],
    ]);
  });

  it('are over no address of a master or of the VIP', async () => {
    const three = await load({ vip: '10.0.0.100', masters: 'master1,master2,master3' });
    const [finding] = await found(networks({ ...three, podSubnet: '10.0.0.0/24' }), site({}));
    expect(finding?.message).toContain(
      'the address of master1 (10.0.0.1/32), the address of master2 (10.0.0.2/32), the address of master3 (10.0.0.3/32), the VIP (10.0.0.100/32)',
    );
  });

  it("are over no bridge of docker's that docker will make by itself", async () => {
    const pods = { ...settings, podSubnet: '172.16.0.0/12' };
    expect((await found(networks(pods), site({})))[0]?.message).toContain('docker0 (172.17.0.0/16)');
    const none = site({ files: { '/etc/docker/daemon.json': '{ "bridge": "none" }' } });
    expect(await levels(networks(pods), none)).toEqual(['ok']);
  });

  it('stay what they are on a node of a cluster, with a warning', async () => {
    const one = site({ addresses: ['eth1 10.244.3.7/24'], files: { '/etc/kubernetes/kubelet.conf': 'x' } });
    expect(await levels(networks(settings), one)).toEqual(['warning']);
  });
});

describe('a free network', () => {
  it('has no address in common with what is taken, whatever that is', () => {
    for (let round = 0; round < 200; round += 1) {
      const taken = Array.from({ length: 1 + (round % 7) }, (_, at) => {
        const prefix = 8 + ((round * 7 + at * 5) % 20);
        const first = [10, 172, 192, 100][at % 4] ?? 10;
        const second = first === 172 ? 16 + (round % 16) : first === 192 ? 168 : (round * 13 + at * 31) % 256;
        return parseNetwork(`${first}.${second}.0.0/${prefix}`);
      }).flatMap(one =>
        one === undefined ? [] : [{ ...one, first: one.first - (one.first % 2 ** (32 - one.prefix)) }],
      );
      const free = parseNetwork(freeNetwork(8 + (round % 14), 22, taken) ?? '');
      if (free === undefined) throw new Error('nothing is free');
      expect(taken.filter(one => overlap(one, free))).toEqual([]);
      expect(free.first % 2 ** (32 - free.prefix)).toBe(0);
    }
  });

  it('is none where all is taken', () => {
    const all = parseNetwork('0.0.0.0/0');
    expect(all && freeNetwork(16, 22, [all])).toBeUndefined();
  });
});
