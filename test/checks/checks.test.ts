import { describe, expect, it } from 'vitest';
import { checks } from '../../source/checks';
import { settingsWith } from '../steps/prepare/el7';

describe('all checks', () => {
  it('have ids and titles of their own', async () => {
    const all = checks(await settingsWith());
    expect(new Set(all.map(check => check.id)).size).toBe(all.length);
    expect(new Set(all.map(check => check.title)).size).toBe(all.length);
  });

  it('do not measure the disk for etcd in an image', async () => {
    const settings = await settingsWith();
    const ids = (purpose: 'install' | 'prepare') => checks(settings, purpose).map(check => check.id);
    expect(ids('install').filter(id => !ids('prepare').includes(id))).toEqual(['disk-latency']);
  });
});
