import { content } from '../content';
import { Frame, Rule } from '../frame/frame';
import { Lines } from '../frame/lines';
import { ageText } from '../recovery/rows';
import type { ScreensState } from '../state/screens';
import { chosenRows, restoreKeys } from './rows';

/** Too few members are left: from what the cluster is made again, what that loses, and the agreement to it. */
export function Restore({ state }: { readonly state: ScreensState }) {
  const { size, product } = state;
  const { rows, height, top } = content(state);
  const chosen = chosenRows(state);
  return (
    <Frame
      size={size}
      left={`${product}   recovery: the quorum is lost`}
      right={ageText(state)}
      keys={restoreKeys(state)}
    >
      <Lines rows={rows} height={height} top={top} />
      {chosen.length === 0 ? null : <Rule columns={size.columns} />}
      <Lines rows={chosen} height={chosen.length} />
    </Frame>
  );
}
