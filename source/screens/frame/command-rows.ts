import { plain, type Row } from './rows';

/** Columns of the backslash that ends a line that goes on. */
const BACKSLASH = 2;

/** A command over as many lines as it needs, broken between words alone, where the shell's own backslash says so: it stays the same command. */
export function commandRows(command: string, columns: number, indent = '   '): readonly Row[] {
  const more = indent === '' ? '' : `${indent}  `;
  const room = columns - more.length - BACKSLASH;
  const lines: string[] = [];
  for (const word of command.split(' ')) {
    const last = lines[lines.length - 1];
    if (last !== undefined && last.length + 1 + word.length <= room) {
      lines[lines.length - 1] = `${last} ${word}`;
    } else {
      lines.push(word);
    }
  }
  return lines.map((text, index) =>
    plain(`${index === 0 ? indent : more}${text}${index === lines.length - 1 ? '' : ' \\'}`),
  );
}
