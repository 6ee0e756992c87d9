import { Box } from 'ink';
import type { ReactNode } from 'react';
import { Line } from './line';
import type { Row } from './rows';
import { ends, fit } from '../terminal/width';
import type { Size } from '../terminal/painter';

/** A key and what it does, for the foot of the screen. */
export type KeyHint = readonly [key: string, does: string];

/** "↑↓ choose   enter next": the most important keys come first, and those that do not fit are left out. */
function footRow(keys: readonly KeyHint[], columns: number): Row {
  let room = columns - 1;
  const shown = keys.filter(([key, does]) => {
    room -= key.length + does.length + 4;
    return room >= -3;
  });
  return [
    { text: ' ' },
    ...shown.flatMap(([key, does]) => [{ text: key, bold: true }, { text: ` ${does}   ` }]),
  ];
}

/** A rule across the terminal. */
export function Rule({ columns }: { readonly columns: number }) {
  return <Line row={[{ text: '─'.repeat(columns), tone: 'faint' }]} />;
}

/** What every screen looks like: a head line, the body between two rules, the keys. It leaves the terminal's last row free, so that nothing ever scrolls. */
export function Frame({
  size,
  left,
  right = '',
  keys,
  children,
}: {
  readonly size: Size;
  readonly left: string;
  readonly right?: string;
  readonly keys: readonly KeyHint[];
  readonly children: ReactNode;
}) {
  const { columns, rows } = size;
  return (
    <Box flexDirection="column" width={columns} height={rows - 1}>
      <Line row={[{ text: fit(ends(` ${left}`, `  ${right} `, columns), columns), bold: true }]} />
      <Rule columns={columns} />
      <Box flexDirection="column" height={rows - 5} overflow="hidden">
        {children}
      </Box>
      <Rule columns={columns} />
      <Line row={footRow(keys, columns)} />
    </Box>
  );
}
