import { content } from '../content';
import type { KeyHint } from '../frame/chrome';
import { Frame } from '../frame/frame';
import { Lines } from '../frame/lines';
import { scrollKeys } from '../frame/scroll';
import { runTitle } from '../run/run';
import { commandOf, type ScreensState } from '../state/screens';

function keysOf(state: ScreensState): readonly KeyHint[] {
  const command = commandOf(state);
  const again = command === 'readd-member' && state.attached !== true;
  return [
    ['q', 'quit'],
    ...(command === 'install' ? [['c', 'certificates and notes'] as const] : []),
    ...(again ? [['r', 'look at the members'] as const] : []),
    ...(state.menu === undefined ? [] : [['b', 'menu'] as const]),
    ['l', 'log'],
  ];
}

/** What the operator has at the end. */
export function Summary({ state }: { readonly state: ScreensState }) {
  const { size } = state;
  const { rows, height, top } = content(state);
  return (
    <Frame
      size={size}
      left={runTitle(state)}
      keys={[...keysOf(state), ...scrollKeys(top, rows.length, height)]}
    >
      <Lines rows={rows} height={height} top={top} />
    </Frame>
  );
}
