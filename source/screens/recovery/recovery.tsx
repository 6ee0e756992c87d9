import { content } from '../content';
import { Frame } from '../frame/frame';
import { Lines } from '../frame/lines';
import { scrollKeys } from '../frame/scroll';
import type { ScreensState } from '../state/screens';
import { ageText, recoveryKeys, saidRows } from './rows';

/** How etcd's members are, and what can be done about it. */
export function Recovery({ state }: { readonly state: ScreensState }) {
  const { rows, height, top } = content(state);
  const said = saidRows(state, state.size.columns);
  return (
    <Frame
      size={state.size}
      left={`${state.product}   recovery`}
      right={ageText(state)}
      keys={[...recoveryKeys(state), ...scrollKeys(top, rows.length, height)]}
    >
      <Lines rows={rows} height={height} top={top} />
      <Lines rows={said} height={said.length} />
    </Frame>
  );
}
