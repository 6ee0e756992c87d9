import { content } from '../content';
import { Frame } from '../frame/frame';
import { Lines } from '../frame/lines';
import { scrollKeys } from '../frame/scroll';
import { runTitle } from '../run/run';
import type { ScreensState } from '../state/screens';

/** What the operator has at the end. */
export function Summary({ state }: { readonly state: ScreensState }) {
  const { size } = state;
  const { rows, height, top } = content(state);
  return (
    <Frame
      size={size}
      left={runTitle(state)}
      keys={[
        ['q', 'quit'],
        ['c', 'certificates and notes'],
        ['l', 'log'],
        ...scrollKeys(top, rows.length, height),
      ]}
    >
      <Lines rows={rows} height={height} top={top} />
    </Frame>
  );
}
