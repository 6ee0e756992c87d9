import { footRow, headRow, ruleRow } from '../frame/chrome';
import { TONES, type Row } from '../frame/rows';
import { SMALLEST, type ScreensState } from '../state/screens';
import { wizardParts } from './parts';

function styled(row: Row, colour: boolean): string {
  return row
    .map(({ text, tone, bold = false }) => {
      const codes = [...(bold ? [1] : []), ...(colour && tone !== undefined ? [TONES[tone].code] : [])];
      return codes.length === 0 ? text : `\x1b[${codes.join(';')}m${text}\x1b[0m`;
    })
    .join('');
}

/**
 * The wizard's first frame, made of the same rows as Ink draws, but without Ink: loading that takes longer than
 * everything before it, and meanwhile the question can be read and answered. Undefined where the terminal is too small.
 */
export function openingFrame(state: ScreensState, colour: boolean): string | undefined {
  const { columns, rows } = state.size;
  if (columns < SMALLEST.columns || rows < SMALLEST.rows) {
    return undefined;
  }
  const { left, right, keys, questions, panel, panelHeight } = wizardParts(state);
  const blank = Array.from({ length: panelHeight - panel.length }, (): Row => []);
  const rule = ruleRow(columns);
  return [
    headRow(left, right, columns),
    rule,
    ...questions,
    rule,
    ...panel,
    ...blank,
    rule,
    footRow(keys, columns),
  ]
    .map(row => styled(row, colour))
    .join('\n');
}
