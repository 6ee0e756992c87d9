/** The one glyph table: every non-ASCII character that the screens draw (and those that programs are fond of), with its ASCII twin of the same width. */
const ASCII_TWINS: Readonly<Record<string, string>> = {
  '✔': '+',
  '✘': 'x',
  '▲': '!',
  '●': '*',
  '·': '.',
  '★': '*',
  '◆': 'o',
  '○': '-',
  '▸': '>',
  '▾': 'v',
  '─': '-',
  '│': '|',
  '█': '#',
  '▁': '_',
  '▂': '.',
  '▃': '-',
  '▄': '=',
  '▅': '+',
  '▆': '*',
  '▇': '%',
  '▌': '=',
  '›': '>',
  '…': '~',
  '↑': '^',
  '↓': 'v',
  '▏': '_',
  // What programs print.
  '‘': "'",
  '’': "'",
  '“': '"',
  '”': '"',
  '–': '-',
  '—': '-',
  '•': '*',
  '→': '>',
  '✓': '+',
  '✗': 'x',
};

/** A frame for terminals and locales without Unicode: same columns, ASCII only; an unknown character is a question mark. */
export function toAscii(frame: string, width: (character: string) => number): string {
  return frame.replace(/[^\n\x20-\x7e\x1b]/gu, character => {
    return ASCII_TWINS[character] ?? '?'.repeat(width(character));
  });
}

/** Whether only ASCII is safe: the C and POSIX locales, and the kernel's console, whose font lacks most of the glyphs. */
export function needsAscii(env: Readonly<Record<string, string | undefined>>): boolean {
  const locale = [env['LC_ALL'], env['LC_CTYPE'], env['LANG']].find(
    value => value !== undefined && value !== '',
  );
  return env['TERM'] === 'linux' || env['TERM'] === 'dumb' || !/utf-?8/i.test(locale ?? '');
}

/** Whether colour may be used at all (https://no-color.org: any non-empty value of NO_COLOR forbids it). */
export function mayColour(env: Readonly<Record<string, string | undefined>>): boolean {
  return (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb';
}
