import { wrap } from '../terminal/width';
import { plain, type Row } from './rows';

/** A command over as many lines as it needs: it never loses a character, and where it is broken the shell's own backslash says so. */
export function commandRows(command: string, columns: number): readonly Row[] {
  const lines = wrap(command, columns - 8);
  return lines.map((text, index) =>
    plain(`   ${index === 0 ? '' : '  '}${text}${index === lines.length - 1 ? '' : ' \\'}`),
  );
}
