import { Box } from 'ink';
import { Line } from './line';
import type { Row } from './rows';

/** The part of `rows` from `top` on that fits into a box of `height` lines. An empty row keeps its line. */
export function Lines({
  rows,
  height,
  top = 0,
}: {
  readonly rows: readonly Row[];
  readonly height: number;
  readonly top?: number;
}) {
  return (
    <Box flexDirection="column" height={height} flexShrink={0}>
      {rows.slice(top, top + height).map((row, index) => (
        <Line key={index} row={row.length === 0 ? [{ text: ' ' }] : row} />
      ))}
    </Box>
  );
}
