import { content } from '../content';
import type { KeyHint } from '../frame/chrome';
import { Frame } from '../frame/frame';
import { Lines } from '../frame/lines';
import { scrollKeys } from '../frame/scroll';
import { runTitle } from '../run/run';
import type { ScreensState } from '../state/screens';

const KEYS: readonly KeyHint[] = [
  ['r', 'retry'],
  ['b', 'back to an earlier step'],
  ['l', 'log'],
  ['q', 'quit, go on later'],
];

/** Why a run failed, and what now. */
export function Failed({ state }: { readonly state: ScreensState }) {
  const { size } = state;
  const { rows, height, top } = content(state);
  return (
    <Frame size={size} left={runTitle(state)} keys={[...KEYS, ...scrollKeys(top, rows.length, height)]}>
      <Lines rows={rows} height={height} top={top} />
    </Frame>
  );
}
