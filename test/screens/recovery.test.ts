import { describe, expect, it } from 'vitest';
import type { Diagnosis } from '../../source/recovery/diagnosis';
import { examinedMember, gone, lost, refused, replaced, snapshot, whole } from './support/diagnoses';
import { FakeInstaller } from './support/fake-installer';
import { Opened } from './support/opened';
import { puttingBack } from './support/putting-back';

interface At {
  readonly columns?: number;
  readonly rows?: number;
  readonly env?: Readonly<Record<string, string>>;
}

function examining(at: At, ...diagnoses: FakeInstaller['diagnoses']): Opened {
  const installer = new FakeInstaller();
  installer.defaults = { ...installer.defaults, DOCKER_REGISTRY: 'r' };
  installer.diagnoses = diagnoses;
  installer.events = puttingBack();
  return new Opened({ ...at, installer, opening: { kind: 'recovery' }, offers: {} });
}

describe.each([
  [80, 24],
  [120, 40],
])('recovery at %i by %i', (columns, rows) => {
  const file = (name: string) => `frames/recovery-${name}-${columns}x${rows}.txt`;

  it('follows a member from gone to back: its host is off, a new one joins, the run, the end', async () => {
    let answer: (found: Diagnosis) => void = () => undefined;
    const first = new Promise<Diagnosis>(resolve => {
      answer = resolve;
    });
    const screens = examining({ columns, rows }, () => first, gone, replaced, whole);
    await screens.sees('Asking every member of etcd');
    await expect(screens.frame).toMatchFileSnapshot(file('asking'));
    answer(gone);
    await screens.sees('master2 is gone');
    await expect(screens.frame).toMatchFileSnapshot(file('gone'));
    screens.press('y');
    await screens.sees('y does nothing now');
    await expect(screens.frame).toMatchFileSnapshot(file('gone-y'));
    screens.press('r');
    await screens.until(() => screens.installer.calls.filter(call => call === 'examine').length === 2);
    screens.press('r');
    await screens.sees('master2 can be put back now');
    await expect(screens.frame).toMatchFileSnapshot(file('replaced'));
    screens.press('y');
    await screens.until(() => screens.installer.calls.includes('run'));
    screens.play(event => event.type === 'output');
    await screens.sees('12 behind');
    await expect(screens.frame).toMatchFileSnapshot(file('run'));
    screens.play();
    await screens.sees('master2 is back: 3 voters, quorum 2, may lose 1');
    await expect(screens.frame).toMatchFileSnapshot(file('end'));
    screens.press('r');
    await screens.sees('All members are well');
    await expect(screens.frame).toMatchFileSnapshot(file('whole'));
    screens.press('q');
    expect(await screens.exit).toBe(0);
  });

  it('says what would make it possible where it must not be done', async () => {
    const screens = await examining({ columns, rows }, refused).sees('Not now');
    await expect(screens.frame).toMatchFileSnapshot(file('refused'));
    screens.press('y');
    await screens.sees('y does nothing: too few members would be left');
    expect(screens.installer.calls).not.toContain('run');
    screens.press('q');
    expect(await screens.exit).toBe(130);
    expect(screens.terminal.scrollback).toContain('master2  voter   10.160.24.12');
  });

  it('copes with long names, long addresses and long reasons', async () => {
    const long: Diagnosis = {
      ...refused,
      members: [
        examinedMember('ip-10-160-24-11.eu-central-1.compute.internal', 'well', {
          role: 'leader',
          address: '10.160.24.11',
        }),
        examinedMember('ip-10-160-24-12.eu-central-1.compute.internal', 'corrupt', {
          address: 'fd00:1234:5678:9abc:def0:1234:5678:9abc',
          detail: `panic: ${'page 4711 already freed, '.repeat(12)}file /var/lib/etcd/member/snap/db`,
        }),
        examinedMember('m3', 'absent', { role: 'none', detail: 'etcd does not have it as a member' }),
      ],
    };
    const screens = await examining({ columns, rows }, long).sees('Not now');
    await expect(screens.frame).toMatchFileSnapshot(file('long'));
  });

  it('of a lost quorum is a screen of its own, and begins only after the name of the cluster', async () => {
    const screens = await examining({ columns, rows }, lost).sees('Too few members are left');
    await expect(screens.frame).toMatchFileSnapshot(file('lost'));
    screens.press('down');
    await screens.sees('revision 4711 (');
    await expect(screens.frame).toMatchFileSnapshot(file('lost-snapshot'));
    screens.press('enter', '10.160.24.1', 'enter');
    await screens.sees('"10.160.24.1" is not it');
    await expect(screens.frame).toMatchFileSnapshot(file('lost-wrong'));
    screens.press('00');
    await screens.sees('enter BEGIN');
    await expect(screens.frame).toMatchFileSnapshot(file('lost-armed'));
    expect(screens.installer.calls).not.toContain('preflight');
    screens.press('enter');
    await screens.until(() => screens.installer.calls.includes('run'));
    expect(screens.installer.calls).toContain(
      `open ${JSON.stringify({ command: 'readd-member', snapshot: snapshot.id, acceptDataLoss: true })}`,
    );
    screens.play();
    await screens.sees('The cluster is there again');
    await expect(screens.frame).toMatchFileSnapshot(file('lost-end'));
  });
});

describe('recovery', () => {
  it('looks again by itself, and says how old what it shows is', async () => {
    const screens = await examining({}, gone, replaced).sees('master2 is gone');
    expect(screens.frame).toContain('seen 0 s ago');
    screens.pass(6000);
    await screens.sees('master2 can be put back now');
  });

  it('names every master that can be put back, however long their names are', async () => {
    const names = [212, 213].map(last => `ip-172-31-100-${last}.eu-central-1.compute.internal`);
    const screens = examining({ columns: 80 }, { ...replaced, readd: names });
    await screens.sees('can be put back now');
    const text = screens.frame.replace(/\s+/g, ' ');
    expect(text).toContain(`▲ ${names.join(' and ')} can be put back now`);
  });

  it('keeps what it knows where it cannot ask again, and says so', async () => {
    const screens = await examining({}, gone, () => Promise.reject(new Error('no more'))).sees(
      'master2 is gone',
    );
    screens.press('r');
    await screens.sees('The members could not be asked: no more');
    expect(screens.frame).toContain('EHOSTUNREACH');
  });

  it('shows the exact commands, and does them only after the checks', async () => {
    const screens = await examining({}, replaced).sees('master2 can be put back now');
    screens.press('c');
    await screens.sees(/\d+ stages, \d+ changes/);
    expect(screens.installer.calls).not.toContain('preflight');
    expect(screens.frame).toContain('plan: put master2 back');
    screens.press('b');
    await screens.sees('master2 can be put back now');
    screens.press('c');
    await screens.sees('y do it');
    screens.press('y');
    await screens.until(() => screens.installer.calls.includes('run'));
    expect(screens.installer.calls).toContain('preflight');
  });

  it('does nothing where a check is fatal, and shows it', async () => {
    const screens = await examining({}, replaced).sees('master2 can be put back now');
    screens.installer.preflights = ['preflight-fatal'];
    screens.press('y');
    await screens.sees('2 fatal');
    screens.press('enter');
    expect(screens.installer.calls).not.toContain('run');
    screens.press('b');
    await screens.sees('master2 can be put back now');
  });

  it('says where it has to be run on a host that is no master', async () => {
    await examining({}, undefined).sees('This host is no master');
  });

  it('leaves the screen of a lost quorum as soon as members are back', async () => {
    const screens = await examining({}, lost, whole).sees('Too few members are left');
    screens.press('enter', '10.160.24.10');
    await screens.sees('10.160.24.10▏');
    screens.pass(6000);
    await screens.sees('All members are well');
    screens.press('0', 'enter');
    expect(screens.installer.calls).not.toContain('preflight');
  });

  it('shows the plan of a restore without a key in it that begins', async () => {
    const screens = await examining({}, lost).sees('Too few members are left');
    screens.press('c');
    await screens.sees(/\d+ stages, \d+ changes/);
    screens.press('y');
    await screens.sees("type the cluster's name");
    expect(screens.installer.calls).not.toContain('preflight');
    screens.press('escape');
    await screens.sees('newest first');
  });

  it('does not use an installer that may lose data for putting a member back', async () => {
    const screens = await examining({}, lost, replaced).sees('Too few members are left');
    screens.press('c');
    await screens.sees(/\d+ stages, \d+ changes/);
    screens.press('b', 'r');
    await screens.sees('master2 can be put back now');
    screens.press('y');
    await screens.until(() => screens.installer.calls.includes('run'));
    const opened = screens.installer.calls.filter(call => call.startsWith('open'));
    expect(opened[opened.length - 1]).toBe('open {"command":"readd-member"}');
  });

  it('is shown in ASCII where nothing else can be', async () => {
    const screens = await examining({ env: { LANG: 'C' } }, replaced).sees('master2 can be put back now');
    expect(screens.frame).toMatch(/^[\x20-\x7e\n]*$/);
    await expect(screens.frame).toMatchFileSnapshot('frames/recovery-replaced-ascii.txt');
    const other = await examining({ env: { LANG: 'C' } }, lost).sees('Too few members are left');
    expect(other.frame).toMatch(/^[\x20-\x7e\n]*$/);
    await expect(other.frame).toMatchFileSnapshot('frames/recovery-lost-ascii.txt');
  });
});
