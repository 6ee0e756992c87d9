/** What a piece of text means; colour only repeats what its word or glyph says. */
export type Tone = 'good' | 'bad' | 'warning' | 'accent' | 'faint';

/** Each tone's colour, by Ink's name and as the terminal's code. */
export const TONES: Readonly<Record<Tone, { readonly name: string; readonly code: number }>> = {
  good: { name: 'green', code: 32 },
  bad: { name: 'red', code: 31 },
  warning: { name: 'yellow', code: 33 },
  accent: { name: 'cyan', code: 36 },
  faint: { name: 'gray', code: 90 },
};

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
