import { beforeAll, describe, expect, it } from 'vitest';
import { growSteps } from '../../source/steps/grow-steps';
import type { Settings } from '../../source/variables/settings';
import { settings as settingsOf } from '../variables/told';
import { UNDO } from '../../source/steps/paths';
import type { FakeHost } from '../support/fake-host';
import { apply } from './etcd-apply';
import { applyRecorded, recordOn } from './undo/undoable';
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

  const STATUS = '{"hash":566411975,"revision":42}';
  const ours = (host: EtcdHost, day: number, status = STATUS): string => {
    const name = `202601${day}T000000Z-before-master2`;
    host.put(`${SNAPSHOTS}/${name}.db`, 'etcd').put(`${SNAPSHOTS}/${name}.json`, status);
    return name;
  };
  const save = (host: EtcdHost): Promise<unknown> =>
    apply(growSteps(settings, MASTER, SECOND, []).slice(0, 1), host);

  it('is one of the five newest of those that were made here', async () => {
    const host = new EtcdHost();
    for (let day = 10; day < 17; day += 1) ours(host, day);
    await save(host);
    expect(names(host).length).toBe(10);
    expect(names(host).slice(0, 2)).toEqual([
      '20260113T000000Z-before-master2.db',
      '20260113T000000Z-before-master2.json',
    ]);
  });

  it("never removes what is somebody else's: other names, another hash, links, directories, what has no hash beside it", async () => {
    const host = new EtcdHost();
    const theirs = [
      ...['nightly.db', 'nightly.json', 'README', '20260101T000000Z.db', '20260101T000000Z-mine.db'],
      ...[
        '20260101T000000Z-mine.json',
        '20260102T000000Z-before-master2.db',
        '20260117T000000Z-before-x.db.part',
      ],
    ];
    for (const name of theirs) host.put(`${SNAPSHOTS}/${name}`, STATUS);
    const other = ours(host, 10, '{"hash":1,"revision":42}');
    const older = ours(host, 11, '{"hash":566411975,"revision":41}');
    const unread = ours(host, 12, 'half a verd');
    const linked = '20260103T000000Z-before-master2';
    await host.link(`${SNAPSHOTS}/${linked}.db`, '/root/nightly.db');
    host.put(`${SNAPSHOTS}/${linked}.json`, STATUS);
    await host.makeDirectory(`${SNAPSHOTS}/20260104T000000Z-before-master2.db`, 0o700);
    host.put(`${SNAPSHOTS}/20260104T000000Z-before-master2.json`, STATUS);
    const gone = ours(host, 13);
    for (let day = 14; day < 18; day += 1) ours(host, day);
    const before = names(host);
    await save(host);
    const after = names(host);
    expect(before.filter(name => !after.includes(name))).toEqual([`${gone}.db`, `${gone}.json`]);
    for (const name of [other, older, unread, linked]) expect(after).toContain(`${name}.db`);
  });

  it('goes where saving it was cut off, and only then', async () => {
    const host = new EtcdHost();
    const cut = '20260101T000000Z-before-master2';
    const mark = `kube-el7-install is saving ${cut}.db\n`;
    host.put(`${SNAPSHOTS}/${cut}.begun`, mark).put(`${SNAPSHOTS}/${cut}.db.part`, 'et');
    const whole = ours(host, 12);
    host.put(`${SNAPSHOTS}/${whole}.begun`, mark.replace(cut, whole));
    host.put(`${SNAPSHOTS}/20260102T000000Z-before-x.begun`, 'not ours');
    host.put(`${SNAPSHOTS}/20260102T000000Z-before-x.db.part`, 'theirs');
    await save(host);
    expect(names(host).filter(name => name.startsWith('202601'))).toEqual([
      '20260102T000000Z-before-x.begun',
      '20260102T000000Z-before-x.db.part',
      `${whole}.db`,
      `${whole}.json`,
    ]);
  });

  it('is not kept for taking it back where it goes: a later one is made', async () => {
    const host = new EtcdHost();
    for (let day = 10; day < 17; day += 1) ours(host, day);
    const read: string[] = [];
    const { read: real } = Object.getPrototypeOf(Object.getPrototypeOf(host)) as { read: FakeHost['read'] };
    host.read = path => (read.push(path), real.call(host, path));
    const [step] = growSteps(settings, MASTER, SECOND, []);
    if (step === undefined) throw new Error('no step');
    await applyRecorded([step], host, recordOn(host, 'run1'));
    expect(read.filter(path => path.endsWith('.db'))).toEqual([]);
    expect(host.text(`${UNDO}/run1.jsonl`)).not.toContain('202601');
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
