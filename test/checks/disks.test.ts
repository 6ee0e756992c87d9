import { describe, expect, it } from 'vitest';
import { diskLatency } from '../../source/checks/disk-latency';
import { diskSpace } from '../../source/checks/disk-space';
import { xfs } from '../../source/checks/xfs';
import type { Answer } from '../support/fake-host';
import { FakeHost } from '../support/fake-host';
import { found, levels } from './found';

const GIB = 1024 ** 3;

/** What is written of docker by `docker info`. */
function dockerOn(driver: string): string {
  return JSON.stringify({ ServerVersion: '1.13.1', Driver: driver, DockerRootDir: '/data/docker' });
}

describe('xfs', () => {
  const host = (findmnt: string, geometry: string) =>
    new FakeHost({ '/var/lib/rpm/x': '' })
      .answer(/^docker info/, { code: 127 })
      .answer('findmnt -n -o FSTYPE,TARGET -T /var/lib', findmnt)
      .answer(/^xfs_info \/(var)?$/, geometry);
  const geometry = (ftype: string) =>
    `naming   =version 2   bsize=4096   ascii-ci=0${ftype}\nlog      =internal\n`;

  it.each([
    ['ext4', host('ext4 /\n', ''), 'ok'],
    ['ftype=1', host('xfs /\n', geometry(' ftype=1')), 'ok'],
    ['ftype=0', host('xfs    /var\n', geometry(' ftype=0')), 'fatal'],
    ['an xfs_info that does not tell', host('xfs /\n', geometry('')), 'warning'],
    ['an unknown file system', host('', ''), 'warning'],
  ])('%s', async (_, one, level) => {
    expect(await levels(xfs, one)).toEqual([level]);
  });

  it('lets a docker be that stands on it with another driver, where its data really is', async () => {
    const one = new FakeHost({ '/data/docker/x': '' })
      .answer(/^docker info/, dockerOn('devicemapper'))
      .answer('findmnt -n -o FSTYPE,TARGET -T /data/docker', 'xfs /data\n')
      .answer('xfs_info /data', geometry(' ftype=0'));
    expect(await levels(xfs, one)).toEqual(['warning']);
    expect(await levels(xfs, one.answer(/^docker info/, dockerOn('overlay2')))).toEqual(['fatal']);
  });
});

describe('disk-space', () => {
  const host = (free: number, size = 100 * GIB) =>
    new FakeHost({ '/var/lib/rpm/x': '' })
      .answer(/^docker info/, { code: 127 })
      .answer(
        'df -P -B1 /var/lib',
        `Filesystem 1-blocks Used Available Capacity Mounted on\n/dev/sda1 ${size} 1 ${free} 50% /\n`,
      );

  it.each([
    ['plenty', host(50 * GIB), ['ok', 'ok', 'ok']],
    ['little for long', host(3.5 * GIB, 20 * GIB), ['warning', 'warning', 'ok']],
    ['below eviction', host(9 * GIB, 100 * GIB), ['ok', 'warning', 'warning']],
    ['too little for images', host(2 * GIB, 10 * GIB), ['warning', 'fatal', 'ok']],
    ['too little for anything', host(GIB / 4, 10 * GIB), ['fatal', 'fatal', 'fatal']],
  ])('%s', async (_, one, expected) => {
    expect(await levels(diskSpace('install'), one)).toEqual(expected);
  });

  it('asks for no room for etcd in an image', async () => {
    expect((await found(diskSpace('prepare'), host(50 * GIB))).map(one => one.message).join()).not.toContain(
      'etcd',
    );
  });

  it('does not take an unreadable answer for room', async () => {
    const one = host(1).answer(/^df /, { code: 1 });
    expect(await levels(diskSpace('prepare'), one)).toEqual(['warning', 'warning']);
  });
});

describe('disk-latency', () => {
  const host = (answer: Answer) =>
    new FakeHost({ '/var/lib/rpm/x': '' }).answer(/^sh -c [\s\S]* \/var\/lib$/, answer);
  /** A hundred lines of dd, `slow` of them slow. */
  const dd = (slow: number, line: (seconds: string) => string) =>
    Array.from({ length: 100 }, (_, at) => line(at < slow ? '0.0253127' : '0.00103')).join('\n');
  const el7 = (seconds: string) => `8192 bytes (8.2 kB) copied, ${seconds} s, 5.1 MB/s`;
  const later = (seconds: string) => `8192 bytes (8.2 kB, 8.0 KiB) copied, ${seconds} s, 5.1 MB/s`;

  it.each([
    ['quick', host(dd(1, el7)), 'ok'],
    ['slow', host(dd(2, el7)), 'warning'],
    ['quick, by a later dd', host(dd(0, later)), 'ok'],
    ['slow, by a later dd', host(dd(50, later)), 'warning'],
    ['very quick', host(dd(0, () => el7('9.9e-05'))), 'ok'],
  ])('%s', async (_, one, level) => {
    expect(await levels(diskLatency, one)).toEqual([level]);
  });

  it('shows the figure', async () => {
    expect((await found(diskLatency, host(dd(2, el7))))[0]?.message).toContain(
      'took 25.3 ms or less, half of them 1.0 ms',
    );
  });

  it.each(['etcd-init', 'etcd-cluster'])('is not measured beside an etcd: %s', async name => {
    const one = new FakeHost({ [`/etc/kubernetes/manifests/${name}.yaml`]: 'kind: Pod\n' });
    expect((await found(diskLatency, one))[0]).toMatchObject({
      level: 'ok',
      message: expect.stringContaining('not measured') as string,
    });
    expect(one.calls.filter(({ kind }) => kind === 'query')).toEqual([]);
  });

  it('is fatal where nothing can be written, or nothing comes back', async () => {
    const readOnly = host({ code: 1, stderr: 'mktemp: failed to create file: Read-only file system\n' });
    expect((await found(diskLatency, readOnly))[0]?.message).toContain('Read-only file system');
    expect(await levels(diskLatency, host({ code: 124 }))).toEqual(['fatal']);
    expect(await levels(diskLatency, host({ code: 0, stdout: el7('0.1') }))).toEqual(['fatal']);
  });
});
