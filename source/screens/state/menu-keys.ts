import type { Key } from '../terminal/keys';
import { bundled } from './bundle';
import { lookAgain } from './examination';
import { openOther } from './flow';
import { entries, type Entry } from './menu';
import type { MenuState } from './menu-types';
import type { Next, ScreensState } from './screens';
import { without } from './without';

function entered(state: ScreensState, { id }: Entry): Next {
  switch (id) {
    case 'attach':
      return [
        { ...state, attaching: true },
        { kind: 'exit', code: 0 },
      ];
    case 'install':
      return openOther(state, { command: 'install' }, 'wizard');
    case 'recovery':
      return openOther(state, { command: 'readd-member' }, 'examine');
    case 'undo':
    case 'reset':
      return openOther(state, { command: id }, 'check');
    case 'support-bundle':
      return bundled(state);
    case 'quit':
      return [state, { kind: 'exit', code: 0 }];
  }
}

function withMark(menu: MenuState, all: readonly Entry[], { id: mark }: Entry): MenuState {
  return { ...without(menu, 'said'), mark, order: all.map(({ id }) => id) };
}

/** A line of the menu is chosen; one that cannot be says why. */
export function chosenEntry(state: ScreensState, menu: MenuState, index: number): Next {
  const all = entries(state);
  const entry = all[index];
  if (entry === undefined) return [state];
  const marked = withMark(menu, all, entry);
  return entry.reason === undefined
    ? entered({ ...state, menu: entry.id === 'support-bundle' ? marked : { standing: menu.standing } }, entry)
    : [{ ...state, menu: { ...marked, said: `${entry.title}: ${entry.reason}.` } }];
}

/** Another line of the menu is marked. */
export function markedAt(state: ScreensState, menu: MenuState, index: number): Next {
  const all = entries(state);
  const entry = all[index];
  return entry === undefined ? [state] : [{ ...state, menu: withMark(menu, all, entry) }];
}

/** The keys of the menu; the arrows and enter are the list's own. */
export function pressedMenu(state: ScreensState, key: Key): Next {
  const { menu } = state;
  if (menu === undefined) return [state];
  if (/^[1-9]$/.test(key)) return chosenEntry(state, menu, Number(key) - 1);
  switch (key) {
    case 'q':
    case 'escape':
      return [state, { kind: 'exit', code: 0 }];
    case 'r':
      return lookAgain(state);
    case '?':
      return [{ ...state, overlay: { kind: 'help' } }];
    default:
      return [state, { kind: 'list-key', key }];
  }
}
