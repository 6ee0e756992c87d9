import { mayColour, needsAscii, toAscii } from './glyphs';
import { readKeys, type Key } from './keys';
import { paint, type Painted, type Size } from './painter';
import { characterWidth } from './width';

/** The parts of process.stdin that a terminal needs; tests give one of their own. */
export interface KeySource {
  setRawMode?(raw: boolean): unknown;
  setEncoding(encoding: 'utf8'): unknown;
  on(event: 'data', listener: (chunk: string) => void): unknown;
  on(event: 'end' | 'error', listener: () => void): unknown;
  off(event: 'data', listener: (chunk: string) => void): unknown;
  off(event: 'end', listener: () => void): unknown;
  resume(): unknown;
  pause(): unknown;
}

/** The parts of process.stdout that a terminal needs. */
export interface Display {
  readonly columns?: number;
  readonly rows?: number;
  write(text: string): boolean;
  on(event: 'resize' | 'drain', listener: () => void): unknown;
  off(event: 'resize' | 'drain', listener: () => void): unknown;
}

export interface TerminalPorts {
  readonly input: KeySource;
  readonly output: Display;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where exit and the signals that end a program are heard: process. */
  readonly program: Pick<NodeJS.EventEmitter, 'on' | 'off'>;
}

/** How long the rest of a torn escape sequence is waited for, before a lone escape is the escape key. */
const ESCAPE_MS = 40;
const ENTER = '\x1b[?1049h\x1b[?25l';
const LEAVE = '\x1b[m\x1b[H\x1b[2J\x1b[?25h\x1b[?1049l';

/** The terminal while the screens have it: alternate screen, raw keys, hidden cursor; whatever ends the program gives it back. */
export class Terminal {
  readonly colour: boolean;
  readonly #ports: TerminalPorts;
  readonly #ascii: boolean;
  #painted: Painted | undefined;
  #frame = '';
  #blocked = false;
  #open = false;
  #torn = '';
  #tornTimer: NodeJS.Timeout | undefined;
  #onKey: (key: Key) => void = () => undefined;
  #onResize: (size: Size) => void = () => undefined;
  #onGone: () => void = () => undefined;

  constructor(ports: TerminalPorts) {
    this.#ports = ports;
    this.#ascii = needsAscii(ports.env);
    this.colour = mayColour(ports.env);
  }

  get size(): Size {
    return { columns: this.#ports.output.columns ?? 80, rows: this.#ports.output.rows ?? 24 };
  }

  /** Takes the terminal; `leave` gives it back. `onGone` is called where the line to the terminal is lost. */
  enter(listeners: {
    readonly onKey: (key: Key) => void;
    readonly onResize: (size: Size) => void;
    readonly onGone: () => void;
  }): void {
    const { input, output, program } = this.#ports;
    this.#open = true;
    this.#onKey = listeners.onKey;
    this.#onResize = listeners.onResize;
    this.#onGone = listeners.onGone;
    program.on('exit', this.leave);
    output.on('resize', this.#resized);
    output.on('drain', this.#drained);
    output.write(ENTER);
    input.setEncoding('utf8');
    input.setRawMode?.(true);
    input.on('data', this.#read);
    input.on('end', this.#gone);
    // Stays: giving a lost terminal back fails as well, and there is nothing to be done about it.
    input.on('error', this.#gone);
    input.resume();
  }

  /** Gives the terminal back as it was; a second call does nothing. */
  readonly leave = (): void => {
    if (!this.#open) {
      return;
    }
    this.#open = false;
    const { input, output, program } = this.#ports;
    clearTimeout(this.#tornTimer);
    program.off('exit', this.leave);
    output.off('resize', this.#resized);
    output.off('drain', this.#drained);
    input.off('data', this.#read);
    input.off('end', this.#gone);
    input.setRawMode?.(false);
    input.pause();
    output.write(LEAVE);
  };

  /** Shows a whole frame; only what changed is written, and nothing while the line is too slow for the last one. */
  readonly draw = (frame: string): void => {
    this.#frame = this.#ascii ? toAscii(frame, characterWidth) : frame;
    if (!this.#open || this.#blocked) {
      return;
    }
    const { codes, painted } = paint(this.#painted, this.#frame, this.size);
    this.#painted = painted;
    if (codes !== '') {
      this.#blocked = !this.#ports.output.write(codes);
    }
  };

  readonly #drained = (): void => {
    if (this.#blocked) {
      this.#blocked = false;
      this.draw(this.#frame);
    }
  };

  readonly #gone = (): void => {
    if (this.#open) {
      this.#onGone();
    }
  };

  readonly #resized = (): void => {
    this.#painted = undefined;
    this.#onResize(this.size);
  };

  readonly #read = (chunk: string): void => {
    clearTimeout(this.#tornTimer);
    const { keys, rest } = readKeys(this.#torn + chunk);
    this.#torn = rest;
    keys.forEach(this.#onKey);
    if (rest !== '') {
      this.#tornTimer = setTimeout(() => {
        this.#torn = '';
        readKeys(rest, true).keys.forEach(this.#onKey);
      }, ESCAPE_MS);
    }
  };
}
