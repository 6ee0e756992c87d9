/** What a piece of text means; colour only repeats what its word or glyph says. */
export type Tone = 'good' | 'bad' | 'warning' | 'accent' | 'faint';

export interface Span {
  readonly text: string;
  readonly tone?: Tone;
  readonly bold?: boolean;
}

/** One line to draw. */
export type Row = readonly Span[];

/** A line of plain text. */
export function plain(text: string): Row {
  return [{ text }];
}

/** A line's text without its tones, for the scrollback. */
export function rowText(row: Row): string {
  return row
    .map(({ text }) => text)
    .join('')
    .trimEnd();
}
