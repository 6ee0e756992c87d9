import { Box } from 'ink';
import { useContext, type ReactNode } from 'react';
import { Line } from './line';
import { footRow, headRow, ruleRow, type KeyHint } from './chrome';
import { Parts } from './parts';
import type { Size } from '../terminal/painter';

/** A rule across the terminal. */
export function Rule({ columns }: { readonly columns: number }) {
  return <Line row={ruleRow(columns)} />;
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
  const parts = useContext(Parts)({ left, right, keys });
  return (
    <Box flexDirection="column" width={columns} height={rows - 1}>
      <Line row={headRow(parts.left, parts.right, columns)} />
      <Rule columns={columns} />
      <Box flexDirection="column" height={rows - 5} overflow="hidden">
        {children}
      </Box>
      <Rule columns={columns} />
      <Line row={footRow(parts.keys, columns)} />
    </Box>
  );
}
