import type { KeyHint } from '../frame/chrome';
import { Frame } from '../frame/frame';
import { Lines } from '../frame/lines';
import { shownList } from '../state/lists';
import { bodyRows, type Action, type ScreensState } from '../state/screens';
import { List } from './list';
import { questionSheet, stepsSheet } from './rows';

const CHOOSE: KeyHint = ['↑↓', 'choose'];

/** A sentence or two, and below them what there is to choose from: the engine's question, or the step to go back to. */
export function ListScreen({
  state,
  dispatch,
}: {
  readonly state: ScreensState;
  readonly dispatch: (action: Action) => void;
}) {
  const { id: list = '', marked = 0 } = shownList(state) ?? {};
  const { title, above, texts, keys } =
    state.run.question === undefined ? stepsSheet(state) : questionSheet(state);
  return (
    <Frame size={state.size} left={`${state.product}   ${title}`} keys={[CHOOSE, ...keys]}>
      <Lines rows={above} height={above.length} />
      <List
        texts={texts}
        marked={marked}
        height={bodyRows(state.size) - above.length}
        onMark={index => {
          dispatch({ type: 'marked', list, index });
        }}
        onChoose={index => {
          dispatch({ type: 'chosen', list, index });
        }}
      />
    </Frame>
  );
}
