import type { KeyHint } from '../frame/chrome';
import type { FrameParts } from '../frame/parts';
import { plain, type Row } from '../frame/rows';
import type { RunState } from '../state/run-types';
import type { ScreensState } from '../state/screens';
import { clock } from '../state/units';
import { momentOf, pauseOf, type Playback } from './playback';

/** What the head and the foot say of a recording, beside the run's own. */
export interface ReplayShown {
  readonly title: string;
  readonly status: string;
  readonly playing: boolean;
}

/** Keys of the screens that do the same in a replay; the others would change something. */
const KEPT: readonly string[] = ['↑↓', 'enter', 'f', 'j', 'c', 'l', '?'];

function title({ run, events }: Playback): string {
  const [first] = events;
  const date = (first?.time ?? '').slice(0, 16).replace('T', ' ');
  const host = run.host === '' ? '' : ` on ${run.host}`;
  return `replay of ${date} UTC${host}`;
}

function endText({ run }: Playback): string {
  if (run.end === undefined) return 'the record ends here, the run had not';
  return run.end.outcome === 'interrupted' ? 'interrupted' : 'end';
}

function status(playback: Playback, leftOut: number): string {
  const { at, events, playing, speed } = playback;
  const { whole, played } = pauseOf(playback);
  const ended = at >= events.length;
  const pause = playing && whole > played ? `pause of ${clock(whole)} shortened` : undefined;
  const state = ended ? endText(playback) : playing ? `×${speed}` : 'paused';
  const lines = ended && leftOut > 0 ? `${leftOut} lines left out` : undefined;
  return [lines, pause, state, `${at}/${events.length}`].filter(part => part !== undefined).join(' · ');
}

/** The screen of a moment of a run: its result only once it is there. */
function screenOf(run: RunState): ScreensState['screen'] {
  if (run.end?.outcome === 'succeeded') return 'summary';
  if (run.end?.outcome === 'failed') return 'failure';
  return run.startedAt === undefined && run.checks.length > 0 ? 'preflight' : 'run';
}

/** The screens as they are at this moment of the recording. */
export function withPlayback(state: ScreensState, playback: Playback, leftOut: number): ScreensState {
  const { run, playing } = playback;
  const screen = screenOf(run);
  return {
    ...state,
    product: run.product === '' ? state.product : run.product,
    run,
    now: momentOf(playback),
    screen,
    top: screen === state.screen ? state.top : 0,
    replay: { title: title(playback), status: status(playback, leftOut), playing },
  };
}

/** A frame's head and foot in a replay. What lies over a screen keeps its own keys. */
export function replayParts(
  { title: heading, status: where, playing }: ReplayShown,
  covered: boolean,
): (parts: FrameParts) => FrameParts {
  const own: readonly KeyHint[] = [
    ['space', playing ? 'pause' : 'play'],
    ['→', 'next'],
    ['+ -', 'speed'],
    ['q', 'quit'],
    ['?', 'help'],
  ];
  return ({ left, right, keys }) => ({
    left: `${heading}   ${left}`,
    right: right === '' ? where : `${where} · ${right}`,
    keys: covered ? keys : [...own, ...keys.filter(([key]) => KEPT.includes(key) && key !== '?')],
  });
}

/** The help of a replay. */
export const REPLAY_HELP: readonly Row[] = [
  [{ text: ' A recorded run, on the screens that it had. No host is touched.', bold: true }],
  [],
  [{ text: ' Keys of the replay', bold: true }],
  plain('   space    pause, go on; at the end, from the start'),
  plain('   → ←      the next event, the one before; output lines are passed over'),
  plain('   + -      faster, slower'),
  plain('   Home End the start and the end of the record'),
  plain('   q        quit'),
  plain('   Longer pauses are shortened to 3 s; the head line then says how long it was.'),
  plain('   Times are those of the record.'),
  [],
  [{ text: ' Keys of the run', bold: true }],
  plain('   ↑↓       choose a stage; its step and output are shown on the right'),
  plain('   f        follow again what happens now'),
  plain('   enter    show or hide the steps of the chosen stage'),
  plain('   l        the whole output; the arrows, PgUp, PgDn, Home and End move in it'),
];
