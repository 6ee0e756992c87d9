import type { ChangeSummary } from '../../engine/change';
import { plain, type Row } from '../frame/rows';
import { changeText } from '../state/plan';
import type { StageState, StepState } from '../state/run-types';
import { currentStep, stepTitle } from '../state/stage';
import { clock, count } from '../state/units';
import { shorten, textWidth, wrap, wrapShort } from '../terminal/width';

/** What a step is doing or came to, in a few words. */
export function progress(step: StepState): string {
  const { status, planned, done, current, withdrawal, ms = 0 } = step;
  if (withdrawal !== undefined && current !== undefined) {
    return `it failed; puts back what is half done: ${changeText(current)}`;
  }
  switch (status) {
    case 'pending':
      return 'not begun';
    case 'running':
      return planned.length === 0 || current === undefined
        ? 'looking at what is there'
        : `${Math.min(done + 1, planned.length)} of ${planned.length}: ${changeText(current)}`;
    case 'changed':
      return `done: ${count(planned.length, 'change')} in ${clock(ms)}`;
    case 'unchanged':
      return 'it was as it should be: nothing changed';
    case 'failed':
      return `failed after ${clock(ms)}`;
  }
}

function changeRow(change: ChangeSummary, index: number, step: StepState): Row {
  const over = index < step.done || step.status === 'changed';
  const sign = over ? '✔' : step.status === 'running' && index === step.done ? '●' : '·';
  return plain(`${sign} ${changeText(change)}`);
}

/** What programs draw for 80 columns or more, for fewer: tables without their gaps, rules no longer than a line. */
export function narrow(line: string, width: number): string {
  return textWidth(line) <= width
    ? line
    : line.replace(/(\S) {2,}(?=\S)/g, '$1 ').replace(/^([=-])\1+$/, '$1'.repeat(width));
}

/** The pane beside the stages: the step that matters in the chosen stage, and its output or, while it has none, its changes. */
export function outputRows(stage: StageState | undefined, width: number, height: number): readonly Row[] {
  const step = currentStep(stage);
  if (stage === undefined || step === undefined) {
    return [plain('Nothing has begun yet')];
  }
  const head: readonly Row[] = [
    ...wrapShort(stepTitle(step), width, 2).map((text): Row => [{ text, bold: true }]),
    ...wrapShort(progress(step), width, 2).map(plain),
  ];
  const changes = step.planned.map((change, index) => changeRow(change, index, step));
  const room = height - head.length - 1;
  const top = Math.max(0, Math.min(step.done - 2, changes.length - room));
  const output = step.output.slice(-room).flatMap(line => wrap(narrow(line, width), width));
  const body = output.length > 0 ? output.slice(-room).map(plain) : changes.slice(top);
  return [...head, [], ...body]
    .slice(0, height)
    .map(row => row.map(span => ({ ...span, text: shorten(span.text, width) })));
}
