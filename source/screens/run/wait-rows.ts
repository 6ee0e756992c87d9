import { plain, type Row } from '../frame/rows';
import type { Wait } from '../state/run-types';
import type { ScreensState } from '../state/screens';
import { longestWait } from '../state/stage';
import { spoken } from '../state/units';
import { shorten, wrapError, wrapShort } from '../terminal/width';

/** What runs just now and since when, where nothing is waited for. */
function busyText({ run, now }: ScreensState): string {
  const running = run.stages.flatMap(({ steps }) => steps.filter(({ status }) => status === 'running'));
  const looking = run.checks.filter(({ findings }) => findings === undefined);
  if (running.length > 0) {
    return `Now: ${running.map(({ title, startedAt = now }) => `${title}, ${spoken(Math.max(0, now - startedAt))}`).join(' · ')}`;
  }
  return looking.length > 0
    ? `Checking: ${looking.map(({ title }) => title).join(' · ')}`
    : 'Getting ready …';
}

function waitRow({ title, since, timeoutMs }: Wait, now: number, room: number): Row {
  const times = `, ${spoken(Math.max(0, now - since))} of at most ${spoken(timeoutMs)}`;
  return plain(` ${shorten(`Waiting until ${title}`, room - times.length)}${times}`);
}

/** Lines below everything on the run screen. */
export const WAIT_ROWS = 3;

/** The lines below everything: what is awaited, since when and for how long at most, and its last error; or the question whether to stop. */
export function waitRows(state: ScreensState): readonly Row[] {
  const { run, now, size, stopping, overlay } = state;
  const room = size.columns - 2;
  if (overlay?.kind === 'stop') {
    return [
      [{ text: ` ▲ Stop? The change being made is finished first.`, bold: true, tone: 'warning' }],
      plain(' Starting kube-el7-install again later goes on from there.'),
    ];
  }
  const wait = longestWait(run);
  const waiting: readonly Row[] =
    wait === undefined
      ? wrapShort(busyText(state), room, stopping ? 2 : WAIT_ROWS).map(text => plain(` ${text}`))
      : [waitRow(wait, now, room)];
  if (stopping) {
    return [
      ...waiting,
      [{ text: ' ▲ Stopping after this change; Ctrl-C again stops at once', bold: true, tone: 'warning' }],
    ];
  }
  const error = wait?.lastError === undefined ? [] : wrapError(`last error: ${wait.lastError}`, room, 2);
  return [...waiting, ...error.map(text => plain(` ${text}`))];
}
