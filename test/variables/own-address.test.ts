import { execFile } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { kubeletAlone } from '../../source/steps/etcd-standalone';
import { kubelet } from '../../source/steps/prepare/kubelet';
import { findMaster } from '../../source/variables/master';
import type { Clues } from '../../source/variables/own-address';
import { ownAddress } from '../../source/variables/own-address';
import { apply, El7 } from '../steps/prepare/el7';
import { FakeHost } from '../support/fake-host';
import { settings as load } from './told';

const run = promisify(execFile);

/** A host as its programs tell of it. */
interface Case {
  readonly name: string;
  /** INTERFACE ADDRESS/LENGTH [secondary] */
  readonly addresses: readonly string[];
  /** What the host's name resolves to. */
  readonly named?: readonly string[];
  /** The address that packets to another one leave from; 192.0.2.1 stands for the default route. */
  readonly routes?: Readonly<Record<string, string>>;
  /** The address of the apiservers: the VIP here, what a kubelet's kubeconfig names there. */
  readonly server?: string;
  readonly subnet?: string;
  readonly expected: string | undefined;
}

const TWO = ['eth0 10.1.0.5/24', 'eth1 10.2.0.5/24'];
const DEFAULT = { '192.0.2.1': '10.1.0.5' };

const CASES: readonly Case[] = [
  { name: 'one interface', addresses: ['eth0 10.1.0.5/24'], routes: DEFAULT, expected: '10.1.0.5' },
  { name: 'one interface and no route at all', addresses: ['eth0 10.1.0.5/24'], expected: '10.1.0.5' },
  {
    ...{ name: 'the default route on another interface than the name', addresses: TWO, routes: DEFAULT },
    ...{ named: ['10.2.0.5'], expected: '10.2.0.5' },
  },
  {
    ...{
      name: 'the default route on another interface than the VIP, and a name of loopback',
      addresses: TWO,
    },
    ...{ named: ['127.0.1.1'], server: '10.2.0.100', routes: { ...DEFAULT, '10.2.0.100': '10.2.0.5' } },
    expected: '10.2.0.5',
  },
  {
    ...{ name: 'no default route, and a name that resolves to nothing', addresses: TWO },
    ...{ server: '10.2.0.100', routes: { '10.2.0.100': '10.2.0.5' }, expected: '10.2.0.5' },
  },
  {
    ...{ name: 'a name with the addresses of both, of which one faces the VIP', addresses: TWO },
    ...{ named: TWO.map(one => one.slice(5, -3)), server: '10.2.0.100' },
    ...{ routes: { ...DEFAULT, '10.2.0.100': '10.2.0.5' }, expected: '10.2.0.5' },
  },
  {
    ...{ name: 'nothing that tells which of two it is', addresses: TWO },
    ...{ named: ['127.0.0.1'], expected: undefined },
  },
  {
    ...{ name: 'a network that is given, against name and routes', addresses: TWO, subnet: '10.2.0.0/16' },
    ...{ named: ['10.1.0.5'], routes: DEFAULT, expected: '10.2.0.5' },
  },
  {
    ...{ name: 'a network that is given as one address', addresses: TWO, subnet: '10.2.0.5/32' },
    ...{ named: ['10.1.0.5'], routes: DEFAULT, expected: '10.2.0.5' },
  },
  {
    ...{ name: 'a network that is given, and is not here', addresses: TWO, subnet: '10.3.0.0/16' },
    ...{ named: ['10.1.0.5'], routes: DEFAULT, expected: undefined },
  },
  {
    ...{ name: 'a VIP that this host has for the moment', server: '10.2.0.100' },
    addresses: ['eth0 10.1.0.5/24', 'eth1 10.2.0.5/24', 'eth1 10.2.0.100/32'],
    ...{ routes: { ...DEFAULT, '10.2.0.100': '10.2.0.100' }, named: ['10.2.0.5'], expected: '10.2.0.5' },
  },
  {
    ...{ name: 'a second address of the same network', routes: {} },
    addresses: ['eth0 10.1.0.5/24', 'eth0 10.1.0.6/24 secondary'],
    expected: '10.1.0.5',
  },
  {
    name: 'a second address that is listed before the first, both in the network that is given',
    addresses: ['eth0 10.1.0.6/24 secondary', 'eth0 10.1.0.5/24'],
    ...{ subnet: '10.1.0.0/24', expected: '10.1.0.5' },
  },
  {
    name: 'a VIP of the whole network beside it, that the name leads to as well',
    addresses: ['eth1 10.2.0.5/24', 'eth1 10.2.0.100/24 secondary'],
    ...{ server: '10.2.0.100', named: ['10.2.0.100'] },
    ...{ routes: { '10.2.0.100': '10.2.0.100', '192.0.2.1': '10.2.0.5' }, expected: '10.2.0.5' },
  },
  {
    ...{ name: 'an only address of /32, as clouds give it', routes: { '192.0.2.1': '10.1.0.5' } },
    ...{ addresses: ['eth0 10.1.0.5/32'], expected: '10.1.0.5' },
  },
  {
    name: 'interfaces of docker, pods and virtual machines beside it',
    addresses: [
      ...['docker0 172.17.0.1/16', 'br-0123456789ab 172.18.0.1/16', 'cni0 10.244.0.1/24'],
      ...[
        'flannel.1 10.244.0.0/32',
        'kube-ipvs0 10.96.0.1/32',
        'virbr0 192.168.122.1/24',
        'tunl0 10.9.9.9/32',
      ],
      'bond0.100 10.1.0.5/24',
    ],
    expected: '10.1.0.5',
  },
  {
    ...{
      name: 'a bridge of the site that the card is in',
      addresses: ['docker0 172.17.0.1/16', 'br0 10.1.0.5/24'],
    },
    ...{ routes: {}, expected: '10.1.0.5' },
  },
  {
    ...{ name: 'a route to the VIP that leaves from the bridge of docker', server: '172.17.3.3' },
    addresses: ['docker0 172.17.0.1/16', 'eth0 10.1.0.5/24'],
    ...{ routes: { '172.17.3.3': '172.17.0.1', '192.0.2.1': '10.1.0.5' }, expected: '10.1.0.5' },
  },
  { name: 'no address', addresses: ['docker0 172.17.0.1/16'], expected: undefined },
];

const listing = ({ addresses }: Case): string =>
  addresses
    .map((one, at) => {
      const [device = '', address = '', more = ''] = one.split(' ');
      return `${at + 2}: ${device}    inet ${address} brd 10.255.255.255 scope global ${more} ${device}\\       valid_lft forever\n`;
    })
    .join('');

function hostOf(one: Case): FakeHost {
  return new FakeHost()
    .answer('hostname', 'Node1\n')
    .answer('ip -4 -o addr show scope global', listing(one))
    .answer(
      /^getent ahostsv4 node1$/,
      one.named?.map(name => `${name} STREAM node1\n`).join('') ?? { code: 2 },
    )
    .answer(/^ip -4 -o route get /, ({ args }) => {
      const to = args.at(-1) ?? '';
      const source = one.routes?.[to];
      return source === undefined
        ? { code: 2, stderr: 'RTNETLINK answers: Network is unreachable' }
        : `${to} dev eth0 src ${source} uid 0 \\    cache \n`;
    });
}

describe("a host's own address", () => {
  it.each(CASES)('is found with $name', async one => {
    const clues: Clues = {
      ...(one.subnet === undefined ? {} : { subnet: one.subnet }),
      ...(one.server === undefined ? {} : { vip: [one.server] }),
    };
    const own = await ownAddress(hostOf(one), 'node1', clues);
    expect('address' in own ? own.address : undefined).toBe(one.expected);
  });

  it('is the one that --masters names', async () => {
    const one: Case = {
      name: '',
      addresses: TWO,
      named: ['10.1.0.5'],
      routes: DEFAULT,
      expected: '10.2.0.5',
    };
    const own = await ownAddress(hostOf(one), 'node1', { masters: ['10.2.0.6', '10.2.0.5'] });
    expect(own).toMatchObject({ address: '10.2.0.5', device: 'eth1', from: '--masters' });
  });

  it.each([
    ['/etc/kubernetes/manifests/kube-apiserver.yaml', '    - --advertise-address=10.2.0.5\n'],
    ['/etc/kubernetes/manifests/etcd-cluster.yaml', '    - --advertise-client-urls=https://10.2.0.5:2379\n'],
    ['/var/lib/kube-el7-install/kubeadm-init.yaml', 'localAPIEndpoint:\n  advertiseAddress: 10.2.0.5\n'],
  ])('stays the one that a cluster was made with, by %s', async (path, text) => {
    const one: Case = { name: '', addresses: TWO, named: ['10.1.0.5'], routes: DEFAULT, expected: '' };
    expect(await findMaster(hostOf(one).put(path, text))).toEqual({ hostname: 'node1', address: '10.2.0.5' });
    const moved = hostOf(one).put(path, text.replace('10.2.0.5', '10.3.0.5'));
    expect(await findMaster(moved)).toEqual({ hostname: 'node1', address: '10.1.0.5' });
  });

  it('is asked for where nothing tells, with what there is', async () => {
    await expect(findMaster(hostOf({ name: '', addresses: TWO, expected: '' }))).rejects.toMatchObject({
      report: {
        message: expect.stringContaining('10.1.0.5 on eth0 and 10.2.0.5 on eth1') as string,
        hint: expect.stringContaining('NODE_SUBNET') as string,
      },
    });
  });
});

it('is given to the kubelet that runs etcd before there is a cluster, which has no other way without a default route', async () => {
  const files = kubeletAlone(await load({}), { hostname: 'node1', address: '10.2.0.5' }, 'systemd');
  const texts = files.map(file =>
    file.kind === 'file' && typeof file.content === 'string' ? file.content : '',
  );
  expect(texts.join('')).toMatch(/^ExecStart=\/usr\/bin\/kubelet .*--node-ip=10\.2\.0\.5 /m);
});

it('is looked for at each start of the kubelet on a prepared host', async () => {
  const host = new El7({ '/etc/sysconfig/kubelet': '' }).unit('kubelet.service', 'inactive', 'enabled');
  await apply(kubelet(await load({ text: 'DOCKER_REGISTRY=r:5000\nNODE_SUBNET=10.2.0.0/16\n' }), []), host);
  const folder = '/etc/systemd/system/kubelet.service.d';
  expect(host.text(`${folder}/10-kube-el7-install-address.conf`)).toContain(
    'ExecStartPre=-/bin/sh /var/lib/kube-el7-install/kubelet-address.sh "10.2.0.0/16" 10.96.0.0/12 /run/',
  );
  expect(host.text('/var/lib/kube-el7-install/kubelet-address.sh')).toBe(
    readFileSync('templates/kubelet-address.sh', 'utf8'),
  );
});

describe("the kubelet's start on a node", () => {
  let root: string;
  afterEach(() => {
    rmSync(root, { recursive: true, force: true });
  });

  /** Runs the script with programs that tell of the host, and returns what it wrote and which commands changed something. */
  async function start(
    one: Case,
  ): Promise<{ readonly written: string | undefined; readonly routed: string }> {
    root = mkdtempSync(join(tmpdir(), 'kubelet-address-'));
    const program = (name: string, text: string): void => {
      writeFileSync(join(root, name), `#!/bin/sh\n${text}`);
      chmodSync(join(root, name), 0o755);
    };
    const routes = Object.entries(one.routes ?? {}).map(
      ([to, source]) => `'-4 -o route get ${to}') echo '${to} dev eth0 src ${source} uid 0' ;;\n`,
    );
    writeFileSync(join(root, 'addresses'), listing(one));
    program(
      'ip',
      `case "$*" in\n'-4 -o addr show scope global') cat ${root}/addresses ;;\n${routes.join('')}` +
        `'-4 -o route get 10.96.0.0') [ -n "${one.routes?.['192.0.2.1'] ?? ''}" ] ;;\n` +
        `'-4 route add '*) echo "$*" >>${root}/added ;;\n*) exit 2 ;;\nesac\n`,
    );
    const named = (one.named ?? []).map(address => `echo '${address} STREAM node1'\n`).join('');
    program(
      'getent',
      `case $2 in\nnode1) ${named === '' ? 'exit 2' : named} ;;\n*[0-9]) echo "$2 STREAM" ;;\nesac\n`,
    );
    program('hostname', 'echo node1\n');
    mkdirSync(join(root, 'etc/kubernetes'), { recursive: true });
    if (one.server !== undefined) {
      const text = `clusters:\n- cluster:\n    server: https://${one.server}:6443\n`;
      writeFileSync(join(root, 'etc/kubernetes/bootstrap-kubelet.conf'), text);
    }
    const output = join(root, 'run/kubelet.env');
    await run('/bin/sh', ['templates/kubelet-address.sh', one.subnet ?? '', '10.96.0.0/12', output], {
      env: { PATH: `${root}:/usr/bin:/bin`, ROOT: root },
    });
    const read = (path: string): string | undefined =>
      existsSync(path) ? readFileSync(path, 'utf8') : undefined;
    return { written: read(output), routed: read(join(root, 'added')) ?? '' };
  }

  it.each(CASES)('finds the same address with $name', async one => {
    const { written } = await start(one);
    expect(/--node-ip=(\S+)$/m.exec(written ?? '')?.[1]).toBe(one.expected);
    if (written !== undefined) {
      expect(written).toMatch(
        /^KUBELET_KUBECONFIG_ARGS=--bootstrap-kubeconfig=\S+ --kubeconfig=\S+ --node-ip=\S+\n$/,
      );
    }
  });

  it('gives packets to Services a way where there is no default route, and only there', async () => {
    const lone: Case = { name: '', addresses: ['eth1 10.2.0.5/24'], expected: '10.2.0.5' };
    expect((await start(lone)).routed).toBe('-4 route add 10.96.0.0/12 dev eth1 src 10.2.0.5\n');
    rmSync(root, { recursive: true });
    expect((await start({ ...lone, routes: { '192.0.2.1': '10.2.0.5' } })).routed).toBe('');
  });
});
