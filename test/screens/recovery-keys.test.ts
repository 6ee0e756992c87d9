import { describe, expect, it } from 'vitest';
import type { Diagnosis } from '../../source/recovery/diagnosis';
import { entries } from '../../source/screens/state/menu';
import type { Offer, Opening } from '../../source/screens/state/offers';
import { openedWith } from '../../source/screens/state/opening';
import { openingState, type Action, type ScreensState } from '../../source/screens/state/screens';
import { update } from '../../source/screens/state/update';
import type { Settings } from '../../source/variables/settings';
import { gone, lost, refused, replaced, snapshot, whole } from './support/diagnoses';
import { MASTER } from './support/opened';

const ANSWERS = { KUBE_VERSION: '1.20.2', DOCKER_REGISTRY: 'r', vip: '', masters: '' };
const ALL: readonly Offer[] = ['readd-member', 'undo', 'reset', 'support-bundle', 'attach'];
const SETTINGS = { kubeVersion: '1.20.2' } as Settings;

/** Screens after some actions, and the effects of the last one. */
function after(
  state: ScreensState,
  ...actions: readonly Action[]
): readonly [ScreensState, readonly string[]] {
  return actions.reduce<readonly [ScreensState, readonly string[]]>(
    ([before], action) => {
      const [next, ...effects] = update(before, action);
      return [
        next,
        effects.map(effect => {
          if (effect.kind === 'exit') return `exit ${effect.code}`;
          return effect.kind === 'open' ? `open ${effect.changes.command}` : effect.kind;
        }),
      ];
    },
    [state, []],
  );
}

function opened(opening: Opening, offers: readonly Offer[] = ALL): ScreensState {
  const state = openingState('p', { columns: 80, rows: 24 }, 0, ANSWERS);
  return after(openedWith(state, opening, offers), { type: 'opened' })[0];
}

const key = (name: string): Action => ({ type: 'key', key: name });
const keys = (...names: readonly string[]) => names.map(key);
const examined = (found?: Diagnosis): Action => ({
  type: 'examined',
  now: 1000,
  ...(found === undefined ? {} : { found }),
});

const recovery = (found: Diagnosis) => after(opened({ kind: 'recovery' }), examined(found))[0];

describe('what is opened', () => {
  it.each([
    [{ kind: 'recovery' }, 'recovery', ['examine']],
    [{ kind: 'plan', command: 'undo' }, 'loading', ['load']],
    [{ kind: 'plan', command: 'reset' }, 'loading', ['load']],
    [{ kind: 'menu', standing: MASTER }, 'menu', ['examine', 'stand']],
    [{ kind: 'wizard' }, 'wizard', ['ask-versions', 'validate', 'ask-registry']],
  ] as const)('%j is the screen %s and asks %j', (opening, screen, effects) => {
    const state = openedWith(openingState('p', { columns: 80, rows: 24 }, 0, ANSWERS), opening, ALL);
    const [next, asked] = after(state, { type: 'opened' });
    expect([next.screen, asked]).toEqual([screen, effects]);
  });
});

describe('a key of the recovery screen', () => {
  it.each<[string, Diagnosis, string, string, readonly string[]]>([
    ['y', replaced, 'loading', 'run', ['load']],
    ['c', replaced, 'loading', 'plan', ['load']],
    ['y', whole, 'recovery', '', []],
    ['y', gone, 'recovery', '', []],
    ['y', refused, 'recovery', '', []],
    ['c', refused, 'recovery', '', []],
    ['r', gone, 'recovery', '', ['examine']],
    ['s', gone, 'recovery', '', ['support-bundle']],
    ['q', gone, 'recovery', '', ['exit 130']],
    ['q', whole, 'recovery', '', ['exit 0']],
    ['b', gone, 'recovery', '', []],
    ['enter', replaced, 'recovery', '', []],
    ['ctrl-c', gone, 'recovery', '', ['exit 130']],
  ])('%s with %j', (name, found, screen, onward, effects) => {
    const [next, asked] = after(recovery(found), key(name));
    expect([next.screen, next.onward ?? '', asked]).toEqual([screen, onward, effects]);
  });

  it('says why it does nothing, until the next one', () => {
    const [said] = after(recovery(refused), key('y'));
    expect(said.examination?.said).toContain('too few members would be left');
    expect(after(said, key('r'))[0].examination?.said).toBeUndefined();
  });

  it('asks once, however often it is pressed', () => {
    const [asking] = after(recovery(gone), key('r'));
    expect(after(asking, key('r'))[1]).toEqual([]);
  });

  it('asks for one support bundle at a time, and for none where there is none to be had', () => {
    const [writing] = after(recovery(gone), key('s'));
    expect(after(writing, key('s'))[1]).toEqual([]);
    const [written] = after(writing, { type: 'bundled', note: '/root/x.tar.gz' });
    expect(after(written, key('s'))[1]).toEqual(['support-bundle']);
    const bare = after(opened({ kind: 'recovery' }, []), examined(gone))[0];
    expect(after(bare, key('s'))[1]).toEqual([]);
  });
});

describe('what was agreed to', () => {
  const agreed = after(recovery(replaced), key('y'), { type: 'loaded', settings: SETTINGS })[0];
  const checked = (fatal: number): ScreensState => ({
    ...agreed,
    run: { ...agreed.run, preflight: { fatal, warnings: 1 } },
  });

  it('begins after the checks, and not where one is fatal', () => {
    expect(agreed.screen).toBe('preflight');
    expect(after(agreed, { type: 'checked' })[1]).toEqual([]);
    expect(after(checked(1), { type: 'checked' })[1]).toEqual([]);
    const [running, effects] = after(checked(0), { type: 'checked' });
    expect([running.screen, running.running, effects]).toEqual(['run', true, ['run']]);
  });

  it('does not begin once somebody has gone back, whatever still comes', () => {
    const [back] = after(checked(0), key('b'));
    expect(back.screen).toBe('recovery');
    expect(after(back, { type: 'checked' })[1]).toEqual([]);
    expect(after(back, { type: 'loaded', settings: SETTINGS })[0].screen).toBe('recovery');
    expect(after(back, { type: 'installer', defaults: ANSWERS })[0].screen).toBe('recovery');
  });
});

describe('members that are looked at', () => {
  it('are asked again five seconds after the last answer, and not while they are asked', () => {
    const state = recovery(gone);
    expect(after(state, { type: 'tick', now: 5999 })[1]).toEqual([]);
    const [asking, effects] = after(state, { type: 'tick', now: 6000 });
    expect(effects).toEqual(['examine']);
    expect(after(asking, { type: 'tick', now: 60_000 })[1]).toEqual([]);
  });

  it('are not asked behind a run', () => {
    const state: ScreensState = { ...recovery(gone), screen: 'run', running: true };
    expect(after(state, { type: 'tick', now: 60_000 })[1]).toEqual([]);
  });
});

describe('a key of the screen of a lost quorum', () => {
  const state = recovery(lost);
  const typing = after(state, ...keys('down', 'enter'))[0];
  const named = after(typing, ...keys(...Array.from(lost.cluster)))[0];

  it('chooses among the sources, and stays inside', () => {
    const source = (...names: readonly string[]) => after(state, ...keys(...names))[0].restore?.source;
    expect([source(), source('up'), source('down'), source('down', 'down')]).toEqual([
      'member',
      'member',
      snapshot.id,
      snapshot.id,
    ]);
  });

  it('is a letter of the name while that is typed, also q, y and c', () => {
    const [next, effects] = after(typing, ...keys('q', 'y', 'c', 'b', 'r', 's'));
    expect([next.restore?.name.value, next.screen, effects]).toEqual(['qycbrs', 'restore', []]);
  });

  it('begins nothing, but enter behind the exact name', () => {
    for (const one of ['y', 'c', 'r', 'q', 'b', 's', 'up', 'escape', 'tab', ' ', 'end', 'pageup']) {
      expect(after(named, key(one))[1]).toEqual([]);
    }
    for (const wrong of ['', lost.cluster.slice(1), `${lost.cluster}0`, 'yes']) {
      const [next, effects] = after(typing, ...keys(...Array.from(wrong), 'enter'));
      expect([next.screen, effects]).toEqual(['restore', []]);
      expect(next.restore?.said).toContain(lost.cluster);
    }
    const [next, effects] = after(named, key('enter'));
    expect([next.screen, next.onward, effects]).toEqual(['loading', 'run', ['open readd-member']]);
  });

  it('leaves the name by escape, and what was typed of it', () => {
    const [back] = after(named, key('escape'));
    expect([back.restore?.typing, back.restore?.name.value]).toEqual([false, '']);
    expect(after(back, key('q'))[1]).toEqual(['exit 130']);
  });

  it('keeps what is typed while the same is found again, and not what was typed for a source that has gone', () => {
    expect(after(named, examined(lost))[0].restore?.name.value).toBe(lost.cluster);
    const without = { ...lost, sources: lost.sources?.slice(0, 1) ?? [] };
    const [next, effects] = after(named, examined(without), key('enter'));
    expect([next.restore?.source, next.restore?.typing, effects]).toEqual(['member', true, []]);
  });

  it('has nothing to choose where there is nothing to restore from', () => {
    const [none] = after(opened({ kind: 'recovery' }), examined({ ...lost, sources: [] }));
    expect(none.screen).toBe('restore');
    expect(after(none, key('enter'))[1]).toEqual([]);
    expect(after(none, key('q'))[1]).toEqual(['exit 130']);
  });
});

describe('a key of the menu', () => {
  const menu = after(opened({ kind: 'menu', standing: MASTER }), examined(whole))[0];

  it.each([
    ['1', 'loading', ['open install']],
    ['2', 'loading', ['open readd-member']],
    ['3', 'loading', ['open undo']],
    ['4', 'loading', ['open reset']],
    ['5', 'menu', ['support-bundle']],
    ['6', 'menu', ['exit 0']],
    ['7', 'menu', []],
    ['q', 'menu', ['exit 0']],
    ['r', 'menu', ['examine', 'stand']],
    ['down', 'menu', ['list-key']],
    ['enter', 'menu', ['list-key']],
    ['ctrl-c', 'menu', ['exit 130']],
  ])('%s', (name, screen, effects) => {
    const [next, asked] = after(menu, key(name));
    expect([next.screen, asked]).toEqual([screen, effects]);
  });

  it('begins nothing beside a run that is under way', () => {
    const [busy] = after(menu, { type: 'stands', standing: { ...MASTER, underWay: true } });
    for (const name of ['2', '4', '5']) expect(after(busy, key(name))[1]).toEqual([]);
    expect(after(busy, key('1'))[1]).toEqual(['exit 0']);
    expect(after(busy, key('1'))[0].attaching).toBe(true);
  });
});

describe('the entry of the menu for recovery', () => {
  const reason = (standing: typeof MASTER): string | undefined => {
    const [state] = after(opened({ kind: 'menu', standing }), examined());
    return entries(state).find(({ id }) => id === 'recovery')?.reason;
  };

  it('says of a master without a record something else than of a host that is none', () => {
    expect(reason(MASTER)).toBe('no record of its cluster is on this host');
    expect(reason({ ...MASTER, kind: 'worker' })).toBe('this host is no master of a cluster');
  });
});
