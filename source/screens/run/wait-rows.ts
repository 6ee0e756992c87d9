import { plain, type Row } from '../frame/rows';
import type { Wait } from '../state/run-types';
import type { ScreensState } from '../state/screens';
import { longestWait } from '../state/stage';
import { spoken } from '../state/units';
import { cut } from '../terminal/width';

/** What runs just now, where nothing is waited for. */
function busyText({ run }: ScreensState): string {
  const running = run.stages.flatMap(({ steps }) => steps.filter(({ status }) => status === 'running'));
  const looking = run.checks.filter(({ findings }) => findings === undefined);
  if (running.length > 0) {
    return `Now: ${running.map(({ title }) => title).join(' · ')}`;
  }
  return looking.length > 0
    ? `Checking: ${looking.map(({ title }) => title).join(' · ')}`
    : 'Getting ready …';
}

function waitRow({ title, since, timeoutMs }: Wait, now: number, room: number): Row {
  const times = `, ${spoken(Math.max(0, now - since))} of at most ${spoken(timeoutMs)}`;
  return plain(` ${cut(`Waiting until ${title}`, room - times.length)}${times}`);
}

/** The two lines below everything: what is awaited, since when and for how long at most, and its last error; or the question whether to stop. */
export function waitRows(state: ScreensState): readonly [Row, Row] {
  const { run, now, size, stopping, overlay } = state;
  const room = size.columns - 2;
  if (overlay?.kind === 'stop') {
    return [
      [{ text: ` ▲ Stop? The change being made is finished first.`, bold: true, tone: 'warning' }],
      plain(' Starting kube-el7-install again later goes on from there.'),
    ];
  }
  const wait = longestWait(run);
  const waiting: Row =
    wait === undefined ? plain(` ${cut(busyText(state), room)}`) : waitRow(wait, now, room);
  if (stopping) {
    return [
      waiting,
      [{ text: ' ▲ Stopping after this change; Ctrl-C again stops at once', bold: true, tone: 'warning' }],
    ];
  }
  return [
    waiting,
    wait?.lastError === undefined ? [] : plain(` ${cut(`last error: ${wait.lastError}`, room)}`),
  ];
}
