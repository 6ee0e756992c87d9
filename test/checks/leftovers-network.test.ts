import { beforeAll, describe, expect, it } from 'vitest';
import { leftovers } from '../../source/checks/leftovers';
import type { Settings } from '../../source/variables/settings';
import { El7 } from '../steps/prepare/el7';
import { settings as load } from '../variables/told';
import { found, levels } from './found';

let settings: Settings;
beforeAll(async () => {
  settings = await load({});
});

interface Left {
  /** INTERFACE [ADDRESS/LENGTH] */
  readonly links?: readonly string[];
  readonly files?: Readonly<Record<string, string>>;
  readonly rules?: string;
}

function host({ links = [], files = {}, rules = '' }: Left): El7 {
  const all = ['lo 127.0.0.1/8', 'eth0 10.0.0.1/24', 'docker0 172.17.0.1/16', ...links];
  const told = new El7(files);
  told
    .answer(
      'ip -o link show',
      all
        .map(
          (one, at) =>
            `${at + 1}: ${one.split(' ')[0] ?? ''}${/^(cali|veth)/.test(one) ? '@if4' : ''}: <UP>\n`,
        )
        .join(''),
    )
    .answer(
      'ip -4 -o addr show',
      all
        .filter(one => one.includes(' '))
        .map((one, at) => `${at + 1}: ${one.replace(' ', '    inet ')} scope global x\n`)
        .join(''),
    )
    .answer('iptables-save', `*nat\n:PREROUTING ACCEPT [0:0]\n${rules}COMMIT\n`);
  return told;
}

const FATAL: readonly [string, Left, RegExp, string][] = [
  [
    'the bridge of another network',
    { links: ['cni0 10.200.1.1/24', 'flannel.1 10.200.1.0/32'] },
    /cluster \(flannel\) has left the interfaces cni0 \(10\.200\.1\.1\/24\), flannel\.1 .* not in POD_SUBNET 10\.244\.0\.0\/16/,
    'ip link delete cni0; ip link delete flannel.1',
  ],
  [
    'the bridge of the same network, of another node perhaps',
    { links: ['cni0 10.244.3.1/24'] },
    /pods do not start where the bridge has another network/,
    'ip link delete cni0',
  ],
  ['a bridge without an address', { links: ['cni0'] }, /the interfaces cni0:/, 'ip link delete cni0'],
  [
    'addresses of Services',
    { links: ['kube-ipvs0 10.96.0.1/32', 'kube-ipvs0 10.96.0.10/32'] },
    /kube-ipvs0 \(10\.96\.0\.1\/32, 10\.96\.0\.10\/32\)/,
    'ip link delete kube-ipvs0; ipvsadm --clear',
  ],
  [
    'calico',
    { links: ['cali0123456789a', 'tunl0 192.168.7.1/32'] },
    /\(calico\).*cali0123456789a, tunl0 \(192\.168\.7\.1\/32\)/,
    'ip link delete cali0123456789a; modprobe -r ipip',
  ],
  [
    'calico over VXLAN',
    { links: ['vxlan.calico 10.244.9.0/32'] },
    /\(calico\)/,
    'ip link delete vxlan.calico',
  ],
  [
    'weave',
    { links: ['weave 10.32.0.1/12', 'datapath', 'vethwe-bridge'] },
    /\(weave\)/,
    'ip link delete weave',
  ],
  [
    'cilium',
    { links: ['cilium_host 10.0.1.7/32', 'cilium_net'] },
    /\(cilium\)/,
    'ip link delete cilium_host',
  ],
  [
    'the configuration of another network that would come later',
    { files: { '/etc/cni/net.d/10-weave.conflist': '' } },
    /10-weave\.conflist of another network of pods/,
    'rm /etc/cni/net.d/10-weave.conflist',
  ],
];

describe('what an earlier cluster has left of its network', () => {
  it.each(FATAL)('is refused: %s', async (_, left, message, fix) => {
    for (const purpose of ['install', 'prepare'] as const) {
      const [finding, ...more] = await found(leftovers(settings, purpose), host(left));
      expect(finding).toMatchObject({ level: 'fatal' });
      expect(finding?.message).toMatch(message);
      expect(finding?.fix).toContain(fix);
      expect(more).toEqual([]);
    }
  });

  it.each<[string, Left, RegExp]>([
    [
      'rules of kube-proxy',
      { rules: ':KUBE-SERVICES - [0:0]\n-A PREROUTING -j KUBE-SERVICES\n' },
      /iptables$/,
    ],
    ['rules of host ports', { rules: ':CNI-HOSTPORT-DNAT - [0:0]\n' }, /iptables$/],
    [
      "flannel's files",
      { files: { '/run/flannel/subnet.env': 'x', '/etc/cni/net.d/10-flannel.conflist': '' } },
      /subnet\.env/,
    ],
    ['addresses given to pods', { files: { '/var/lib/cni/networks/cbr0/10.244.0.2': 'x' } }, /cbr0/],
  ])('is named: %s', async (_, left, message) => {
    const [finding, ...more] = await found(leftovers(settings, 'install'), host(left));
    expect(finding).toMatchObject({ level: 'warning' });
    expect(finding?.message).toMatch(message);
    expect(more).toEqual([]);
  });

  it.each<[string, Left]>([
    ['nothing', {}],
    [
      'what other programs have',
      { links: ['virbr0 192.168.122.1/24', 'br0', 'bond0', 'tunl0', 'veth1234567'] },
    ],
    [
      'what reset leaves',
      { files: { '/var/lib/cni/.keep': '', '/var/lib/kube-el7-install/journal.jsonl': '' } },
    ],
    [
      'networks of podman',
      { files: { '/var/lib/cni/networks/podman/10.88.0.2': '' }, links: ['cni-podman0 10.88.0.1/16'] },
    ],
  ])('is none with %s', async (_, left) => {
    expect(await levels(leftovers(settings, 'install'), host(left))).toEqual(['ok']);
  });

  const NODE = {
    '/etc/kubernetes/kubelet.conf': 'x',
    '/run/flannel/subnet.env': 'FLANNEL_SUBNET=10.244.2.1/24\n',
  };

  it('is none on a node of a cluster, whose network is at work', async () => {
    const node = host({ links: ['cni0 10.244.2.1/24', 'flannel.1 10.244.2.0/32'], files: NODE });
    node.packages.set('kubelet', '1.20.2');
    expect(await levels(leftovers(settings, 'prepare'), node)).toEqual(['ok']);
  });

  it('is found on a node whose bridge has another network than flannel gives it (kubernetes#39557)', async () => {
    const node = host({ links: ['cni0 10.244.7.1/24'], files: NODE });
    node.packages.set('kubelet', '1.20.2');
    const [finding] = await found(leftovers(settings, 'prepare'), node);
    expect(finding).toMatchObject({ level: 'fatal' });
    expect(finding?.message).toContain('cni0 has 10.244.7.1/24, and flannel gives this node 10.244.2.1/24');
  });
});
