import { describe, expect, it } from 'vitest';
import { removeUnfinished } from '../../source/installation/unfinished';
import { FakeHost } from '../support/fake-host';

const LEFT = '/etc/made.d/.one.conf.0123456789ab.new';

describe('what an interrupted run was writing', () => {
  it('is removed beside the file, on the host that it was written on, and nothing else is', async () => {
    const others = {
      '/etc/made.d/one.conf': 'one',
      '/etc/made.d/.one.conf.swp': 'an editor',
      '/etc/made.d/.other.conf.0123456789ab.new': 'somebody else',
      '/etc/made.d/.one.conf.0123456789xy.new': 'not ours',
    };
    const here = new FakeHost({ ...others, [LEFT]: 'o' });
    const there = new FakeHost({ [LEFT]: 'o' }, 'master2');
    const away = new FakeHost({ [LEFT]: 'o' }, 'master3');
    const notes: string[] = [];
    await removeUnfinished(
      [
        { path: '/etc/made.d/one.conf' },
        { path: '/etc/made.d/one.conf', host: 'master2' },
        { path: '/nowhere/at/all' },
        { path: '/etc/made.d/one.conf', host: 'master4' },
      ],
      {
        here,
        others: new Map([
          ['master2', there],
          ['master3', away],
        ]),
      },
      line => notes.push(line),
    );
    expect(here.modes().map(([path]) => path)).toEqual(Object.keys(others).sort());
    expect(there.text(LEFT)).toBeUndefined();
    expect(away.text(LEFT)).toBe('o');
    expect(notes).toEqual([
      `removed ${LEFT}, which an interrupted run was writing`,
      `removed ${LEFT}, which an interrupted run was writing`,
    ]);
  });

  it('stays where the host does not answer, and the run goes on', async () => {
    const here = new FakeHost({ [LEFT]: 'o' });
    here.list = () => Promise.reject(new Error('connection lost'));
    const notes: string[] = [];
    const unfinished = [{ path: '/etc/made.d/one.conf' }];
    await removeUnfinished(unfinished, { here, others: new Map() }, line => notes.push(line));
    expect(notes).toEqual([
      'what an interrupted run left beside /etc/made.d/one.conf stays: Error: connection lost',
    ]);
  });
});
