import { EventEmitter } from 'node:events';
import { characterWidth } from '../../../source/screens/terminal/width';

interface Place {
  character: string;
  style: string;
}

const TOKEN = /\x1b\[(\??)([\d;]*)([A-Za-z])|[\s\S]/gu;

/** As much of a terminal as the screens use. It throws on anything else, and on a character beyond the edge, which a real one would wrap. */
export class VirtualTerminal extends EventEmitter {
  columns: number;
  rows: number;
  /** Everything written. */
  written = '';
  alternate = false;
  cursorShown = true;
  /** What was written outside the alternate screen. */
  scrollback = '';
  #places: Place[][] = [];
  #row = 0;
  #column = 0;
  #style = '';

  constructor(columns: number, rows: number) {
    super();
    this.columns = columns;
    this.rows = rows;
    this.#clear();
  }

  write(text: string): boolean {
    this.written += text;
    for (const [token, isPrivate, parameters, final] of text.matchAll(TOKEN)) {
      if (final !== undefined) {
        this.#escape(isPrivate === '?', parameters ?? '', final);
      } else if (token === '\x1b') {
        throw new Error(`an escape code that is not understood in ${JSON.stringify(text)}`);
      } else if (this.alternate) {
        this.#put(token);
      } else {
        this.scrollback += token;
      }
    }
    return true;
  }

  resize(columns: number, rows: number): void {
    this.columns = columns;
    this.rows = rows;
    this.#clear();
    this.emit('resize');
  }

  /** What is seen, without blanks at the ends. */
  get text(): string {
    return this.lines.join('\n').trimEnd();
  }

  get lines(): string[] {
    return this.#places.map(row =>
      row
        .map(({ character }) => character)
        .join('')
        .trimEnd(),
    );
  }

  /** The styles in use, by the text that has them. */
  styled(row: number): { text: string; style: string }[] {
    const runs: { text: string; style: string }[] = [];
    for (const { character, style } of this.#places[row] ?? []) {
      const last = runs[runs.length - 1];
      if (last?.style === style) last.text += character;
      else runs.push({ text: character, style });
    }
    return runs;
  }

  #clear(): void {
    this.#places = Array.from({ length: this.rows }, () => this.#blanks(this.columns));
  }

  #blanks(length: number): Place[] {
    return Array.from({ length }, () => ({ character: ' ', style: '' }));
  }

  #escape(isPrivate: boolean, parameters: string, final: string): void {
    const [first = 0, second = 0] = parameters.split(';').map(Number);
    if (isPrivate && (final === 'h' || final === 'l')) {
      if (first === 1049) this.alternate = final === 'h';
      else if (first === 25) this.cursorShown = final === 'h';
      else throw new Error(`mode ${first} is not understood`);
      return;
    }
    switch (final) {
      case 'H':
        this.#row = Math.max(1, first) - 1;
        this.#column = Math.max(1, second) - 1;
        return;
      case 'J':
        this.#clear();
        return;
      case 'K':
        this.#places[this.#row]?.splice(
          this.#column,
          this.columns,
          ...this.#blanks(this.columns - this.#column),
        );
        return;
      case 'm':
        this.#style = parameters.replace(/^0?;?/, '');
        return;
      default:
        throw new Error(`escape code ${parameters}${final} is not understood`);
    }
  }

  #put(character: string): void {
    const width = characterWidth(character);
    const row = this.#places[this.#row];
    if (row === undefined || this.#column + width > this.columns || width === 0) {
      throw new Error(`${JSON.stringify(character)} was written at ${this.#row + 1};${this.#column + 1}`);
    }
    row[this.#column] = { character, style: this.#style };
    if (width === 2) {
      row[this.#column + 1] = { character: '', style: this.#style };
    }
    this.#column += width;
  }
}
