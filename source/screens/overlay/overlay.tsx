import { content } from '../content';
import type { KeyHint } from '../frame/chrome';
import { Frame } from '../frame/frame';
import { Lines } from '../frame/lines';
import { plain, type Row } from '../frame/rows';
import { scrollKeys } from '../frame/scroll';
import { STOP_KEYS } from '../run/run';
import { STOP_ROWS } from '../run/wait-rows';
import { REPLAY_HELP } from '../replay/shown';
import { logPage } from '../state/overlay-keys';
import { bodyRows, type Overlay, type ScreensState } from '../state/screens';
import { HELP, logRows } from './rows';

interface Sheet {
  readonly title: string;
  readonly note?: string;
  readonly rows: readonly Row[];
  readonly keys: readonly KeyHint[];
}

function logSheet(state: ScreensState, overlay: Extract<Overlay, { kind: 'log' }>): Sheet {
  const { lines, dropped, log } = state.run;
  const { end = lines.length, left } = overlay;
  const from = Math.max(0, end - logPage(state));
  const where =
    end === lines.length
      ? 'newest'
      : `lines ${from + dropped + 1} to ${end + dropped} of ${lines.length + dropped}`;
  return {
    title: `log   ${log}`,
    note: where,
    rows: lines.length === 0 ? [plain(' No step has printed anything yet.')] : logRows(state, end, left),
    keys: [
      ['arrows PgUp PgDn', 'scroll'],
      ['End', 'newest'],
      ['Home', 'oldest'],
      ['esc', 'back'],
    ],
  };
}

const SHEETS = {
  values: 'all values, and where each comes from',
  details: 'certificates and notes',
  join: 'how nodes join',
} as const;

function longSheet(state: ScreensState, kind: keyof typeof SHEETS): Sheet {
  const { rows, height, top } = content(state);
  return {
    title: SHEETS[kind],
    rows: rows.slice(top),
    keys: [['esc', 'back'], ...scrollKeys(top, rows.length, height)],
  };
}

function sheetOf(state: ScreensState, overlay: Overlay | undefined): Sheet {
  switch (overlay?.kind) {
    case 'log':
      return logSheet(state, overlay);
    case 'values':
    case 'details':
    case 'join':
      return longSheet(state, overlay.kind);
    case 'stop':
      return { title: 'leave or stop?', rows: STOP_ROWS, keys: STOP_KEYS };
    default:
      return {
        title: 'help',
        rows: state.replay === undefined ? HELP : REPLAY_HELP,
        keys: [['any key', 'back']],
      };
  }
}

/** What lies over a screen, in the same frame. */
export function OverlayScreen({ state }: { readonly state: ScreensState }) {
  const { title, note = '', rows, keys } = sheetOf(state, state.overlay);
  return (
    <Frame size={state.size} left={`${state.product}   ${title}`} right={note} keys={keys}>
      <Lines rows={rows} height={bodyRows(state.size)} />
    </Frame>
  );
}
