import { describe, expect, it } from 'vitest';
import { hostname } from '../../source/checks/hostname';
import { FakeHost } from '../support/fake-host';
import { settings as load } from '../variables/told';
import { found, levels } from './found';

describe('hostname', () => {
  const host = (name: string, resolves: string) =>
    new FakeHost({ '/proc/sys/kernel/hostname': `${name}\n` })
      .answer('hostname', `${name}\n`)
      .answer(
        'ip -4 -o route get 192.0.2.1',
        '192.0.2.1 via 10.0.0.254 dev eth0 src 10.0.0.1 uid 0 \\    cache \n',
      )
      .answer(
        'ip -4 -o addr show scope global',
        '2: eth0    inet 10.0.0.1/24 brd 10.0.0.255 scope global eth0\n',
      )
      .answer(
        new RegExp(`^getent ahostsv4 ${name}$`, 'i'),
        resolves === '' ? { code: 2 } : `${resolves}  STREAM ${name}\n${resolves}  DGRAM\n`,
      );

  it.each([
    ['its own address', host('master1', '10.0.0.1'), ['ok']],
    ['a full name', host('master1.example.com', '10.0.0.1'), ['ok']],
    ['no address', host('master1', ''), ['fatal']],
    ['somebody else', host('master1', '10.0.0.9'), ['fatal']],
    ['loopback only', host('master1', '127.0.1.1'), ['warning']],
    ['localhost', host('localhost.localdomain', '127.0.0.1'), ['fatal']],
    ['capitals', host('Master1', '10.0.0.1'), ['warning', 'ok']],
    ['an underscore', host('master_1', '10.0.0.1'), ['fatal']],
    ['a name too long', host(`${'a'.repeat(60)}.example.com`, '10.0.0.1'), ['fatal']],
  ])('%s', async (_, one, expected) => {
    expect(await levels(hostname(await load({})), one)).toEqual(expected);
  });

  it('gives the line for /etc/hosts', async () => {
    expect((await found(hostname(await load({})), host('master1', '')))[0]?.fix).toContain(
      '"10.0.0.1 master1"',
    );
  });

  const two = (routes: Readonly<Record<string, string>>) =>
    host('master1', '10.0.0.1')
      .answer(
        'ip -4 -o addr show scope global',
        '2: eth0    inet 10.0.0.1/24 scope global eth0\n3: eth1    inet 10.2.0.1/24 scope global eth1\n',
      )
      .answer(/^ip -4 -o route get /, ({ args }) => {
        const source = routes[args.at(-1) ?? ''];
        return source === undefined ? { code: 2 } : `${args.at(-1) ?? ''} dev eth9 src ${source}\n`;
      });

  it('says which address and interface it is of several', async () => {
    const [finding] = await found(hostname(await load({})), two({}));
    expect(finding).toEqual({ level: 'ok', message: 'master1 is 10.0.0.1, on eth0' });
    const nodeSubnet = '10.2.0.0/16';
    const [given] = await found(hostname({ ...(await load({})), nodeSubnet }), two({}));
    expect(given?.message).toContain(
      'the cluster will know this host by 10.2.0.1 on eth1 (NODE_SUBNET 10.2.0.0/16)',
    );
    expect(given?.fix).toContain('"10.2.0.1 master1"');
  });

  it('is warned of where the way to the VIP or another master leaves from another interface', async () => {
    const settings = await load({ vip: '10.0.0.100', masters: 'master1,master2' });
    const { own, ...rest } = settings;
    expect(own?.address).toBe('10.0.0.1');
    for (const peer of ['10.0.0.100', '10.0.0.2']) {
      const [, finding] = await found(hostname(rest), two({ [peer]: '10.2.0.1' }));
      expect(finding).toMatchObject({ level: 'warning' });
      expect(finding?.message).toContain(`packets to ${peer} leave from 10.2.0.1`);
    }
  });

  it.each([
    [{}, 'several addresses (10.0.0.1 on eth0, 10.2.0.1 on eth1), and nothing tells'],
    [{ nodeSubnet: '10.9.0.0/16' }, 'no address of this host is in NODE_SUBNET 10.9.0.0/16'],
  ])('is refused where nothing tells which of several addresses it is (%o)', async (more, message) => {
    const unnamed = two({}).answer('getent ahostsv4 master1', '127.0.0.1 STREAM master1\n');
    const [finding] = await found(hostname({ ...(await load({})), ...more }), unnamed);
    expect(finding).toMatchObject({ level: 'fatal' });
    expect(finding?.message).toContain(message);
    expect(finding?.fix).toContain('NODE_SUBNET');
  });
});
