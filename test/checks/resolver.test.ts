import { beforeAll, describe, expect, it } from 'vitest';
import { resolver } from '../../source/checks/resolver';
import { Secret } from '../../source/engine/secret';
import { withUpstream } from '../../source/kubernetes/corefile';
import { fromYaml } from '../../source/kubernetes/yaml';
import { readResolver, upstreamOf } from '../../source/kubernetes/resolver';
import { corefile } from '../../source/steps/corefile';
import { nameResolution } from '../../source/steps/prepare/name-resolution';
import type { Settings } from '../../source/variables/settings';
import { apply as prepared } from '../steps/prepare/el7';
import { FakeHost } from '../support/fake-host';
import { settings as load } from '../variables/told';
import { found, levels } from './found';

const HOSTS = '127.0.0.1   localhost localhost.localdomain\n::1         localhost\n10.0.0.1 master1\n';
const RESOLV = '/etc/resolv.conf';

/** As kubeadm 1.20 makes it (cmd/kubeadm/app/phases/addons/dns/manifests.go has the template). */
const COREFILE = [
  ...['.:53 {', '    errors', '    health {', '       lameduck 5s', '    }', '    ready'],
  ...['    kubernetes cluster.local in-addr.arpa ip6.arpa {', '       fallthrough in-addr.arpa ip6.arpa'],
  ...['       ttl 30', '    }', '    prometheus :9153', '    forward . /etc/resolv.conf {'],
  ...[
    '       max_concurrent 1000',
    '    }',
    '    cache 30',
    '    loop',
    '    reload',
    '    loadbalance',
    '}',
    '',
  ],
].join('\n');

let settings: Settings;
beforeAll(async () => {
  settings = await load({});
});

const at = (resolv: string | undefined, more: Readonly<Record<string, string>> = {}): FakeHost =>
  new FakeHost({ '/etc/hosts': HOSTS, ...(resolv === undefined ? {} : { [RESOLV]: resolv }), ...more });

const upstream = async (host: FakeHost) => upstreamOf(await readResolver(host, '10.96.0.10'));

const SYSTEMD = { '/run/systemd/resolve/resolv.conf': 'nameserver 10.0.0.2\nnameserver 10.0.0.3\n' };
const MANAGER = { '/run/NetworkManager/no-stub-resolv.conf': 'search x\nnameserver 10.0.0.4\n' };

describe('what CoreDNS is told', () => {
  it.each<[string, FakeHost, readonly string[] | undefined]>([
    ['one server', at('nameserver 10.0.0.2\n'), undefined],
    ['blanks and comments', at('; x\n  nameserver\t10.0.0.2 # y\noptions rotate\n'), undefined],
    ['loopback only', at('nameserver 127.0.0.1\n'), []],
    ['loopback of IPv6', at('nameserver ::1\n'), []],
    ['no address at all', at('nameserver 0.0.0.0\n'), []],
    ["systemd's stub", at('nameserver 127.0.0.53\n', SYSTEMD), ['10.0.0.2', '10.0.0.3']],
    ["NetworkManager's dnsmasq", at('nameserver 127.0.0.1\n', MANAGER), ['10.0.0.4']],
    ['loopback before another', at('nameserver 127.0.0.1\nnameserver 10.0.0.2\n'), ['10.0.0.2']],
    ["the cluster's own DNS", at('nameserver 10.96.0.10\nnameserver 10.0.0.2\n'), ['10.0.0.2']],
    ['search only', at('search a.example b.example\n'), []],
    ['an empty file', at(''), []],
    ['none', at(undefined), []],
    ['servers of IPv6 only', at('nameserver fd00::2\n'), []],
    ['a commented server', at('#nameserver 10.0.0.2\n'), []],
    [
      'a file of the operator for the kubelet',
      at('nameserver 127.0.0.1\n', {
        '/etc/sysconfig/kubelet': 'KUBELET_EXTRA_ARGS="--resolv-conf=/etc/resolv.pods"\n',
        '/etc/resolv.pods': 'nameserver 10.0.0.9\n',
      }),
      undefined,
    ],
  ])('with %s', async (_, host, expected) => {
    expect(await upstream(host)).toEqual(expected);
  });

  it('is to ask the right servers, or none and not itself either', () => {
    const named = withUpstream(COREFILE, ['10.0.0.2', '10.0.0.3']);
    expect(named).toContain('    forward . 10.0.0.2 10.0.0.3\n    cache 30\n    loop\n');
    expect(named).not.toContain('\n    forward . /etc/resolv.conf');
    const none = withUpstream(COREFILE, []);
    expect(none).not.toMatch(/^ *(forward|loop)\b/m);
    expect(none).toContain('    kubernetes cluster.local');
    for (const text of [named, none, COREFILE]) {
      expect(text.split('{').length).toBe(text.split('}').length);
      // Whatever it was before, the same comes of it.
      expect(withUpstream(text, ['10.0.0.2', '10.0.0.3'])).toContain('forward . 10.0.0.2 10.0.0.3\n');
      expect(withUpstream(text, ['10.0.0.2'])).toMatch(/^ {4}loop$/m);
      expect(withUpstream(text, [])).toBe(none);
      expect(withUpstream(text, undefined)).toMatch(/^ {4}forward \. \/etc\/resolv\.conf/m);
      expect(withUpstream(text, undefined)).toMatch(/^ {4}loop$/m);
    }
    const own = COREFILE.replace('/etc/resolv.conf', '10.9.9.9');
    expect(withUpstream(own, [])).toBe(own);
    // 1.16 has it on one line.
    expect(withUpstream('.:53 {\n    forward . /etc/resolv.conf\n    loop\n}\n', [])).not.toContain(
      'forward .',
    );
  });

  it('is written into the cluster, once, and said in the plan before there is one', async () => {
    const map = { live: COREFILE };
    const host = at('search a.example\n')
      .respond(/configmaps\/coredns$/, () => ({
        ...{ status: 200, headers: {}, roundTripMs: 1 },
        body: JSON.stringify({ metadata: { name: 'coredns' }, data: { Corefile: map.live, more: 'kept' } }),
      }))
      // Not in an argument: it may hold keys of an operator's.
      .answer(/^kubectl .* replace --filename -$/, ({ input }) => {
        const [object] = fromYaml(input instanceof Secret ? input.reveal() : '') ?? [];
        expect(object).toMatchObject({ metadata: { name: 'coredns' }, data: { more: 'kept' } });
        map.live = (object as { readonly data: { readonly Corefile: string } }).data.Corefile;
        return {};
      });
    const step = corefile(settings, { hostname: 'master1', address: '10.0.0.1' }, []);
    expect((await prepared(step, host)).map(change => change.kind)).toEqual(['run']);
    expect(map.live).toBe(withUpstream(COREFILE, []));
    host.put(RESOLV, 'nameserver 10.0.0.2\n');
    await prepared(step, host);
    expect(map.live).toMatch(/forward \. \/etc\/resolv\.conf\n[^]*loop\n/);
    const before = at('').respond(/configmaps\/coredns$/, { error: 'connect ECONNREFUSED' });
    const [change] = step.plan(await step.probe(before));
    expect(change?.kind === 'run' && change.title).toBe(
      "Have CoreDNS resolve the cluster's names only: this host knows no DNS server that pods could use",
    );
    const plain = at('nameserver 10.0.0.2\n').respond(/configmaps\/coredns$/, { error: 'refused' });
    expect(step.plan(await step.probe(plain))).toEqual([]);
  });
});

describe('the check of name resolution', () => {
  it.each<[string, FakeHost, readonly string[], RegExp]>([
    ['servers that pods can use', at('nameserver 10.0.0.2\n'), ['ok'], /10\.0\.0\.2/],
    [
      'loopback',
      at('nameserver 127.0.0.1\n'),
      ['warning'],
      /127\.0\.0\.1, at which a pod asks itself.*names only$/,
    ],
    [
      "systemd's stub",
      at('nameserver 127.0.0.53\n', SYSTEMD),
      ['warning'],
      /10\.0\.0\.3 \(from \/run\/systemd/,
    ],
    ['search only', at('search a.example\n'), ['warning'], /names no server/],
    ['an empty file', at('\n'), ['warning'], /8\.8\.8\.8/],
    ['no file', at(undefined), ['warning'], /there is no \/etc\/resolv\.conf/],
    ['a line without a server', at('nameserver 10.0.0.2\nnameserver\n'), ['fatal'], /starts no pod/],
    [
      'four servers',
      at('nameserver 10.0.0.2\nnameserver 10.0.0.3\nnameserver 10.0.0.4\nnameserver 10.0.0.5\n'),
      ['warning'],
      /4 servers; pods are given the first 3/,
    ],
    [
      'eight domains, of which the last line counts',
      at('nameserver 10.0.0.2\nsearch x\nsearch a b c d e f g h\n'),
      ['warning'],
      /8 search domains; pods are given the first 3 \(a, b, c\)/,
    ],
    [
      'long domains',
      at(
        `nameserver 10.0.0.2\nsearch ${'a'.repeat(63)}.example ${'b'.repeat(63)}.example ${'c'.repeat(63)}.example\n`,
      ),
      ['warning'],
      /characters long/,
    ],
  ])('tells of %s', async (_, host, expected, message) => {
    const findings = await found(resolver(settings, 'install'), host);
    expect(findings.map(({ level }) => level)).toEqual(expected);
    expect(findings[0]?.message).toMatch(message);
  });

  it('tells of a link that leads nowhere', async () => {
    const host = at(undefined);
    await host.link(RESOLV, '../run/NetworkManager/resolv.conf');
    host.calls.length = 0;
    const [finding, ...more] = await found(resolver(settings, 'install'), host);
    expect(finding).toMatchObject({ level: 'fatal' });
    expect(finding?.message).toContain('a link to ../run/NetworkManager/resolv.conf, which is not there');
    expect(more).toEqual([]);
    expect(await prepared(nameResolution(settings), host)).toEqual([]);
  });

  it.each<[string, string, string]>([
    ['no line for localhost', '10.0.0.11 master1\n', 'warning'],
    ['one that is commented', '#127.0.0.1 localhost\n10.0.0.11 master1 # localhost\n', 'warning'],
    ['one of IPv6 only', '::1 localhost\n', 'warning'],
    ['one of another name', '127.0.0.1 localhost.localdomain localhost4\n', 'warning'],
    ['another host', '10.0.0.11 master1 localhost\n', 'fatal'],
    ['another host beside it', '10.0.0.11 localhost\n127.0.0.1 localhost\n', 'ok'],
  ])('tells of /etc/hosts with %s', async (_, hosts, level) => {
    const host = at('nameserver 10.0.0.2\n', { '/etc/hosts': hosts });
    expect(await levels(resolver(settings, 'install'), host)).toEqual([level]);
    await prepared(nameResolution(settings), host);
    expect(host.text('/etc/hosts')).toBe(level === 'warning' ? `127.0.0.1 localhost\n${hosts}` : hosts);
    host.calls.length = 0;
    if (level === 'warning') expect(await levels(resolver(settings, 'install'), host)).toEqual(['ok']);
  });

  it('tells on a worker that CoreDNS may end there', async () => {
    const [finding] = await found(resolver(settings, 'prepare'), at('nameserver 127.0.0.1\n'));
    expect(finding?.message).toMatch(/a pod of CoreDNS ends on this host, unless/);
  });

  it('is followed by a file for the kubelet, where there was none', async () => {
    const host = at(undefined);
    await prepared(nameResolution(settings), host);
    expect(host.text(RESOLV)).toMatch(/^# Written by kube-el7-install/);
    expect(await upstream(host)).toEqual([]);
  });
});
