import { plain, type Row } from '../frame/rows';
import { logPage } from '../state/overlay-keys';
import type { ScreensState } from '../state/screens';
import { cut, fit } from '../terminal/width';

/** What the signs mean and which keys there are. */
export const HELP: readonly Row[] = [
  [{ text: ' What the signs mean', bold: true }],
  plain('   · not begun   ● at work now   ✔ done or right already   ✘ failed   ▲ warning'),
  plain('   etcd members:   · absent   ○ starting, learner   ◆ voter   ★ leader'),
  plain('   Beside a member: how long its answer took, the size of its data; the bars are'),
  plain('   its last answers: ▁ below 2 ms, ▄ from 20 ms, ▆ from 100 ms, █ from 500 ms'),
  [],
  [{ text: ' Keys during a run', bold: true }],
  plain('   ↑↓       choose a stage; its step and output are shown on the right'),
  plain('   f        follow again what happens now'),
  plain('   enter    show or hide the steps of the chosen stage'),
  plain('   j        how masters and workers join'),
  plain('   l        the whole output; the arrows, PgUp, PgDn, Home and End move in it'),
  plain('   d        detach: the run goes on; kube-el7-install attach shows it again'),
  plain('   Ctrl-C   asks: detach, stop after this change, or stop now; twice stops now'),
  [],
  plain(' A closed terminal changes nothing: the run goes on by itself. One that was'),
  plain(' stopped or cut off loses nothing: start the same command again.'),
];

/** The lines of the log in sight, each behind the step that printed it. */
export function logRows(state: ScreensState, end: number, left: number): readonly Row[] {
  const page = logPage(state);
  const width = state.size.columns >= 110 ? 28 : 20;
  return state.run.lines
    .slice(Math.max(0, end - page), end)
    .map(({ step, text }) => [
      { text: ` ${fit(step, width)} `, tone: 'faint' },
      { text: cut(text.slice(left), state.size.columns - width - 3) },
    ]);
}
