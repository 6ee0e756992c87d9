import { describe, expect, it } from 'vitest';
import { vip } from '../../source/checks/vip';
import type { Vip } from '../../source/variables/settings';
import type { Answer } from '../support/fake-host';
import { FakeHost } from '../support/fake-host';
import { found, levels } from './found';

const VIP: Vip = {
  ...{ endpoint: '10.0.0.100', addresses: ['10.0.0.100'], carrier: 'keepalived' },
  ...{ routerId: 100, vrrpVersion: 3 },
};
const CONFIG = '/var/lib/kube-el7-install/kubeadm-init.yaml';
const KEEPALIVED = '/etc/kubernetes/keepalived/keepalived.conf.template';

const SELF_SIGNED = { error: 'self signed certificate in certificate chain' };
const REFUSED = { error: 'connect ECONNREFUSED 10.0.0.100:6443' };
const UNREACHABLE = { error: 'connect EHOSTUNREACH 10.0.0.100:6443' };
const UNAUTHORIZED = { status: 403, headers: {}, body: '', roundTripMs: 1 };

/** The table of neighbours, with a router in it. */
const neighbours = (vip = 'FAILED') =>
  `10.0.0.254 dev eth0 lladdr 52:54:00:00:00:fe REACHABLE\n10.0.0.100 dev eth0 ${vip}\n`;

/** A host on which nobody has the VIP, and which is in its network. */
function free(files: ConstructorParameters<typeof FakeHost>[0] = {}): FakeHost {
  return new FakeHost(files)
    .answer('ip -4 -o addr show', '1: lo    inet 127.0.0.1/8\n2: eth0    inet 10.0.0.1/24 scope global\n')
    .answer(/^ping -c 1 -W 1 /, { code: 1 })
    .answer('ip -4 neigh show', neighbours())
    .answer('ip -4 -o route get 10.0.0.100', '10.0.0.100 dev eth0 src 10.0.0.1 uid 0 \\    cache \n')
    .respond(/^https:\/\/10\.0\.0\.100:6443\//, UNREACHABLE);
}

describe('vip', () => {
  it('is content with an address that nobody has', async () => {
    const host = free();
    expect((await found(vip(VIP, 0), host))[0]?.message).toBe(
      '10.0.0.100 is free, and in the network of eth0',
    );
  });

  it.each([
    ['a ping', free().answer(/^ping /, {}), 'answers a ping'],
    ['TLS that is not trusted', free().respond(/./, SELF_SIGNED), 'answers on port 6443'],
    ['HTTP', free().respond(/./, UNAUTHORIZED), 'answers on port 6443'],
    ['a reset', free().respond(/./, { error: 'read ECONNRESET' }), 'answers on port 6443'],
    ['a refusal', free().respond(/./, REFUSED), 'refuses connections to port 6443'],
  ])('is fatal where somebody answers with %s', async (_, host, how) => {
    const [finding, ...others] = await found(vip(VIP, 0), host);
    expect(finding).toMatchObject({ level: 'fatal' });
    expect(finding?.message).toContain(`somebody has 10.0.0.100 already: it ${how}`);
    expect(others).toEqual([]);
  });

  it.each(['connect ETIMEDOUT 10.0.0.100:6443', 'no answer within 2 s', 'connect ENETUNREACH'])(
    'takes "%s" for nobody',
    async error => {
      expect(await levels(vip(VIP, 0), free().respond(/./, { error }))).toEqual(['ok']);
    },
  );

  it('does without ping', async () => {
    expect(await levels(vip(VIP, 0), free().answer(/^ping /, { code: 127 }))).toEqual(['ok']);
    const refused = free()
      .answer(/^ping /, { code: 127 })
      .respond(/./, REFUSED);
    expect(await levels(vip(VIP, 0), refused)).toEqual(['fatal']);
  });

  it.each([
    ['a host that drops everything', 'lladdr 52:54:00:00:00:09 REACHABLE', 'fatal'],
    ['a router that answers for every address', 'lladdr 52:54:00:00:00:fe REACHABLE', 'warning'],
    [
      'one that was there some time ago, and nobody tells of any more',
      'lladdr 52:54:00:00:00:09 STALE',
      'warning',
    ],
  ])('knows %s by its hardware address', async (_, state, level) => {
    const host = free().answer('ip -4 neigh show', neighbours(state));
    expect(await levels(vip(VIP, 0), host)).toEqual([level]);
  });

  /** The table of neighbours of Linux: what an entry comes to with each packet, whoever has the address. */
  function linux(began: string, owner: boolean, { moved = false } = {}): FakeHost {
    let state = began;
    const next: Readonly<Record<string, string>> = {
      ...{
        STALE: 'DELAY',
        DELAY: 'PROBE',
        PROBE: owner && !moved ? 'REACHABLE' : 'FAILED',
        FAILED: 'INCOMPLETE',
      },
      ...{ NONE: 'INCOMPLETE', INCOMPLETE: owner ? 'REACHABLE' : 'FAILED', REACHABLE: 'REACHABLE' },
    };
    return free()
      .answer(/^ping /, { code: 127 })
      .respond(/^https:/, () => {
        state = next[state] ?? state;
        return UNREACHABLE;
      })
      .answer('ip -4 neigh show', () =>
        neighbours(/INCOMPLETE|FAILED/.test(state) ? state : `lladdr 52:54:00:00:00:09 ${state}`),
      );
  }

  it.each(['NONE', 'FAILED', 'STALE', 'DELAY', 'PROBE', 'REACHABLE'])(
    'finds a silent owner, and one that is gone, whatever the kernel knew before (%s)',
    async began => {
      expect(await levels(vip(VIP, 0), linux(began, true))).toEqual(['fatal']);
      if (began !== 'REACHABLE') expect(await levels(vip(VIP, 0), linux(began, false))).toEqual(['ok']);
    },
  );

  it('asks of all once more where the one that had it before is gone', async () => {
    for (const began of ['STALE', 'DELAY', 'PROBE']) {
      expect(await levels(vip(VIP, 0), linux(began, true, { moved: true }))).toEqual(['fatal']);
    }
  });

  it('is fatal where this host has it by itself', async () => {
    for (const length of [32, 24]) {
      const host = free().answer(
        'ip -4 -o addr show',
        `2: eth1    inet 10.0.0.100/${length} scope global eth1\n`,
      );
      const [finding] = await found(vip(VIP, 0), host);
      expect(finding).toMatchObject({ level: 'fatal' });
      expect(finding?.fix).toContain(`ip addr del 10.0.0.100/${length} dev eth1`);
    }
  });

  it.each<[string, Answer, string]>([
    ['no route', { code: 2, stderr: 'RTNETLINK answers: Network is unreachable\n' }, 'fatal'],
    ['a route that leads nowhere', 'unreachable 10.0.0.100 dev lo\n', 'fatal'],
    ['a broadcast address', 'broadcast 10.0.0.100 dev eth0 src 10.0.0.1\n', 'fatal'],
    ['a router between', '10.0.0.100 via 10.1.0.254 dev eth0 src 10.1.0.1\n', 'warning'],
  ])('with %s', async (_, answer, level) => {
    expect(await levels(vip(VIP, 0), free().answer(/route get/, answer))).toEqual([level]);
  });

  const begun = (endpoint: string) => ({ [CONFIG]: `a: b\ncontrolPlaneEndpoint: ${endpoint}:6443\nc: d\n` });
  const answering = (files: Readonly<Record<string, string>>) => free(files).answer(/^ping /, {});

  it.each([
    ["kubeadm's configuration", begun('10.0.0.100'), 'ok'],
    ["kubeadm's configuration, in quotes", { [CONFIG]: 'controlPlaneEndpoint: "10.0.0.100:6443"\n' }, 'ok'],
    ["keepalived's", { [KEEPALIVED]: 'virtual_ipaddress {\n  10.0.0.100/32 dev eth0\n}\n' }, 'ok'],
    ['the configuration of another VIP', begun('10.0.0.10'), 'fatal'],
    ['another address in keepalived', { [KEEPALIVED]: '110.0.0.100 10.0.0.1001 10.0.0.10\n' }, 'fatal'],
  ])('knows its own cluster by %s', async (_, files, level) => {
    expect(await levels(vip(VIP, 0), answering(files))).toEqual([level]);
  });

  it('looks at the address that a name has got since', async () => {
    const named: Vip = { ...VIP, endpoint: 'vip.lab' };
    expect(await levels(vip(named, 0), answering(begun('vip.lab')))).toEqual(['ok']);
    const moved = { ...begun('vip.lab'), [KEEPALIVED]: '10.0.0.99/32\n' };
    expect(await levels(vip(named, 0), answering(moved))).toEqual(['fatal']);
  });

  it('asks nothing of a load balancer, which answers before there is a cluster', async () => {
    const elb: Vip = {
      ...VIP,
      ...{ endpoint: 'elb.lab', addresses: ['10.0.0.201', '10.0.0.202'], carrier: 'load-balancer' },
    };
    expect((await found(vip(elb), new FakeHost()))[0]?.message).toContain('10.0.0.201, 10.0.0.202');
  });
});
