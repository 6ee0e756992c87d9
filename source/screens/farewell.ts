import { failureRows } from './failure/rows';
import { rowText } from './frame/rows';
import { diagnosisLines } from '../renderers/diagnosis-text';
import { commandOf, failureAsked, type ScreensState } from './state/screens';
import { endRows } from './summary/end-rows';
import { wholeRows } from './summary/rows';

/** What is printed on the ordinary screen at the end, so that it stays in the scrollback; empty where there is nothing to keep. */
export function farewell(state: ScreensState): string {
  const { run, screen, now } = state;
  const { columns } = state.size;
  if (state.detached === true) {
    return detachedLines(state);
  }
  const bundle = state.bundle === undefined ? [] : [`Support bundle: ${state.bundle}`];
  if (screen === 'summary') {
    const rows = commandOf(state) === 'install' ? wholeRows(run, now, columns) : endRows(state);
    return lines(rows.map(rowText));
  }
  const install = commandOf(state) === 'install';
  const goOn = install ? 'again' : 'same';
  if (screen === 'failure') {
    return lines([...failureRows(run, columns, goOn).map(rowText), ...bundle]);
  }
  if (screen === 'run') {
    const how =
      state.atOnce === true
        ? 'Stopped at once: the change that was being made may be half done.'
        : 'Stopped.';
    return lines([
      how,
      `Start ${install ? 'kube-el7-install' : 'the same command'} again: it looks at what is there and does the rest.`,
      `Log: ${run.log}`,
    ]);
  }
  const found = screen === 'recovery' || screen === 'restore' ? state.examination?.found : undefined;
  const left = [...(found === undefined ? [] : diagnosisLines(found)), ...bundle];
  return left.length === 0 ? '' : lines(left);
}

/** Where to find the run that was left to itself. */
function detachedLines(state: ScreensState): string {
  const host = state.run.host === '' ? '' : ` on ${state.run.host}`;
  return lines([
    failureAsked(state)
      ? `The run${host} waits for an answer, and goes on waiting.`
      : `The run${host} goes on without this terminal.`,
    'Take part again, from any terminal there: kube-el7-install attach',
    'See once how it stands:                   kube-el7-install status',
  ]);
}

function lines(texts: readonly string[]): string {
  return `${texts.join('\n')}\n`;
}
