import { content } from '../content';
import type { KeyHint } from '../frame/chrome';
import { Frame } from '../frame/frame';
import { Lines } from '../frame/lines';
import { scrollKeys } from '../frame/scroll';
import { runTitle } from '../run/run';
import { commandOf, failureAsked, type ScreensState } from '../state/screens';

/** What can be had beside going on. */
function besides(state: ScreensState): readonly KeyHint[] {
  const { offers } = state;
  return [
    ...(offers.includes('undo') && commandOf(state) !== 'undo' ? [['u', 'undo this run'] as const] : []),
    ...(offers.includes('support-bundle') ? [['s', 'support bundle'] as const] : []),
  ];
}

function keysOf(state: ScreensState): readonly KeyHint[] {
  const again: readonly KeyHint[] = [
    ['r', 'retry'],
    ['b', state.offers.length > 0 ? 'earlier step' : 'back to an earlier step'],
  ];
  const more = besides(state);
  if (failureAsked(state)) return [...again, ['l', 'log'], ...more, ['d', 'detach'], ['q', 'end the run']];
  const quit = more.length > 0 ? 'quit' : 'quit, go on later';
  return [...(state.attached === true ? [] : again), ['l', 'log'], ...more, ['q', quit]];
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
