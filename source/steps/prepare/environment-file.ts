/** One assignment of a file that a unit names with EnvironmentFile=. */
export interface Assignment {
  readonly name: string;
  readonly value: string;
  /** Its place in the text: from its first character to the end of its last line, without the line break. */
  readonly start: number;
  readonly end: number;
  /** Counted from 1. */
  readonly line: number;
  /** Whether the file ends within its quotes: then all that stands below belongs to it. */
  readonly open: boolean;
}

const LINE_BREAKS = '\n\r';
const BLANKS = ' \t\n\r';

type State = 'before name' | 'name' | 'before value' | 'value' | 'single' | 'double' | 'comment';

/**
 * Reads it as systemd 219 does, and later ones but for backslashes in quotes: quotes may follow one another, only one that stands first in a value quotes, a backslash takes the next character as it is, also in a comment, and a line break away (systemd: src/shared/fileio.c, parse_env_file_internal).
 * Without a name that an environment may have, as with "export NAME", the assignment is there and has no effect.
 */
export function parseEnvironmentFile(text: string): readonly Assignment[] {
  const assignments: Assignment[] = [];
  let state: State = 'before name';
  let escaped = false;
  let [name, value, start] = ['', '', 0];
  /** How much of the value counts when it ends in blanks outside of quotes. */
  let counts = 0;
  const push = (end: number): void => {
    const bare = state === 'value' ? value.slice(0, counts) : value;
    const line = text.slice(0, start).split(/\r\n|[\r\n]/).length;
    const open = state === 'single' || state === 'double';
    assignments.push({ name: name.trimEnd(), value: bare, start, end, line, open });
    state = 'before name';
  };
  for (let at = 0; at < text.length; at += 1) {
    const c = text[at] ?? '';
    const breaks = LINE_BREAKS.includes(c);
    if (escaped) {
      escaped = false;
      if (state === 'comment') continue;
      if (state === 'before value') state = 'value';
      if (!breaks) value += c;
      counts = value.length;
    } else if (c === '\\' && state !== 'name' && state !== 'before name') {
      escaped = true;
    } else if (state === 'before name') {
      if ('#;'.includes(c)) state = 'comment';
      else if (!BLANKS.includes(c)) [state, name, value, start] = ['name', c, '', at];
    } else if (state === 'name') {
      if (breaks) state = 'before name';
      else if (c === '=') [state, counts] = ['before value', 0];
      else name += c;
    } else if (state === 'comment') {
      if (breaks) state = 'before name';
    } else if (state === 'single' || state === 'double') {
      if (c === (state === 'single' ? "'" : '"')) state = 'before value';
      else value += c;
    } else if (breaks) {
      push(at);
    } else if (state === 'before value' && (c === "'" || c === '"')) {
      state = c === "'" ? 'single' : 'double';
    } else if (state === 'value' || !BLANKS.includes(c)) {
      state = 'value';
      value += c;
      if (!BLANKS.includes(c)) counts = value.length;
    }
  }
  if (!['before name', 'name', 'comment'].includes(state)) push(text.length);
  return assignments;
}

/** What a variable is in the end: of several the last counts. */
export function lastAssignment(text: string, name: string): Assignment | undefined {
  return [...parseEnvironmentFile(text)].reverse().find(one => one.name === name);
}

/** One word of a value that a unit's command line names as $NAME. */
export interface Word {
  /** As it stands in the value, with its quotes. */
  readonly raw: string;
  /** As the program gets it. */
  readonly text: string;
}

/** Takes a value apart as systemd does for $NAME: at blanks, except in quotes, which it removes; undefined where a double quote is left open, after which the unit does not start (systemd: src/shared/util.c, unquote_first_word). */
export function wordsOf(value: string): readonly Word[] | undefined {
  const words: Word[] = [];
  let quote = '';
  let escaped = false;
  let word: { raw: string; text: string } | undefined;
  for (const c of value) {
    if (word === undefined && BLANKS.includes(c)) continue;
    if (word !== undefined && quote === '' && !escaped && BLANKS.includes(c)) {
      words.push(word);
      word = undefined;
      continue;
    }
    word ??= { raw: '', text: '' };
    word.raw += c;
    if (escaped) {
      escaped = false;
      word.text += c;
    } else if (c === '\\') escaped = true;
    else if (quote === '' && (c === '"' || c === "'")) quote = c;
    else if (c === quote) quote = '';
    else word.text += c;
  }
  if (quote === '"') return undefined;
  return word === undefined ? words : [...words, word];
}

/** A line that systemd reads as this value, in the plainest form that every version reads alike. */
export function assignment(name: string, value: string): string {
  const flat = value.replace(/[\r\n]+/g, ' ');
  if (!/["\\]/.test(flat)) return `${name}="${flat}"`;
  if (!/['\\]/.test(flat)) return `${name}='${flat}'`;
  return `${name}=${flat.replace(/\\/g, '\\\\').replace(/^(?=["'])/, '\\')}`;
}
