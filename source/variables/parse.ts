import { MASK } from '../engine/secret';
import { replaceSecrets } from '../engine/secret-shapes';
import { shownValue } from './fields';
import type { Problem } from './settings';
import { isVariable } from './table';
import { Unsupported, WordReader } from './word';

/** One `NAME=value` line. */
interface Assignment {
  readonly name: string;
  readonly value: string;
  readonly line: number;
}

interface Parsed {
  readonly assignments: readonly Assignment[];
  readonly problems: readonly Problem[];
}

const ASSIGNMENT = /^[ \t]*(export[ \t]+)?([A-Za-z_][A-Za-z0-9_]*)=/;
const BLANK = /^[ \t]*(#|$)/;
const CONTROL = /[\u0000-\u0008\u000a-\u001f\u007f]/;
const SHOWN_LENGTH = 100;

/** A line that is refused, as far as it can be no secret: of an assignment the name, of anything else what is left once secrets are masked. */
function shown(line: string): string {
  const [, before = '', name = ''] = /^[ \t]*((?:export[ \t]+)?([A-Za-z_]\w*)[ \t]*=)/.exec(line) ?? [];
  if (name !== '' && !isVariable(name)) return `${before}${MASK}`;
  const text = replaceSecrets(line.trim(), () => MASK).replace(new RegExp(CONTROL, 'g'), '?');
  const seen = name === '' ? text : `${before}${shownValue(name, text.slice(text.indexOf('=') + 1))}`;
  return seen.length > SHOWN_LENGTH ? `${seen.slice(0, SHOWN_LENGTH)}…` : seen;
}

function notAnAssignment(line: string): Unsupported {
  if (/^[ \t]*(export[ \t]+)?[A-Za-z_]\w*[ \t]+=/.test(line)) {
    return new Unsupported(
      'has a blank before =, so a shell would run it as a command',
      'NAME=value without blanks around =',
    );
  }
  return new Unsupported(
    'is not NAME=value: a shell would run it as a command; this file is read and never executed, so it is not supported',
    'NAME=value, or # before a comment',
  );
}

function checkText(line: string): void {
  if (line.endsWith('\r')) {
    throw new Unsupported(
      'ends in a carriage return, which a shell takes for part of the value',
      'a file with Unix line ends (dos2unix)',
    );
  }
  if (line.startsWith('\ufeff')) {
    throw new Unsupported(
      'starts with a byte order mark',
      'the file saved as UTF-8 without a byte order mark',
    );
  }
  if (CONTROL.test(line)) throw new Unsupported('has a control character', 'printable characters only');
}

/** Throws Unsupported where the line is no plain assignment. */
function parseLine(line: string, scope: ReadonlyMap<string, string>): { name: string; value: string } {
  checkText(line);
  const match = ASSIGNMENT.exec(line);
  const name = match?.[2];
  if (match === null || name === undefined) throw notAnAssignment(line);
  const word = new WordReader(line, match[0].length, scope, match[1] !== undefined);
  const value = word.read();
  const rest = line.slice(word.end);
  if (!BLANK.test(rest)) {
    throw new Unsupported(
      'has a further word after the value, which a shell would run as a command or take for another assignment; that is not supported',
      'one NAME=value on a line, and quotes around a value with blanks',
    );
  }
  return { name, value };
}

/**
 * Reads KEY=value lines that a shell can also `source`, without executing anything.
 * `given` are values that references see: the allowed ones of the environment, and those that a flag or answer sets, which then also stand wherever the file refers to them.
 */
export function parseVariables(
  text: string,
  file: string,
  given: ReadonlyMap<string, string> = new Map(),
): Parsed {
  const scope = new Map(given);
  const assignments: Assignment[] = [];
  const problems: Problem[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (BLANK.test(line)) continue;
    try {
      const { name, value } = parseLine(line, scope);
      assignments.push({ name, value, line: index + 1 });
      if (!given.has(name)) scope.set(name, value);
    } catch (error) {
      if (!(error instanceof Unsupported)) throw error;
      const name = ASSIGNMENT.exec(line)?.[2];
      if (name !== undefined && !given.has(name)) scope.set(name, '');
      problems.push({
        field: name ?? 'line',
        value: shown(line),
        where: `${file}:${index + 1}`,
        wrong: error.wrong,
        right: error.right,
      });
    }
  }
  return { assignments, problems };
}
