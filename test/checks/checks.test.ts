import { describe, expect, it } from 'vitest';
import { checks } from '../../source/checks';
import { settings as load } from '../variables/told';

const settings = await load({ vip: '10.0.0.100', masters: 'master1,master2,master3' });

describe('all checks', () => {
  it('have ids and titles of their own', () => {
    const all = checks(settings);
    expect(new Set(all.map(check => check.id)).size).toBe(all.length);
    expect(new Set(all.map(check => check.title)).size).toBe(all.length);
  });

  it('do not measure the disk for etcd, or look for etcd, a VIP and masters, in an image', () => {
    const ids = (purpose: 'install' | 'prepare') => checks(settings, purpose).map(check => check.id);
    expect(ids('install').filter(id => !ids('prepare').includes(id))).toEqual([
      'masters',
      'vip',
      'disk-latency',
      'control-plane-version',
      'lost-objects',
      'etcd',
    ]);
  });

  it('look for a VIP only where there is to be one', async () => {
    expect(checks(await load({})).map(check => check.id)).not.toContain('vip');
  });
});
