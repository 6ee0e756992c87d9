import { Frame, Rule } from '../frame/frame';
import { Lines } from '../frame/lines';
import type { ScreensState } from '../state/screens';
import { wizardParts } from './parts';

/** The questions. */
export function Wizard({ state }: { readonly state: ScreensState }) {
  const { left, right, keys, questions, panel, panelHeight } = wizardParts(state);
  return (
    <Frame size={state.size} left={left} right={right} keys={keys}>
      <Lines rows={questions} height={questions.length} />
      <Rule columns={state.size.columns} />
      <Lines rows={panel} height={panelHeight} />
    </Frame>
  );
}
