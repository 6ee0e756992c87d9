import { describe, expect, it } from 'vitest';
import { routerIdOf } from '../../source/variables/vip';
import { FakeHost } from '../support/fake-host';
import type { Shortened } from './told';
import { load, lookedUpHost, problems, settings } from './told';

const VIP = '10.0.0.100';
const AMAZON = { '/sys/class/dmi/id/sys_vendor': 'Amazon EC2\n' };

const shown = async (short: Shortened) =>
  Object.fromEntries(
    (await settings(short)).values.map(({ name, value, source }) => [name, [value, source]]),
  );

/** Host 1 of the site by the names and addresses given. */
function host(hostname: string, address: string): FakeHost {
  return lookedUpHost()
    .answer('hostname', `${hostname}\n`)
    .answer('ip -4 -o addr show scope global', `2: eth0    inet ${address}/24 brd 10.0.0.255\n`)
    .answer(/^ip -4 -o route get /, ({ args }) => `${args[4] ?? ''} dev eth0 src ${address}\n`);
}

describe('without --vip and --masters', () => {
  it('is a single master, on a host without any address too', async () => {
    const lost = new FakeHost();
    const made = await settings({ host: lost });
    expect(made).toMatchObject({ others: [], platform: { name: 'other' } });
    expect(made).not.toHaveProperty('vip');
    expect(made).not.toHaveProperty('ssh');
    expect(lost.calls.filter(call => call.kind === 'query')).toEqual([]);
    expect(made.values.map(({ name }) => name)).not.toContain('VIP_ROUTER_ID');
  });

  it.each(['master1', '10.0.0.1'])('takes %s, which is this host', async masters => {
    expect((await settings({ masters })).others).toEqual([]);
  });
});

describe('the masters', () => {
  it('are resolved, in their order, with this host first wherever it stands', async () => {
    const made = await settings({ vip: VIP, masters: 'master3, 10.0.0.2,master1' });
    expect(made.others).toEqual([
      { hostname: 'master3', address: '10.0.0.3' },
      { hostname: 'master2', address: '10.0.0.2' },
    ]);
    expect(await shown({ vip: VIP, masters: 'master2,master1,master3' })).toMatchObject({
      '--masters': [
        'master1 (10.0.0.1), master2 (10.0.0.2), master3 (10.0.0.3)',
        'flag --masters; this host is first',
      ],
    });
  });

  it('know this host by its address under another name too, and call it by its own', async () => {
    const here = host('master2.example.com', '10.0.0.2');
    const made = await settings({ vip: VIP, masters: 'master1,of-master2.lab,master3', host: here });
    expect(made.others.map(({ hostname }) => hostname)).toEqual(['master1', 'master3']);
  });

  it('know this host by a name that resolves to loopback only', async () => {
    const here = host('master1', '10.0.0.1').answer('getent ahostsv4 master1', '127.0.1.1 STREAM master1\n');
    expect(await load({ vip: VIP, masters: 'master1,master2', host: here })).toHaveProperty('settings');
  });

  it('are this host at the address that they name, whatever its name resolves to', async () => {
    const two = lookedUpHost().answer(
      'ip -4 -o addr show scope global',
      '2: eth0    inet 10.0.0.1/24 brd 10.0.0.255\n3: eth1    inet 10.0.0.9/24 brd 10.0.0.255\n',
    );
    for (const entry of ['10.0.0.9', 'master9']) {
      const made = await settings({ vip: VIP, masters: `${entry},master2`, host: two });
      expect(made.own).toEqual({ hostname: 'master1', address: '10.0.0.9' });
      const text = 'DOCKER_REGISTRY=10.0.0.5:5000\nNODE_SUBNET=10.0.0.0/29\n';
      const found = await problems({ vip: VIP, masters: `${entry},master2`, host: two, text });
      expect(found.map(({ field, value }) => [field, value])).toEqual([['--masters', entry]]);
      expect(found[0]?.wrong).toContain(
        'is this host at 10.0.0.9, but the address of master1 here is 10.0.0.1',
      );
    }
  });

  it('may be seven', async () => {
    const masters = 'master1,master2,master3,master4,master5,master6,master7';
    expect((await settings({ vip: VIP, masters })).others).toHaveLength(6);
  });

  it.each([
    ['master1,master2', '', '--vip', /is missing: several masters/],
    ['master1,10.0.0.1', VIP, '--masters', /same host as master1/],
    ['master1,master2,master2', VIP, '--masters', /stands there twice/],
    ['master1,master2,of-master2.lab', VIP, '--masters', /same host as master2/],
    ['master1,,master2', VIP, '--masters', /empty name/],
    ['master1,nowhere', VIP, '--masters', /does not resolve/],
    ['master1,Master2', VIP, '--masters', /not a host name in lower case/],
    ['master1,master_2', VIP, '--masters', /not a host name/],
    [`master1,${'a'.repeat(40)}.${'b'.repeat(40)}`, VIP, '--masters', /more than 63/],
    ['master1,elb.lab', VIP, '--masters', /several addresses \(10\.0\.0\.201, 10\.0\.0\.202\)/],
    ['master1,10.0.0.300', VIP, '--masters', /not an IPv4 address/],
    ['master1,10.0.0.77', VIP, '--masters', /has no host name on master1/],
    ['master1,10.0.0.66', VIP, '--masters', /has the name "under_score", which is not a host name/],
    ['master1,localhost', VIP, '--masters', /resolves to 127\.0\.0\.1, which is in 127\.0\.0\.0\/8/],
    ['master2,master3', VIP, '--masters', /does not name this host \(master1, 10\.0\.0\.1\)/],
    ['master1,master2,master3,master4,master5,master6,master7,master8', VIP, '--masters', /names 8 masters/],
  ])('%s with the VIP "%s"', async (masters, vip, field, wrong) => {
    const found = await problems({ masters, vip });
    expect(found.map(problem => problem.field)).toEqual([field]);
    expect(found[0]?.wrong).toMatch(wrong);
    expect(found[0]?.right).not.toBe('');
  });

  it('take the name of an address in lower case, as the kubelet does', async () => {
    const made = await settings({ vip: VIP, masters: 'master1,10.0.0.3' });
    expect(made.others).toEqual([{ hostname: 'master3.example.com', address: '10.0.0.3' }]);
  });

  it('lie in neither of the cluster’s networks', async () => {
    const text = 'DOCKER_REGISTRY=10.0.0.5:5000\nPOD_SUBNET=10.0.0.0/16\n';
    const found = await problems({ masters: 'master1,master2', vip: '10.99.0.1', text });
    expect(found.map(({ field, wrong }) => `${field} ${wrong}`)).toEqual([
      '--masters resolves to 10.0.0.2, which is in POD_SUBNET 10.0.0.0/16',
      '--vip is in SERVICE_SUBNET 10.96.0.0/12',
    ]);
  });

  it('report everything at once', async () => {
    const found = await problems({ masters: 'nowhere,Master2,master1,master1', vip: '127.0.0.1' });
    expect(found.map(({ field, value }) => [field, value])).toEqual([
      ['--masters', 'nowhere'],
      ['--masters', 'Master2'],
      ['--masters', 'master1'],
      ['--vip', '127.0.0.1'],
    ]);
  });

  it('cannot be told on a host without an address, which is said', async () => {
    const lost = lookedUpHost()
      .answer('ip -4 -o addr show scope global', '')
      .answer('ip -4 -o route get 192.0.2.1', { code: 2 });
    const found = await problems({ masters: 'master1', host: lost });
    expect(found).toMatchObject([{ field: '--masters', where: 'flag' }]);
    expect(found[0]?.wrong).toContain('This host has no IPv4 address');
  });
});

describe('the VIP', () => {
  it('is an address, with a router id of its last two octets', async () => {
    expect((await settings({ vip: VIP })).vip).toEqual({
      endpoint: VIP,
      addresses: [VIP],
      carrier: 'keepalived',
      routerId: 100,
      vrrpVersion: 3,
    });
    expect(await shown({ vip: VIP })).toMatchObject({
      '--vip': [VIP, 'flag --vip'],
      VIP_ROUTER_ID: ['100', 'default'],
      VRRP_VERSION: ['3', 'default'],
    });
  });

  it('is a name with one address', async () => {
    expect((await settings({ vip: 'vip.lab' })).vip).toMatchObject({
      endpoint: 'vip.lab',
      addresses: [VIP],
      routerId: 100,
    });
    expect((await shown({ vip: 'vip.lab' }))['--vip']?.[0]).toBe('vip.lab (10.0.0.100)');
  });

  it('is carried by a load balancer on AWS, whose name has several addresses', async () => {
    for (const short of [{ host: lookedUpHost(AMAZON) }, { platform: 'aws' }]) {
      const made = await settings({ vip: 'elb.lab', ...short });
      expect(made.vip).toMatchObject({
        carrier: 'load-balancer',
        addresses: ['10.0.0.201', '10.0.0.202'],
      });
      expect(made.values.map(({ name }) => name)).not.toContain('VIP_ROUTER_ID');
    }
    expect((await settings({ vip: VIP, platform: 'aws' })).vip?.carrier).toBe('load-balancer');
  });

  it('takes its VRRP from variables', async () => {
    const text = 'DOCKER_REGISTRY=10.0.0.5:5000\nVIP_ROUTER_ID=255\nVRRP_VERSION=2\n';
    expect((await settings({ vip: VIP, text })).vip).toMatchObject({ routerId: 255, vrrpVersion: 2 });
  });

  it.each([
    ['VIP_ROUTER_ID=0', /no router id/],
    ['VIP_ROUTER_ID=256', /no router id/],
    ['VIP_ROUTER_ID=1.5', /no router id/],
    ['VIP_ROUTER_ID=01', /no router id/],
    ['VRRP_VERSION=1', /no version/],
  ])('refuses %s, even where there is no VIP', async (line, wrong) => {
    const text = `DOCKER_REGISTRY=10.0.0.5:5000\n${line}\n`;
    for (const vip of ['', VIP]) {
      const found = await problems({ text, vip });
      expect(found.map(problem => problem.field)).toEqual([line.split('=')[0]]);
      expect(found[0]?.wrong).toMatch(wrong);
    }
  });

  it.each([
    ['10.0.0.400', /neither an IPv4/],
    ['Vip.lab', /neither an IPv4/],
    ['nowhere.example', /does not resolve/],
    ['elb.lab', /several addresses \(10\.0\.0\.201, 10\.0\.0\.202\)/],
    ['10.0.0.1', /^is the own address of the master master1$/],
    ['of-master2.lab', /^resolves to 10\.0\.0\.2, which is the own address of the master master2$/],
    ['master2', /own address of the master master2/],
    ['127.0.0.1', /127\.0\.0\.0\/8/],
    ['localhost', /127\.0\.0\.0\/8/],
    ['0.0.0.0', /0\.0\.0\.0\/8/],
    ['169.254.1.1', /link-local/],
    ['224.0.0.18', /multicast/],
    ['255.255.255.255', /multicast and reserved/],
    ['10.244.3.4', /POD_SUBNET/],
    ['10.96.0.1', /SERVICE_SUBNET/],
  ])('%s is refused', async (vip, wrong) => {
    const found = await problems({ vip, masters: 'master1,master2,master3' });
    expect(found.map(problem => problem.field)).toEqual(['--vip']);
    expect(found[0]?.wrong).toMatch(wrong);
  });

  it('is no address of this host where no masters are named', async () => {
    const found = await problems({ vip: '10.0.0.1' });
    expect(found[0]?.wrong).toContain('own address of the master master1');
  });

  it('may be on this host already, as on every second run', async () => {
    const again = lookedUpHost().answer(
      'ip -4 -o addr show scope global',
      '2: eth0    inet 10.0.0.1/24 brd 10.0.0.255\n2: eth0    inet 10.0.0.100/32 scope global eth0\n',
    );
    const made = await settings({ vip: VIP, masters: 'master1,master2,master3', host: again });
    expect(made.others).toHaveLength(2);
  });
});

describe('the router id', () => {
  it.each([
    ['10.0.0.100', 100],
    ['10.0.255.0', 255],
    ['10.0.0.255', 255],
    ['10.0.255.255', 255],
    ['10.0.1.254', 255],
    ['10.0.1.255', 1],
    ['192.168.200.100', 45],
    ['10.0.0.0', 255],
  ])('of %s is %d', (address, id) => {
    expect(routerIdOf(address)).toBe(id);
  });

  it('is never outside of 1 to 255, and differs within a /24', () => {
    for (const third of [0, 1, 128, 254, 255]) {
      const ids = Array.from({ length: 254 }, (_, at) => routerIdOf(`10.0.${third}.${at + 1}`));
      expect(Math.min(...ids)).toBeGreaterThanOrEqual(1);
      expect(Math.max(...ids)).toBeLessThanOrEqual(255);
      expect(new Set(ids).size).toBe(254);
    }
  });
});
