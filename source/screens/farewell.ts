import { failureRows } from './failure/rows';
import { rowText } from './frame/rows';
import type { ScreensState } from './state/screens';
import { wholeRows } from './summary/rows';

/** What is printed on the ordinary screen at the end, so that it stays in the scrollback; empty where there is nothing to keep. */
export function farewell(state: ScreensState): string {
  const { run, screen, now, running } = state;
  const { columns } = state.size;
  if (screen === 'summary') {
    return lines(wholeRows(run, now, columns).map(rowText));
  }
  if (screen === 'failure') {
    return lines(failureRows(run, columns).map(rowText));
  }
  if (screen === 'run') {
    const how = running ? 'Stopped at once: the change that was being made may be half done.' : 'Stopped.';
    return lines([
      how,
      'Start kube-el7-install again: it looks at what is there and does the rest.',
      `Log: ${run.log}`,
    ]);
  }
  return '';
}

function lines(texts: readonly string[]): string {
  return `${texts.join('\n')}\n`;
}
