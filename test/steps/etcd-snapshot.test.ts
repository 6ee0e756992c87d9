import { beforeAll, describe, expect, it } from 'vitest';
import { growSteps } from '../../source/steps/grow-steps';
import type { Settings } from '../../source/variables/settings';
import { settings as settingsOf } from '../variables/told';
import { apply } from './etcd-apply';
import { EtcdHost, MASTERS } from './etcd-host';

const [MASTER, SECOND] = MASTERS;
const SNAPSHOTS = '/var/lib/kube-el7-install/snapshots';

let settings: Settings;

beforeAll(async () => {
  settings = await settingsOf({ vip: '10.0.0.100', masters: 'master1,master2,master3' });
});

describe('a snapshot', () => {
  const names = (host: EtcdHost): readonly string[] =>
    host
      .modes()
      .map(([path]) => path)
      .filter(path => path.startsWith(`${SNAPSHOTS}/`))
      .map(path => path.slice(SNAPSHOTS.length + 1));

  it('is verified, kept from others, and has its hash and revision beside it', async () => {
    const host = new EtcdHost();
    await apply(growSteps(settings, MASTER, SECOND, []).slice(0, 1), host);
    expect(names(host)).toEqual([
      expect.stringMatching(/^\d{8}T\d{6}Z-before-master2\.db$/),
      expect.stringMatching(/^\d{8}T\d{6}Z-before-master2\.json$/),
    ]);
    const [, verdict = ''] = names(host);
    expect(JSON.parse(host.text(`${SNAPSHOTS}/${verdict}`) ?? '')).toMatchObject({
      hash: 566411975,
      revision: 42,
    });
    expect(host.modes().filter(([path]) => path.startsWith(SNAPSHOTS))).toEqual([
      [SNAPSHOTS, 0o700],
      ...names(host).map(name => [`${SNAPSHOTS}/${name}`, 0o600]),
    ]);
  });

  it('is one of the five newest; what was cut off goes', async () => {
    const host = new EtcdHost();
    for (let day = 10; day < 17; day += 1) {
      host.put(`${SNAPSHOTS}/202601${day}T000000Z-before-master2.db`, 'etcd');
      if (day !== 16) host.put(`${SNAPSHOTS}/202601${day}T000000Z-before-master2.json`, '{}');
    }
    host.put(`${SNAPSHOTS}/20260117T000000Z-before-master2.db.part`, 'et');
    await apply(growSteps(settings, MASTER, SECOND, []).slice(0, 1), host);
    expect(names(host).length).toBe(10);
    expect(names(host).slice(0, 2)).toEqual([
      '20260112T000000Z-before-master2.db',
      '20260112T000000Z-before-master2.json',
    ]);
    expect(names(host).some(name => name.startsWith('20260116') || name.endsWith('.part'))).toBe(false);
  });

  it('is not taken again while one is fresh, and is when none was verified', async () => {
    const host = new EtcdHost();
    const [snapshot] = growSteps(settings, MASTER, SECOND, []);
    if (!snapshot) throw new Error('no step');
    await apply([snapshot], host);
    expect(await apply([snapshot], host)).toEqual([]);
    const verdict = names(host).find(name => name.endsWith('.json')) ?? '';
    host.drop(`${SNAPSHOTS}/${verdict}`);
    expect(await apply([snapshot], host)).toEqual([snapshot.id]);
  });
});
