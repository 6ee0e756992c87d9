import { describe, expect, it } from 'vitest';
import { cpu } from '../../source/checks/cpu';
import { kernel } from '../../source/checks/kernel';
import { memory } from '../../source/checks/memory';
import { root } from '../../source/checks/root';
import { selinux } from '../../source/checks/selinux';
import { swap } from '../../source/checks/swap';
import { system } from '../../source/checks/system';
import { time } from '../../source/checks/time';
import type { Check } from '../../source/engine/check';
import type { Answer } from '../support/fake-host';
import { FakeHost } from '../support/fake-host';
import { found, levels } from './found';

describe('root', () => {
  it.each([
    ['0\n', ['ok']],
    ['1000\n', ['fatal']],
  ])('id %j is %j', async (id, expected) => {
    expect(await levels(root, new FakeHost().answer('id -u', id))).toEqual(expected);
  });
});

describe('system', () => {
  const os = (id: string, version: string, like = '') =>
    new FakeHost({
      '/etc/os-release': `ID="${id}"\nVERSION_ID="${version}"\nID_LIKE="${like}"\nPRETTY_NAME="X"\n`,
    });

  it.each([
    ['CentOS 7', os('centos', '7', 'rhel fedora'), 'ok'],
    ['RHEL 7.9', os('rhel', '7.9', 'fedora'), 'ok'],
    ['Oracle Linux 7', os('ol', '7.9', 'fedora'), 'ok'],
    ['a clone unheard of', os('newlinux', '7.1', 'rhel centos'), 'ok'],
    [
      'a release file alone',
      new FakeHost({ '/etc/redhat-release': 'CentOS Linux release 7.9.2009 (Core)\n' }),
      'ok',
    ],
    ['CentOS 8', os('centos', '8', 'rhel fedora'), 'fatal'],
    ['Debian', os('debian', '12'), 'fatal'],
    ['a Debian 7', os('debian', '7'), 'fatal'],
    ['Amazon Linux', os('amzn', '7', 'centos rhel fedora'), 'fatal'],
    ['nothing to go by', new FakeHost(), 'fatal'],
  ])('%s: %#', async (_, host, level) => {
    expect(await levels(system, host)).toEqual([level]);
  });
});

describe('kernel', () => {
  const ROWS = ['cpuset', 'cpu', 'cpuacct', 'memory', 'devices', 'freezer', 'pids'];
  const host = (release: string, options: { off?: string; without?: string; cmdline?: string } = {}) =>
    new FakeHost({
      '/proc/cgroups': [
        '#subsys_name\thierarchy\tnum_cgroups\tenabled',
        ...ROWS.filter(name => name !== options.without).map(
          name => `${name}\t1\t1\t${name === options.off ? 0 : 1}`,
        ),
        '',
      ].join('\n'),
      '/proc/cmdline': options.cmdline ?? 'ro quiet\n',
    }).answer('uname -r', `${release}\n`);

  it.each([
    ['3.10.0-1160.el7.x86_64', {}, ['ok', 'ok']],
    ['3.10.0-1062.4.1.el7.x86_64', {}, ['ok', 'ok']],
    ['3.10.0-957.el7.x86_64', {}, ['warning', 'ok']],
    ['3.10.0-957.el7.x86_64', { cmdline: 'cgroup.memory=nokmem' }, ['ok', 'ok']],
    ['3.10.0-327.el7.x86_64', { without: 'pids' }, ['warning', 'fatal']],
    ['5.4.17-2136.el7uek.x86_64', {}, ['ok', 'ok']],
    ['5.4.17', { off: 'memory' }, ['ok', 'fatal']],
    ['3.2.0', {}, ['fatal', 'ok']],
    ['2.6.32-754.el6.x86_64', { without: 'pids' }, ['fatal', 'fatal']],
  ])('%s %j is %j', async (release, options, expected) => {
    expect(await levels(kernel, host(release, options))).toEqual(expected);
  });

  it('tells a controller that is switched off from one that the kernel never had', async () => {
    expect((await found(kernel, host('5.4.17', { off: 'memory' })))[1]?.fix).toContain(
      'cgroup_disable=memory',
    );
    expect((await found(kernel, host('3.10.0-327.el7.x86_64', { without: 'pids' })))[1]?.fix).toContain(
      'Update the kernel',
    );
  });
});

describe('cpu and memory', () => {
  const processors = (count: number) => new FakeHost().answer('nproc', `${count}\n`);
  const ram = (kib: number) =>
    new FakeHost({ '/proc/meminfo': `MemTotal:       ${kib} kB\nMemFree: 1 kB\n` });

  it.each([
    ['2 processors', cpu('install'), processors(2), 'ok'],
    ['1 processor', cpu('install'), processors(1), 'fatal'],
    ['1 processor of an image', cpu('prepare'), processors(1), 'warning'],
    ['1700 MB', memory('install'), ram(1700 * 1024), 'ok'],
    ['1 KiB less', memory('install'), ram(1700 * 1024 - 1), 'fatal'],
    ['less in an image', memory('prepare'), ram(1024 * 1024), 'warning'],
  ])('%s', async (_, check: Check, host, level) => {
    expect(await levels(check, host)).toEqual([level]);
  });
});

describe('swap', () => {
  const host = (rows: string, available: number) =>
    new FakeHost({
      '/proc/swaps': `Filename\t\tType\t\tSize\tUsed\tPriority\n${rows}`,
      '/proc/meminfo': `MemTotal: 4000000 kB\nMemAvailable: ${available} kB\n`,
    });

  it.each([
    ['none', host('', 1000), 'ok'],
    ['some, unused', host('/dev/dm-1 partition\t2097148\t0\t-2\n', 1000), 'warning'],
    ['used, with room in memory', host('/dev/dm-1 partition\t2097148\t900\t-2\n', 1000), 'warning'],
    ['used, without room in memory', host('/a file 9000 900 -2\n/b file 9000 900 -3\n', 1000), 'fatal'],
  ])('%s', async (_, one, level) => {
    expect(await levels(swap, one)).toEqual([level]);
  });

  it('names each area with its size', async () => {
    expect((await found(swap, host('/dev/dm-1 partition\t2097148\t0\t-2\n', 1000)))[0]?.message).toContain(
      '/dev/dm-1, 2048 MiB',
    );
  });
});

describe('selinux', () => {
  const host = (mode: string | undefined, config: string) =>
    new FakeHost({ '/etc/selinux/config': config, '/proc/cmdline': 'ro quiet\n' })
      .answer('getenforce', mode ?? { code: 127 })
      .answer('grubby --info=DEFAULT', { code: 127 });

  it.each([
    ['enforcing', host('Enforcing\n', 'SELINUX=enforcing\n'), 'warning'],
    ['permissive until the next boot', host('Permissive\n', 'SELINUX=enforcing\n'), 'warning'],
    ['permissive', host('Permissive\n', 'SELINUX=permissive\n'), 'ok'],
    ['disabled', host('Disabled\n', 'SELINUX=disabled\n'), 'ok'],
    ['absent', host(undefined, ''), 'ok'],
    ['a comment behind it', host('Permissive\n', 'SELINUX=enforcing # by the security team\n'), 'warning'],
    ['capitals', host('Disabled\n', 'SELINUX=Enforcing\n'), 'warning'],
    ['more letters', host('Disabled\n', 'SELINUX=enforcing"\n'), 'warning'],
    ['a carriage return', host('Permissive\n', 'SELINUX=enforcing\r\n'), 'warning'],
    ['the first of several', host('Permissive\n', 'SELINUX=permissive\nSELINUX=enforcing\n'), 'ok'],
    [
      'the first of several, too',
      host('Permissive\n', 'SELINUX=x\nSELINUX=enforcing\nSELINUX=disabled\n'),
      'warning',
    ],
    [
      'a line that libselinux passes over',
      host('Permissive\n', ' SELINUX=enforcing\nselinux=enforcing\n#SELINUX=enforcing\n'),
      'ok',
    ],
    ['a name in quotes', host('Permissive\n', 'SELINUX="enforcing"\n'), 'ok'],
    [
      'switched off by the kernel',
      host('Disabled\n', 'SELINUX=enforcing\n').put('/proc/cmdline', 'ro selinux=0\n'),
      'ok',
    ],
    [
      'enforced by the kernel',
      host('Permissive\n', 'SELINUX=permissive\n').put('/proc/cmdline', 'enforcing=0 enforcing=1\n'),
      'warning',
    ],
    [
      'not enforced by the kernel',
      host('Permissive\n', 'SELINUX=permissive\n').put('/proc/cmdline', 'x.enforcing=1 enforcing=0\n'),
      'ok',
    ],
    [
      'enforced by the kernel at the next boot',
      host('Permissive\n', 'SELINUX=permissive\n').answer(
        'grubby --info=DEFAULT',
        'index=0\nargs="ro enforcing=1 $tuned_params"\n',
      ),
      'warning',
    ],
  ])('%s', async (_, one, level) => {
    expect(await levels(selinux, one)).toEqual([level]);
  });
});

describe('time', () => {
  const tracking = (reference: string, leap: string) =>
    `Reference ID    : ${reference} (10.0.0.254)\nStratum         : 3\nLeap status     : ${leap}\n`;
  const host = (timedatectl: string, chronyc: Answer) =>
    new FakeHost().answer('timedatectl', timedatectl).answer('chronyc -n tracking', chronyc);

  it.each([
    ["EL7's flag", host('NTP enabled: yes\nNTP synchronized: yes\n', { code: 127 }), 'ok'],
    ["a later systemd's flag", host('System clock synchronized: yes\n', { code: 127 }), 'ok'],
    ['chronyd alone', host('NTP synchronized: no\n', tracking('0A0000FE', 'Normal')), 'ok'],
    ['a clock of its own', host('', tracking('7F7F0101', 'Normal')), 'ok'],
    [
      'a chronyd without servers',
      host('NTP synchronized: no\n', tracking('00000000', 'Not synchronised')),
      'warning',
    ],
    ['a chronyd that is stopped', host('', { code: 1, stdout: '506 Cannot talk to daemon\n' }), 'warning'],
    ['no chronyd', host('NTP synchronized: no\n', { code: 127 }), 'warning'],
    ['nothing that says anything', host('', { code: 127 }), 'warning'],
  ])('%s', async (_, one, level) => {
    expect(await levels(time, one)).toEqual([level]);
  });
});
