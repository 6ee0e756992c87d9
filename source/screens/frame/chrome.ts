import type { Row } from './rows';
import { ends, shorten } from '../terminal/width';

/** A key and what it does, for the foot of the screen. */
export type KeyHint = readonly [key: string, does: string];

/** What the screen is, at the left, and where one is in it, at the right. */
export function headRow(left: string, right: string, columns: number): Row {
  const end = `  ${right} `;
  return [{ text: ends(shorten(` ${left}`, columns - end.length), end, columns), bold: true }];
}

/** A rule across the terminal. */
export function ruleRow(columns: number): Row {
  return [{ text: '─'.repeat(columns), tone: 'faint' }];
}

/** "↑↓ choose   enter next": the most important keys come first, and those that do not fit are left out. */
export function footRow(keys: readonly KeyHint[], columns: number): Row {
  let room = columns - 1;
  const shown = keys.filter(([key, does]) => {
    room -= key.length + does.length + 4;
    return room >= -3;
  });
  return [
    { text: ' ' },
    ...shown.flatMap(([key, does], index) => [
      { text: key, bold: true },
      { text: ` ${does}${index === shown.length - 1 ? '' : '   '}` },
    ]),
  ];
}
