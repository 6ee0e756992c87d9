import { EventEmitter } from 'node:events';
import type { Key } from '../terminal/keys';

/** The keys that a list takes, as a terminal sends them: Ink reads these. */
const CODES: Readonly<Record<string, string>> = { up: '\x1b[A', down: '\x1b[B', enter: '\r' };

/**
 * The keyboard as Ink sees it: it gets only the keys that `update` gives to the list on the screen, so none is handled
 * twice. They come one per turn of the event loop, for a list answers to the next one only after it is drawn anew; those
 * that are left when the list goes are forgotten, lest the next list take them.
 */
export class ListKeys extends EventEmitter {
  readonly isTTY = true;
  #listening = false;
  #waiting: string[] = [];
  #ready: string | undefined;

  give(key: Key): void {
    const code = CODES[key];
    if (code === undefined) return;
    this.#waiting.push(code);
    if (this.#waiting.length === 1) setImmediate(this.#next);
  }

  /** Ink calls it with true when a list begins to listen and with false when the last one has gone. */
  setRawMode(listening: boolean): void {
    this.#listening = listening;
    if (listening) setImmediate(this.#next);
    else this.#waiting = [];
  }

  read(): string | null {
    const code = this.#ready ?? null;
    this.#ready = undefined;
    return code;
  }

  setEncoding(): void {
    // What is read are strings already.
  }

  ref(): void {
    // The real keyboard keeps the program alive.
  }

  unref(): void {
    // The real keyboard keeps the program alive.
  }

  readonly #next = (): void => {
    if (!this.#listening || this.#waiting.length === 0) return;
    this.#ready = this.#waiting.shift();
    this.emit('readable');
    if (this.#waiting.length > 0) setImmediate(this.#next);
  };
}
