import { characterWidth } from './width';

/** One column of the terminal: its character ('' for the second half of a wide one) and the SGR parameters it is drawn with ('' for none). */
export interface Cell {
  readonly character: string;
  readonly style: string;
}

export const BLANK: Cell = { character: ' ', style: '' };

/** Which attribute an SGR code belongs to, so that the code that ends it can be told. */
function attribute(code: number): string {
  if (code === 1 || code === 2) return 'weight';
  if (code === 7) return 'inverse';
  if (code === 4) return 'underline';
  if ((code >= 30 && code <= 37) || (code >= 90 && code <= 97)) return 'foreground';
  return (code >= 40 && code <= 47) || (code >= 100 && code <= 107) ? 'background' : '';
}

const ENDS: Readonly<Record<number, string>> = {
  22: 'weight',
  27: 'inverse',
  24: 'underline',
  39: 'foreground',
  49: 'background',
};

function restyle(styles: Map<string, number>, parameters: string): void {
  for (const code of parameters.split(';').map(Number)) {
    const ended = ENDS[code];
    const begun = attribute(code);
    if (code === 0) {
      styles.clear();
    } else if (ended !== undefined) {
      styles.delete(ended);
    } else if (begun !== '') {
      styles.set(begun, code);
    }
  }
}

const ESCAPE_OR_CHARACTER = /\x1b\[([\d;]*)([A-Za-z])|\x1b|[^\x1b]/gu;

/** Reads one line of a frame (text and SGR codes, as Ink writes it; other escape codes are dropped) into exactly `columns` cells. */
export function cells(line: string, columns: number): readonly Cell[] {
  const row: Cell[] = [];
  const styles = new Map<string, number>();
  let style = '';
  for (const [token, parameters, final] of line.matchAll(ESCAPE_OR_CHARACTER)) {
    if (final === 'm') {
      restyle(styles, parameters ?? '');
      style = [...styles.values()].sort((a, b) => a - b).join(';');
    }
    const width = token.startsWith('\x1b') ? 0 : characterWidth(token);
    if (width === 0 || row.length + width > columns) {
      continue;
    }
    row.push({ character: token, style });
    if (width === 2) {
      row.push({ character: '', style });
    }
  }
  while (row.length < columns) {
    row.push(BLANK);
  }
  return row;
}
