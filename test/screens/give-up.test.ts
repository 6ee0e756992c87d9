import { describe, expect, it } from 'vitest';
import { entries } from '../../source/screens/state/menu';
import { openedWith } from '../../source/screens/state/opening';
import { openingState, type ScreensState } from '../../source/screens/state/screens';
import { update } from '../../source/screens/state/update';
import { back, lost } from './support/diagnoses';
import { FakeInstaller } from './support/fake-installer';
import { MASTER, Opened } from './support/opened';

const ANSWERS = { KUBE_VERSION: '1.20.2', DOCKER_REGISTRY: 'r', vip: '', masters: '' };

function recovery(found: typeof back): ScreensState {
  const state = openingState('p', { columns: 80, rows: 24 }, 0, ANSWERS);
  const [opened] = update(openedWith(state, { kind: 'recovery' }, ['readd-member']), { type: 'opened' });
  return update(opened, { type: 'examined', now: 1000, found })[0];
}

describe('a restore that was begun and can be given up', () => {
  it.each([
    [80, 24],
    [120, 40],
  ])('is offered so at %i by %i once the others are back', async (columns, rows) => {
    const installer = new FakeInstaller();
    installer.diagnoses = [back];
    const screens = new Opened({ columns, rows, installer, opening: { kind: 'recovery' } });
    await screens.sees('can be given up');
    await expect(screens.frame).toMatchFileSnapshot(`frames/recovery-give-up-${columns}x${rows}.txt`);
  });

  it('is given up by y, and its plan is shown by c', () => {
    for (const [key, onward] of [
      ['y', 'run'],
      ['c', 'plan'],
    ] as const) {
      const [next, ...effects] = update(recovery(back), { type: 'key', key });
      expect([next.screen, next.onward, effects]).toEqual(['loading', onward, [{ kind: 'load' }]]);
    }
  });

  it('is given up by g where nobody is back, which shows the plan first; not where it has replaced the data', () => {
    const [next, effect] = update(recovery({ ...lost, mayGiveUp: true }), { type: 'key', key: 'g' });
    expect([next.screen, next.onward]).toEqual(['loading', 'plan']);
    expect(effect).toEqual({ kind: 'open', changes: { command: 'readd-member', giveUpRestore: true } });
    const [same, ...none] = update(recovery(lost), { type: 'key', key: 'g' });
    expect([same.screen, none]).toEqual(['restore', []]);
  });

  it('is what the menu says, before everything else', () => {
    const state = openingState('p', { columns: 80, rows: 24 }, 0, ANSWERS);
    const menu = openedWith(state, { kind: 'menu', standing: MASTER }, ['readd-member']);
    const [found] = update(menu, { type: 'examined', now: 1000, found: back });
    expect(entries(found)[0]?.title).toBe('Give up the restore that was begun here');
  });
});
