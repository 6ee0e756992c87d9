import type { Row, Tone } from './rows';

/** Lines behind a word that says what they are. */
export function labelledRows(
  label: string,
  lines: readonly string[],
  columns: number,
  tone?: Tone,
): readonly Row[] {
  return lines.map((text, index) => [
    { text: ` ${index === 0 ? label : ''}`.padEnd(columns), bold: true },
    { text, ...(tone === undefined ? {} : { tone }) },
  ]);
}
