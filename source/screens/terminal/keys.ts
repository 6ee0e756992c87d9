/** A key as the screens know it: a name of several letters, or the one character that was typed. */
export type Key = string;

/** Escape sequences of xterm, the linux console, tmux and rxvt, without the leading escape. */
const NAMED: Readonly<Record<string, Key>> = {
  '[A': 'up',
  OA: 'up',
  '[B': 'down',
  OB: 'down',
  '[C': 'right',
  OC: 'right',
  '[D': 'left',
  OD: 'left',
  '[H': 'home',
  OH: 'home',
  '[1~': 'home',
  '[7~': 'home',
  '[F': 'end',
  OF: 'end',
  '[4~': 'end',
  '[8~': 'end',
  '[5~': 'pageup',
  '[6~': 'pagedown',
  '[3~': 'delete',
  '[Z': 'backtab',
};

const CONTROLS: Readonly<Record<string, Key>> = {
  '\r': 'enter',
  '\n': 'enter',
  '\t': 'tab',
  '\x7f': 'backspace',
  '\b': 'backspace',
  '\x1b': 'escape',
};

/** What one escape sequence looks like: CSI, SS3, or alt and a character. */
const SEQUENCE = /^\x1b(?:\[[\d;?]*[ -/]*[@-~]|O[A-Za-z])/;
const INCOMPLETE = /^\x1b(?:\[[\d;?]*[ -/]*|O)?$/;

/**
 * Splits what was read into keys: several can come in one chunk (a paste, a slow line), and one can be torn apart.
 * `rest` is a beginning that may go on in the next chunk; when nothing follows soon, it is to be read with `last`.
 */
export function readKeys(
  chunk: string,
  last = false,
): { readonly keys: readonly Key[]; readonly rest: string } {
  const keys: Key[] = [];
  let rest = chunk;
  while (rest !== '') {
    if (!last && INCOMPLETE.test(rest)) {
      break;
    }
    const sequence = SEQUENCE.exec(rest)?.[0];
    const token = sequence ?? String.fromCodePoint(rest.codePointAt(0) ?? 0);
    rest = rest.slice(token.length);
    const key = sequence === undefined ? single(token) : NAMED[sequence.slice(1)];
    if (key !== undefined) {
      keys.push(key);
    }
  }
  return { keys, rest };
}

function single(token: string): Key | undefined {
  const named = CONTROLS[token];
  if (named !== undefined || token >= ' ') {
    return named ?? token;
  }
  return `ctrl-${String.fromCharCode(token.charCodeAt(0) + 96)}`;
}
