const ESCAPE_CODES = /\x1b(?:\[[\d;?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])/g;
const CONTROLS = /[\x00-\x08\x0b-\x1f\x7f-\x9f]/g;

/** A line of a program's output made safe to draw: no escape codes, of a progress line that overwrites itself the last state, tabs as spaces. */
export function clean(line: string): string {
  const text = line.replace(ESCAPE_CODES, '').replace(/\r+$/, '');
  return text
    .slice(text.lastIndexOf('\r') + 1)
    .replace(/\t/g, '    ')
    .replace(CONTROLS, '');
}
