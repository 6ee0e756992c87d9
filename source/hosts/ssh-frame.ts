import { randomBytes } from 'node:crypto';
import type { CommandResult, ExecuteOptions } from '../engine/host';

/** A word that every shell takes as it is, of a length that old ones of csh hold; with fours of base64 none is of padding alone. */
const WORD = 400;

/** Decodes its words and runs what they are. Nothing in it means anything to csh, fish or zsh within single quotes: no "!", no backslash, no line break. */
const UNPACK = `umask 022; PATH="$PATH:/usr/sbin:/usr/bin:/sbin:/bin"; eval "$(printf %s "$@" | base64 -d)"`;

/**
 * What a command on another host prints, told apart from what the login shell prints before and after it: sshd hands every
 * command to that shell, whichever it is, and it reads its own files first (sshd(8), LOGIN PROCESS; bash(1), INVOCATION).
 */
export class Frame {
  readonly #begin: string;
  readonly #end: string;

  constructor(mark = randomBytes(12).toString('hex')) {
    this.#begin = `begin-${mark}`;
    this.#end = `end-${mark}`;
  }

  /** The line for ssh: a POSIX shell runs the command, and both streams are marked around what it prints. */
  line(command: string): string {
    const marked = [
      `printf '\\n%s\\n' ${this.#begin}; printf '\\n%s\\n' ${this.#begin} >&2`,
      command,
      `c=$?; printf %s ${this.#end}; printf %s ${this.#end} >&2; exit $c`,
    ].join('\n');
    const packed = Buffer.from(marked).toString('base64');
    const words = packed.match(new RegExp(`.{1,${WORD}}`, 'g')) ?? [];
    return `sh -c '${UNPACK}' sh ${words.join(' ')}`;
  }

  /** Whether the command was begun, whatever came of it. */
  begun({ stdout, stderr }: CommandResult): boolean {
    return [stdout, stderr].some(text => text.includes(`${this.#begin}\n`));
  }

  /** Whether it came to its end by itself. */
  ended({ stdout, stderr }: CommandResult): boolean {
    return [stdout, stderr].some(text => text.includes(this.#end));
  }

  /** The command's own part of what was printed. */
  result({ code, stdout, stderr }: CommandResult): CommandResult {
    return { code, stdout: this.#within(stdout), stderr: this.#within(stderr) };
  }

  /** Passes on the command's own lines alone, as they come. */
  lines(onLine: ExecuteOptions['onLine']): ExecuteOptions['onLine'] {
    if (onLine === undefined) return undefined;
    const state = { stdout: 'before', stderr: 'before' };
    return (stream, line) => {
      if (state[stream] === 'before') {
        if (line === this.#begin) state[stream] = 'within';
        return;
      }
      if (state[stream] === 'after') return;
      const at = line.indexOf(this.#end);
      if (at !== -1) state[stream] = 'after';
      const own = at === -1 ? line : line.slice(0, at);
      if (own !== '') onLine(stream, own);
    };
  }

  #within(text: string): string {
    const begin = text.indexOf(`${this.#begin}\n`);
    if (begin === -1) return '';
    const own = text.slice(begin + this.#begin.length + 1);
    const end = own.lastIndexOf(this.#end);
    return end === -1 ? own : own.slice(0, end);
  }
}
