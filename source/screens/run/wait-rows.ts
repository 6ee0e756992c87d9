import { plain, type Row } from '../frame/rows';
import type { Wait } from '../state/run-types';
import type { ScreensState } from '../state/screens';
import { awaitedMasters, masterSteps } from '../state/awaited';
import { enumerated } from '../state/masters';
import { stepOf } from '../state/run';
import { stepTitle, waits } from '../state/stage';
import { spoken } from '../state/units';
import { shorten, wrapError, wrapShort } from '../terminal/width';

/** What runs just now, but for some steps, and since when, where nothing is waited for. */
function busyText({ run, now }: ScreensState, but: readonly string[]): string {
  const running = run.stages.flatMap(({ steps }) =>
    steps.filter(({ id, status }) => status === 'running' && !but.includes(id)),
  );
  const looking = run.checks.filter(({ findings }) => findings === undefined);
  if (running.length > 0) {
    return `Now: ${running.map(step => `${stepTitle(step)}, ${spoken(Math.max(0, now - (step.startedAt ?? now)))}`).join(' · ')}`;
  }
  if (but.length > 0) return '';
  return looking.length > 0
    ? `Checking: ${looking.map(({ title }) => title).join(' · ')}`
    : 'Getting ready …';
}

function awaitedRow(what: string, { since, timeoutMs }: Wait, now: number, room: number): Row {
  const times = `, ${spoken(Math.max(0, now - since))} of at most ${spoken(timeoutMs)}`;
  return plain(` ${shorten(what, room - times.length)}${times}`);
}

/** Lines below everything on the run screen. */
export const WAIT_ROWS = 3;

/** Which masters are to be joined by somebody, since when they are awaited, and how it is done. */
function joinRows({ run, now }: ScreensState, names: readonly string[], room: number): readonly Row[] {
  const joins = names.flatMap(masterSteps).flatMap(id => stepOf(run, id)?.wait ?? []);
  const [wait] = joins.sort((a, b) => a.since - b.since);
  const who = enumerated(names);
  const what: Row =
    wait === undefined
      ? plain(` ${shorten(`${who} can join now`, room)}`)
      : awaitedRow(`Waiting for ${who} to join`, wait, now, room);
  return [
    what,
    [
      { text: ' On each, as root: what ' },
      { text: 'kube-el7-install join-command', bold: true },
      { text: ' prints here; ' },
      { text: 'j', bold: true },
      { text: ': more' },
    ],
  ];
}

/** The wait that has lasted longest, but for those of some steps, with its last error, and where there is room the next one; where there is none, what runs. */
function waitingRows(state: ScreensState, lines: number, but: readonly string[] = []): readonly Row[] {
  const { run, now, size } = state;
  const room = size.columns - 2;
  const [wait, next] = waits(run, but);
  if (wait === undefined) {
    return wrapShort(busyText(state, but), room, lines).map(text => plain(` ${text}`));
  }
  const row = (one: Wait) => awaitedRow(`Waiting until ${one.title}`, one, now, room);
  const second = next === undefined || lines < 3 ? [] : [row(next)];
  const left = lines - 1 - second.length;
  const error =
    wait.lastError === undefined || left < 1 ? [] : wrapError(`last error: ${wait.lastError}`, room, left);
  return [row(wait), ...error.map(text => plain(` ${text}`)), ...second];
}

/** What Ctrl-C asks. */
export const STOP_ROWS: readonly Row[] = [
  [{ text: ' ▲ Leave the run to itself, or stop it?', bold: true, tone: 'warning' }],
  plain(' d  it goes on without this terminal; kube-el7-install attach shows it again'),
  plain(' s  the change being made is finished first; n  it may be left half done'),
];

/** The lines below everything: what is awaited, since when and for how long at most, and its last error; who is to join; or the question whether to stop. */
export function waitRows(state: ScreensState): readonly Row[] {
  const { run, size, stopping, overlay } = state;
  if (overlay?.kind === 'stop') {
    return STOP_ROWS;
  }
  if (stopping) {
    const text =
      state.atOnce === true ? ' ▲ Stopping now' : ' ▲ Stopping after this change; Ctrl-C again stops at once';
    return [...waitingRows(state, WAIT_ROWS - 1), [{ text, bold: true, tone: 'warning' }]];
  }
  const names = awaitedMasters(run).map(({ name }) => name);
  if (names.length === 0) {
    return waitingRows(state, WAIT_ROWS);
  }
  const join = joinRows(state, names, size.columns - 2);
  return [...join, ...waitingRows(state, WAIT_ROWS - join.length, names.flatMap(masterSteps))];
}
