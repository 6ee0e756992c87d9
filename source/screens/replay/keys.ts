import { pressed as pressedOverlay } from '../state/overlay-keys';
import { pressedScreen } from '../state/screen-keys';
import type { ScreensState } from '../state/screens';
import type { Key } from '../terminal/keys';
import { atEnd, atStart, sped, stepped, toggled, type Playback } from './playback';

/** What a key does in a replay: to the playing, to what is looked at, or it ends it. */
export type Pressed =
  { readonly playback: Playback } | { readonly screens: ScreensState } | { readonly quit: true };

/** Keys that look at a run without wanting anything of an installer. */
const LOOKING: readonly string[] = [
  ...['up', 'down', 'pageup', 'pagedown', 'enter', 'f', 'escape', 'j', 'c', 'l', '?'],
];

function played(playback: Playback, key: Key): Playback | undefined {
  switch (key) {
    case ' ':
      return toggled(playback);
    case 'right':
      return stepped(playback, 1);
    case 'left':
      return stepped(playback, -1);
    case '+':
    case '=':
      return sped(playback, 1);
    case '-':
      return sped(playback, -1);
    case 'home':
      return atStart(playback);
    case 'end':
      return atEnd(playback);
    default:
      return undefined;
  }
}

/** What becomes of a replay after a key; pure. */
export function pressedReplay(playback: Playback, screens: ScreensState, key: Key): Pressed {
  if (key === 'ctrl-c') return { quit: true };
  if (screens.overlay !== undefined) return { screens: pressedOverlay(screens, key)[0] };
  if (key === 'q') return { quit: true };
  const moved = played(playback, key);
  if (moved !== undefined) return { playback: moved };
  const ending = key === 'enter' && screens.screen !== 'run';
  return LOOKING.includes(key) && !ending ? { screens: pressedScreen(screens, key)[0] } : { screens };
}
