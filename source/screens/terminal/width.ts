/** East Asian wide and fullwidth ranges and emoji that terminals draw two columns wide (Unicode 15, EastAsianWidth W and F, coarse). */
const WIDE: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0x303e],
  [0x3041, 0xa4cf],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x1f300, 0x1f64f],
  [0x1f680, 0x1f6ff],
  [0x1f900, 0x1f9ff],
  [0x20000, 0x3fffd],
];

/** Columns that one character takes: 0, 1 or 2. */
export function characterWidth(character: string): number {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x300) {
    return code < 0x20 || (code >= 0x7f && code < 0xa0) ? 0 : 1;
  }
  if (code <= 0x36f || (code >= 0x200b && code <= 0x200f) || (code >= 0xfe00 && code <= 0xfe0f)) {
    return 0;
  }
  return WIDE.some(([first, last]) => code >= first && code <= last) ? 2 : 1;
}

/** Columns that a plain text (no escape codes) takes. */
export function textWidth(text: string): number {
  let width = 0;
  for (const character of text) {
    width += characterWidth(character);
  }
  return width;
}

/** Cuts to `width` columns, an ellipsis in the last one where something was cut. */
export function cut(text: string, width: number): string {
  if (textWidth(text) <= width) {
    return text;
  }
  let kept = '';
  let used = 0;
  for (const character of text) {
    used += characterWidth(character);
    if (used > width - 1) {
      break;
    }
    kept += character;
  }
  return width > 0 ? `${kept}…` : '';
}

/** Cuts to `width` columns at the left. */
function cutLeft(text: string, width: number): string {
  if (textWidth(text) <= width) {
    return text;
  }
  let kept = '';
  let used = 0;
  for (const character of Array.from(text).reverse()) {
    used += characterWidth(character);
    if (used > width - 1) {
      break;
    }
    kept = character + kept;
  }
  return width > 0 ? `…${kept}` : '';
}

/** A path, or an image with its registry. */
const PATH = /[^\s=,;()]*\/[^\s,;()]+/g;

/** Cuts to `width` columns, but of a path that would lose its end, leading directories go first: "write …/manifests/etcd-init.yaml". */
export function shorten(text: string, width: number): string {
  if (textWidth(text) <= width) {
    return text;
  }
  for (const { 0: path, index } of text.matchAll(PATH)) {
    const before = text.slice(0, index);
    const after = text.slice(index + path.length);
    if (textWidth(before + path) < width) {
      continue;
    }
    const parts = path.split('/');
    const shorter = parts.slice(1).map((_, first) => `…/${parts.slice(first + 1).join('/')}`);
    const fits = (part: string) =>
      textWidth(before + part) < width || textWidth(before + part + after) <= width;
    return cut(before + (shorter.find(fits) ?? shorter[shorter.length - 1] ?? path) + after, width);
  }
  return cut(text, width);
}

/** Cuts to `width` columns in the middle: of an error both ends tell something. */
function cutMiddle(text: string, width: number): string {
  const end = Math.floor((width - 3) / 2);
  return textWidth(text) <= width ? text : `${cut(text, width - end - 1)} ${cutLeft(text, end).slice(1)}`;
}

/** Wraps into at most so many lines; what does not fit is left out by `less`, at the end of it or in its middle. */
function wrapInto(
  text: string,
  width: number,
  lines: number,
  less: (text: string, width: number) => string,
): string[] {
  let wrapped = wrap(text, width);
  for (let room = width * lines; wrapped.length > lines && room > 0; room--) {
    wrapped = wrap(less(text, room), width);
  }
  return wrapped;
}

/** What is done, in at most so many lines: paths give way first, then the end. */
export function wrapShort(text: string, width: number, lines: number): string[] {
  return wrapInto(text, width, lines, shorten);
}

/** An error in at most so many lines, with its beginning and its end. */
export function wrapError(text: string, width: number, lines: number): string[] {
  return wrapInto(text, width, lines, cutMiddle);
}

/** Exactly `width` columns: cut or padded on the right. */
export function fit(text: string, width: number): string {
  const short = cut(text, width);
  return short + ' '.repeat(Math.max(0, width - textWidth(short)));
}

/** The text at the left and at the right end of a line of exactly `width` columns; the left part gives way. */
export function ends(left: string, right: string, width: number): string {
  const end = cut(right, width);
  return fit(left, width - textWidth(end)) + end;
}

/** As much of a long word as fits, up to a separator where one comes late enough. */
function breakWord(word: string, width: number): string {
  const piece = cut(word, width + 1).slice(0, -1);
  const end = Math.max(piece.lastIndexOf('/'), piece.lastIndexOf(':'), piece.lastIndexOf(',')) + 1;
  return end > piece.length / 2 ? piece.slice(0, end) : piece;
}

/** Breaks at spaces, and inside words that are longer than a line (paths, digests). */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    let rest = word;
    if (line !== '' && textWidth(line) + 1 + textWidth(rest) <= width) {
      line += ` ${rest}`;
      continue;
    }
    if (line !== '') {
      lines.push(line);
    }
    while (textWidth(rest) > width) {
      const piece = breakWord(rest, width);
      lines.push(piece);
      rest = rest.slice(piece.length);
    }
    line = rest;
  }
  return [...lines, line];
}
