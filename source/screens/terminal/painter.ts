import { BLANK, cells, type Cell } from './cells';

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

interface Row {
  /** The line as the frame had it, so that an equal line needs no reading. */
  readonly source: string;
  readonly cells: readonly Cell[];
}

/** What the terminal shows after a painting. */
export interface Painted {
  readonly size: Size;
  readonly rows: readonly Row[];
}

/** Unchanged cells that are cheaper to write again than to step over: a cursor address takes 6 to 8 bytes. */
const BRIDGE = 6;

function same(a: Cell | undefined, b: Cell | undefined): boolean {
  return a?.character === b?.character && a?.style === b?.style;
}

/** First and one-past-last columns of what differs, near ones joined. */
function spans(before: readonly Cell[], after: readonly Cell[]): [number, number][] {
  const found: [number, number][] = [];
  for (let column = 0; column < after.length; column++) {
    if (same(before[column], after[column])) {
      continue;
    }
    const last = found[found.length - 1];
    if (last !== undefined && column - last[1] <= BRIDGE) {
      last[1] = column + 1;
    } else {
      found.push([column, column + 1]);
    }
  }
  return found.map(([from, to]) => widen(after, before, from, to));
}

/** A span must not begin or end inside a wide character, of the old row or of the new one. */
function widen(after: readonly Cell[], before: readonly Cell[], from: number, to: number): [number, number] {
  let first = from;
  let end = to;
  while (first > 0 && (after[first]?.character === '' || before[first]?.character === '')) first--;
  while (end < after.length && (after[end]?.character === '' || before[end]?.character === '')) end++;
  return [first, end];
}

function paintSpan(row: readonly Cell[], y: number, from: number, to: number): string {
  let codes = `\x1b[${y + 1};${from + 1}H`;
  let style = '';
  let end = to;
  const blankTail = row.slice(from).every((cell, index) => index + from < to || same(cell, BLANK));
  if (blankTail) {
    while (end > from && same(row[end - 1], BLANK)) end--;
  }
  for (const cell of row.slice(from, end)) {
    if (cell.style !== style) {
      codes += cell.style === '' ? '\x1b[m' : `\x1b[0;${cell.style}m`;
      style = cell.style;
    }
    codes += cell.character;
  }
  codes += style === '' ? '' : '\x1b[m';
  return end < to ? `${codes}\x1b[K` : codes;
}

/**
 * The escape codes that turn what the terminal shows into the frame, and what it then shows. Only what changed is
 * written, at its place; without a previous painting, or after a change of size, everything is.
 */
export function paint(
  previous: Painted | undefined,
  frame: string,
  size: Size,
): { readonly codes: string; readonly painted: Painted } {
  const before =
    previous?.size.columns === size.columns && previous.size.rows === size.rows ? previous : undefined;
  const lines = frame.split('\n');
  let codes = before === undefined ? '\x1b[m\x1b[H\x1b[2J' : '';
  const rows = Array.from({ length: size.rows }, (_, y): Row => {
    const source = lines[y] ?? '';
    const old = before?.rows[y];
    if (old?.source === source) {
      return old;
    }
    const row = { source, cells: cells(source, size.columns) };
    const shown = old ?? { cells: cells('', size.columns) };
    for (const [from, to] of spans(shown.cells, row.cells)) {
      codes += paintSpan(row.cells, y, from, to);
    }
    return row;
  });
  return { codes, painted: { size, rows } };
}
