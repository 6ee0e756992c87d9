import { content } from '../content';
import type { KeyHint } from '../frame/chrome';
import { Frame } from '../frame/frame';
import { Lines } from '../frame/lines';
import { scrollKeys } from '../frame/scroll';
import { commandTitle } from '../state/command-titles';
import { before } from '../state/flow';
import type { ScreensState } from '../state/screens';
import { verdict } from './rows';

/** What was found on this host. */
export function Preflight({ state }: { readonly state: ScreensState }) {
  const { run, size, command } = state;
  const { rows, height, top } = content(state);
  const { preflight } = run;
  const back: readonly KeyHint[] =
    command === 'install' || before(state) !== undefined ? [['b', 'back']] : [];
  const what = command === 'install' ? '' : `: ${commandTitle(state)}`;
  const keys: readonly KeyHint[] =
    preflight === undefined
      ? [...back, ['q', 'quit']]
      : [
          ...(preflight.fatal === 0 ? [['enter', 'plan'] as const] : []),
          ['r', 'check again'],
          ...back,
          ['q', 'quit'],
          ...scrollKeys(top, rows.length, height),
        ];
  return (
    <Frame size={size} left={`${state.product}   preflight${what}`} keys={keys}>
      <Lines rows={[verdict(run)]} height={1} />
      <Lines rows={rows} height={height} top={top} />
    </Frame>
  );
}
