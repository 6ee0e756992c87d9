import type { Diagnosis, RestoreSource } from '../../recovery/diagnosis';
import { content, scrolledTop } from '../content';
import type { Key } from '../terminal/keys';
import { openOther } from './flow';
import type { OpenChanges } from './offers';
import { shared } from './recovery-keys';
import { chosenSource, type RestoreState } from './restore-types';
import type { Next, ScreensState } from './screens';
import { textField, typed } from './text-field';
import { without } from './without';

function asked(source: RestoreSource): OpenChanges {
  return { command: 'readd-member', snapshot: source.id, acceptDataLoss: true };
}

const GIVE_UP: OpenChanges = { command: 'readd-member', giveUpRestore: true };

/** Only the cluster's name as it is arms enter. */
function confirmed(
  state: ScreensState,
  restore: RestoreState,
  { cluster }: Diagnosis,
  source: RestoreSource,
): Next {
  const { value } = restore.name;
  if (value !== cluster) {
    const is = value === '' ? 'nothing is typed' : `"${value}" is not it`;
    return [
      { ...state, restore: { ...restore, said: `${is}. Nothing begins before ${cluster} stands here.` } },
    ];
  }
  const agreed = { ...without(state, 'putBack'), restored: source };
  return openOther(
    { ...agreed, restore: { ...restore, typing: false, name: textField('') } },
    asked(source),
    'run',
  );
}

function typing(state: ScreensState, restore: RestoreState, found: Diagnosis, key: Key): Next {
  const source = chosenSource(state);
  if (key === 'escape' || source === undefined) {
    return [{ ...state, restore: { ...without(restore, 'said'), typing: false, name: textField('') } }];
  }
  if (key === 'enter') return confirmed(state, restore, found, source);
  const name = typed(restore.name, key);
  if (name === undefined) return [{ ...state, top: scrolledTop(content(state), key) ?? state.top }];
  return [{ ...state, restore: { ...without(restore, 'said'), name } }];
}

function moved(state: ScreensState, restore: RestoreState, { sources = [] }: Diagnosis, by: 1 | -1): Next {
  const index = sources.findIndex(({ id }) => id === restore.source);
  const next = sources[Math.max(0, Math.min(sources.length - 1, index + by))];
  return next === undefined ? [state] : [{ ...state, restore: { ...restore, source: next.id } }];
}

/** The keys of the screen of a lost quorum: first a source is chosen, then the cluster's name is typed; no single key begins anything. */
export function pressedRestore(state: ScreensState, key: Key): Next {
  const { restore, examination } = state;
  const found = examination?.found;
  if (restore === undefined || found === undefined) return shared(state, key);
  if (restore.typing) return typing(state, restore, found, key);
  switch (key) {
    case 'up':
    case 'down':
      return moved(state, restore, found, key === 'up' ? -1 : 1);
    case 'enter':
      return [{ ...state, restore: { ...restore, typing: true, name: textField('') } }];
    case 'g':
      return found.mayGiveUp === true
        ? openOther(without(without(state, 'restored'), 'putBack'), GIVE_UP, 'plan')
        : [state];
    case 'c': {
      const source = chosenSource(state);
      return source === undefined
        ? [state]
        : openOther({ ...state, restored: source }, asked(source), 'plan');
    }
    default:
      return shared(state, key);
  }
}
