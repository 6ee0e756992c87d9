/** Characters that a piece must have in common with a secret to be found. */
const SEED = 12;
/** Of a secret the SEED characters at each STRIDE-th place are known: any piece of SEED + STRIDE - 1 characters holds such a seed whole. */
const STRIDE = 8;
const BASE = 0x01000193;
const SLOTS = 1 << 16;

interface Place {
  readonly value: Uint8Array;
  readonly offset: number;
}

/** The part of a secret that gives it away; what comes before and after it is common to many that are none. */
interface Telling {
  readonly from?: number;
  readonly to?: number;
}

/**
 * Finds pieces of long secrets in a text, however they are broken into lines, escaped or cut: letters and digits alone are
 * compared. It takes one pass over the text, no matter how many secrets there are.
 */
export class Fragments {
  readonly #places = new Map<number, Place[]>();
  readonly #slots = new Uint8Array(SLOTS);
  readonly #known = new Set<string>();
  /** BASE to the power of SEED - 1: what the oldest character of a seed counts. */
  readonly #oldest = Array.from({ length: SEED - 1 }).reduce<number>(power => Math.imul(power, BASE), 1);
  #codes = new Uint8Array(0);
  #positions = new Int32Array(0);

  get size(): number {
    return this.#known.size;
  }

  /** Letters and digits of a text: what it is compared by. */
  static letters(text: string): string {
    return text.replace(/%[0-9a-fA-F]{2}|\\[nrt]|[^A-Za-z0-9]/g, '');
  }

  add(text: string, { from = 0, to }: Telling = {}): void {
    const letters = Fragments.letters(text);
    if (this.#known.has(letters)) return;
    this.#known.add(letters);
    const value = Uint8Array.from(Buffer.from(letters, 'latin1'));
    const end = Math.min(to ?? value.length, value.length) - SEED;
    for (let offset = from; offset <= end; offset += STRIDE) {
      let hash = 0;
      for (let at = offset; at < offset + SEED; at += 1) hash = Math.imul(hash, BASE) + (value[at] ?? 0);
      hash |= 0;
      this.#slots[hash & (SLOTS - 1)] = 1;
      const places = this.#places.get(hash);
      if (places === undefined) this.#places.set(hash, [{ value, offset }]);
      else places.push({ value, offset });
    }
  }

  /** The text with every piece of a secret replaced. */
  mask(text: string, mask: string): string {
    if (this.#places.size === 0 || text.length < SEED) return text;
    const length = this.#project(text);
    let masked = '';
    let kept = 0;
    let hash = 0;
    let free = 0;
    for (let at = 0; at < length; at += 1) {
      const gone = at >= SEED ? Math.imul(this.#codes[at - SEED] ?? 0, this.#oldest) : 0;
      hash = (Math.imul(hash - gone, BASE) + (this.#codes[at] ?? 0)) | 0;
      const start = at - SEED + 1;
      if (start < free || this.#slots[hash & (SLOTS - 1)] !== 1) continue;
      const piece = this.#piece(this.#places.get(hash) ?? [], start, free, length);
      if (piece === undefined) continue;
      const first = this.#positions[piece.from] ?? 0;
      const last = paddedEnd(text, (this.#positions[piece.to - 1] ?? 0) + 1);
      masked += text.slice(kept, first) + mask;
      kept = last;
      free = piece.to;
    }
    return masked + text.slice(kept);
  }

  /** The longest piece of a secret around a seed. */
  #piece(
    places: readonly Place[],
    start: number,
    free: number,
    length: number,
  ): { readonly from: number; readonly to: number } | undefined {
    let best: { from: number; to: number } | undefined;
    for (const { value, offset } of places) {
      const shift = start - offset;
      let from = start;
      while (from > free && from - shift > 0 && this.#codes[from - 1] === value[from - 1 - shift]) from -= 1;
      let to = start;
      while (to < length && to - shift < value.length && this.#codes[to] === value[to - shift]) to += 1;
      if (to - start >= SEED && (best === undefined || to - from > best.to - best.from)) best = { from, to };
    }
    return best;
  }

  /** Fills codes and positions with the text's letters and digits, and gives their number. */
  #project(text: string): number {
    if (this.#codes.length < text.length) {
      this.#codes = new Uint8Array(text.length);
      this.#positions = new Int32Array(text.length);
    }
    let length = 0;
    for (let at = 0; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      if (isAlphanumeric(code)) {
        this.#codes[length] = code;
        this.#positions[length] = at;
        length += 1;
      } else if (code === 0x25 && isHex(text.charCodeAt(at + 1)) && isHex(text.charCodeAt(at + 2))) {
        at += 2;
      } else if (code === 0x5c && 'nrt'.includes(text[at + 1] ?? ' ')) {
        at += 1;
      }
    }
    return length;
  }
}

function isAlphanumeric(code: number): boolean {
  return (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a) || (code >= 0x30 && code <= 0x39);
}

function isHex(code: number): boolean {
  return (code >= 0x30 && code <= 0x39) || (code >= 0x41 && code <= 0x46) || (code >= 0x61 && code <= 0x66);
}

/** Past the signs of base64 that follow the last letter. */
function paddedEnd(text: string, end: number): number {
  let at = end;
  while ('+/='.includes(text[at] ?? ' ')) at += 1;
  return at;
}
