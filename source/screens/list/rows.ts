import type { KeyHint } from '../frame/chrome';
import { plain, type Row } from '../frame/rows';
import { STATUS_SIGNS } from '../run/glyphs';
import { earlierSteps } from '../state/lists';
import type { ScreensState } from '../state/screens';
import { stepTitle } from '../state/stage';
import { cut, wrap } from '../terminal/width';

/** A screen with a list: what stands above it, and what there is to choose from. */
export interface ListSheet {
  readonly title: string;
  readonly above: readonly Row[];
  readonly texts: readonly string[];
  /** Which of them cannot be chosen now. */
  readonly faint?: readonly boolean[];
  readonly keys: readonly KeyHint[];
}

/** Columns of the mark before a line. */
const MARK = 3;

/** The engine's question with its choices. */
export function questionSheet({ run, size }: ScreensState): ListSheet {
  const { text = '', choices = [] } = run.question ?? {};
  return {
    title: 'a question',
    above: [...wrap(text, size.columns - 2).map((line): Row => [{ text: ` ${line}`, bold: true }]), []],
    texts: choices.map(({ title }, index) => cut(`${index + 1} ${title}`, size.columns - MARK)),
    keys: [
      ['enter', 'answer'],
      ['Ctrl-C', 'stop'],
    ],
  };
}

/** The steps that can be gone back to, newest first. */
export function stepsSheet({ run, size, attached }: ScreensState): ListSheet {
  const planned = attached !== true;
  return {
    title: 'back to an earlier step',
    above: [
      plain(
        planned
          ? ' Choose a step: you see what is planned for it now, and run from there.'
          : ' Choose a step: the run begins again there, at once.',
      ),
      [],
    ],
    texts: earlierSteps(run).map(step =>
      cut(
        `${STATUS_SIGNS[step.status].glyph} ${step.stage} › ${stepTitle(step)} (${step.status})`,
        size.columns - MARK,
      ),
    ),
    keys: [
      ['enter', planned ? 'show its plan' : 'begin again there'],
      ['esc', 'back'],
    ],
  };
}
