import { content } from '../content';
import type { KeyHint } from '../frame/chrome';
import { Frame } from '../frame/frame';
import { Lines } from '../frame/lines';
import { scrollKeys } from '../frame/scroll';
import { runTitle } from '../run/run';
import { failureAsked, type ScreensState } from '../state/screens';

function keysOf(state: ScreensState): readonly KeyHint[] {
  const again: readonly KeyHint[] = [
    ['r', 'retry'],
    ['b', 'back to an earlier step'],
  ];
  if (failureAsked(state)) return [...again, ['l', 'log'], ['d', 'detach'], ['q', 'end the run']];
  return [...(state.attached === true ? [] : again), ['l', 'log'], ['q', 'quit, go on later']];
}

/** Why a run failed, and what now. */
export function Failed({ state }: { readonly state: ScreensState }) {
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
