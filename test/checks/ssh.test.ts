import { describe, expect, it } from 'vitest';
import type { Check, Finding } from '../../source/engine/check';
import { Failure } from '../../source/engine/failure';
import { checksOver } from '../../source/checks';
import { ssh } from '../../source/checks/ssh';
import { FakeHost } from '../support/fake-host';
import { settings as settingsOf } from '../variables/told';
import { found } from './found';

const master2 = { hostname: 'master2', address: '10.0.0.2' };
const here = new FakeHost();

function check(id: string, ...findings: readonly Finding[]): Check {
  return { id, title: id, run: host => Promise.resolve(host.name === 'master2' ? findings : []) };
}

const well = { level: 'ok', message: 'fine' } as const;
const swap = { level: 'warning', message: 'swap is on', fix: 'swapoff' } as const;

describe('the check of another master', () => {
  const reached = () => new FakeHost({}, 'master2').answer('hostname', 'Master2\n');

  it('makes the checks there, and tells with its name what is not well', async () => {
    const findings = await found(ssh(reached(), master2, [check('a', well), check('b', swap)]), here);
    expect(findings).toEqual([
      { level: 'ok', message: 'master2 is reached, and 2 checks were made there' },
      { level: 'warning', message: 'master2: swap is on', fix: 'swapoff' },
    ]);
  });

  it('refuses a host that calls itself something else, and looks no further', async () => {
    const host = reached().answer('hostname', 'worker1\n');
    const findings = await found(ssh(host, master2, [check('a', swap)]), here);
    expect(findings).toMatchObject([
      { level: 'fatal', message: expect.stringContaining('worker1') as string },
    ]);
  });

  it('tells a check that breaks, and lets the failure of ssh itself through', async () => {
    const breaks: Check = { id: 'x', title: 'X', run: () => Promise.reject(new Error('oops')) };
    const findings = await found(ssh(reached(), master2, [breaks, check('b', swap)]), here);
    expect(findings.map(({ message }) => message)).toEqual([
      expect.stringContaining('reached'),
      'master2: "X" could not be looked at: oops',
      'master2: swap is on',
    ]);
    const failure = new Failure({ code: 'ssh-login', message: 'no' });
    const silent = reached().answer('hostname', () => Promise.reject(failure));
    await expect(ssh(silent, master2, []).run(here)).rejects.toBe(failure);
  });

  it('is made for each master that is reached', async () => {
    const settings = await settingsOf({ vip: 'vip.lab', masters: 'master1,master2,master3' });
    const ids = (...names: string[]) =>
      checksOver(settings, new Map(names.map(name => [name, new FakeHost({}, name)]))).map(({ id }) => id);
    expect(ids()).toEqual([]);
    expect(ids('master3', 'master2')).toEqual(['ssh-master2', 'ssh-master3']);
  });
});
