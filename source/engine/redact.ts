import { Fragments } from './fragments';
import { MASK, Secret } from './secret';
import { replaceSecrets } from './secret-shapes';

/** Secrets shorter than this are masked only where they stand as a word of their own. */
const WORD_ONLY_BELOW = 8;
/** Letters and digits from which on a secret without blanks is looked for in pieces, and lines of one. */
const LONG = 40;
/** What keys have in common with certificates at their beginning (ASN.1), and in base64 at both ends (the PEM lines). */
const COMMON = 32;
const COMMON_BASE64 = 48;
/** A 4096-bit RSA key has 51 lines; where the end of a key is never seen, masking ends after this many. */
const LONGEST_KEY_LINES = 100;

const PATTERNS: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN ([A-Z0-9 ]*PRIVATE KEY)-----[\s\S]*?(?:-----END \1-----|$)/g, MASK],
  // Base64 of "-----BEGIN …" where what follows is not " CERTIFICATE": as keys stand in kubeconfigs and Secrets.
  [/LS0tLS1CRUdJTi(?!BDRVJUSUZJQ0FUR)[A-Za-z0-9+/]{8,}={0,2}/g, MASK],
  // A bootstrap token (cluster-bootstrap/token/api): six, a dot, sixteen; not a part of a longer dotted name.
  [/(?<![A-Za-z0-9._-])[a-z0-9]{6}\.[a-z0-9]{16}(?![A-Za-z0-9_-]|\.[A-Za-z0-9])/g, MASK],
  [/(certificate-?key["']?[\s:="']+)[0-9a-f]{64}(?![0-9a-f])/gi, `$1${MASK}`],
];

const PEM_KEY = /-----BEGIN ([A-Z0-9 ]*PRIVATE KEY)-----([\s\S]*?)(?:-----END \1-----\n?|$)/g;
const KEY_BEGIN = /-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----/g;
const KEY_END = /-----END [A-Z0-9 ]*PRIVATE KEY-----/;

/** Masks what must not be seen: the secrets it was told of, and what has the shape of one. */
export class Redactor {
  readonly #known = new Set<string>();
  readonly #fragments = new Fragments();
  #pattern: RegExp | undefined;

  /** From now on this value is masked, also in base64, in JSON strings and URLs; a long one also in pieces. Values below three characters cannot be masked without masking everything. */
  add(secret: Secret): void {
    const value = secret.reveal().trim();
    if (value.length < 3) return;
    const rest = value.replace(PEM_KEY, (block: string, _: string, body: string) => {
      this.#addKey(block, body);
      return '';
    });
    if (rest.trim() === '') return;
    if (isLong(rest)) {
      this.#fragments.add(rest);
      for (const form of inBase64(rest)) this.#fragments.add(form);
      return;
    }
    for (const line of rest.split('\n')) if (isLong(line)) this.#fragments.add(line);
    for (const form of [
      value,
      JSON.stringify(value).slice(1, -1),
      Buffer.from(value).toString('base64'),
      Buffer.from(secret.reveal()).toString('base64'),
      encodeURIComponent(value),
    ]) {
      this.#known.add(form);
    }
    this.#pattern = undefined;
  }

  #addKey(block: string, body: string): void {
    this.#fragments.add(body, { from: COMMON });
    for (const form of inBase64(block)) {
      this.#fragments.add(form, { from: COMMON_BASE64, to: form.length - COMMON_BASE64 });
    }
  }

  /** Adds every secret that stands anywhere in a value, for example in a change. */
  addWithin(value: unknown): void {
    if (value instanceof Secret) this.add(value);
    else if (typeof value === 'object' && value !== null) {
      for (const part of Object.values(value)) this.addWithin(part);
    }
  }

  /** Masks a whole text, of any number of lines. */
  text(text: string): string {
    const known = this.#knownPattern();
    let masked = this.#fragments.mask(known ? text.replace(known, MASK) : text, MASK);
    for (const [pattern, replacement] of PATTERNS) masked = masked.replace(pattern, replacement);
    return replaceSecrets(masked, () => MASK);
  }

  /** Masks a text that comes line by line, keys that span lines included. One of these per stream. */
  lines(): (line: string) => string {
    let left = 0;
    return line => {
      let rest = line;
      let before = '';
      if (left > 0) {
        const end = KEY_END.exec(rest);
        left = end ? 0 : left - 1;
        if (!end) return MASK;
        before = MASK;
        rest = rest.slice(end.index + end[0].length);
      }
      const begin = [...rest.matchAll(KEY_BEGIN)].at(-1);
      if (begin && !KEY_END.test(rest.slice(begin.index))) left = LONGEST_KEY_LINES;
      return before + this.text(rest);
    };
  }

  /** A masked copy as plain JSON; the strings of a list are taken as lines of one text. */
  copy<Value>(value: Value): Value {
    return this.#masked(JSON.parse(JSON.stringify(value))) as Value;
  }

  #masked(value: unknown): unknown {
    if (typeof value === 'string') return this.text(value);
    if (Array.isArray(value)) {
      const line = this.lines();
      return value.map(part => (typeof part === 'string' ? line(part) : this.#masked(part)));
    }
    if (typeof value === 'object' && value !== null) {
      return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, this.#masked(part)]));
    }
    return value;
  }

  #knownPattern(): RegExp | undefined {
    if (this.#known.size === 0) return undefined;
    this.#pattern ??= new RegExp(
      [...this.#known]
        .sort((one, other) => other.length - one.length)
        .map(value => {
          const literal = value.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&');
          return value.length < WORD_ONLY_BELOW ? `(?<![A-Za-z0-9])${literal}(?![A-Za-z0-9])` : literal;
        })
        .join('|'),
      'g',
    );
    return this.#pattern;
  }
}

function isLong(line: string): boolean {
  return !/\s/.test(line) && Fragments.letters(line).length >= LONG;
}

/** As it stands in base64 of something that it is a part of: a character of base64 is no whole byte, so at each of three places. */
function inBase64(value: string): readonly string[] {
  return [0, 1, 2].map(shift =>
    Buffer.concat([Buffer.alloc(shift), Buffer.from(value)])
      .toString('base64')
      .slice(shift === 0 ? 0 : 4)
      .replace(/.{0,3}=*$/, ''),
  );
}
