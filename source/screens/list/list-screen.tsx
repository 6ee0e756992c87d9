import type { KeyHint } from '../frame/chrome';
import { Frame } from '../frame/frame';
import { Lines } from '../frame/lines';
import { menuSheet } from '../menu/rows';
import { ageText } from '../recovery/rows';
import { shownList } from '../state/lists';
import { bodyRows, type Action, type ScreensState } from '../state/screens';
import { List } from './list';
import { questionSheet, stepsSheet, type ListSheet } from './rows';

function sheetOf(state: ScreensState): ListSheet {
  if (state.run.question !== undefined) return questionSheet(state);
  return state.overlay?.kind === 'steps' ? stepsSheet(state) : menuSheet(state);
}

const CHOOSE: KeyHint = ['↑↓', 'choose'];

/** How old what the menu says is. */
function ageOf(state: ScreensState): string {
  return state.screen === 'menu' && state.run.question === undefined ? ageText(state) : '';
}

/** A sentence or two, and below them what there is to choose from: the engine's question, or the step to go back to. */
export function ListScreen({
  state,
  dispatch,
}: {
  readonly state: ScreensState;
  readonly dispatch: (action: Action) => void;
}) {
  const { id: list = '', marked = 0 } = shownList(state) ?? {};
  const { title, above, texts, keys, faint = [] } = sheetOf(state);
  return (
    <Frame
      size={state.size}
      left={`${state.product}   ${title}`}
      right={ageOf(state)}
      keys={[CHOOSE, ...keys]}
    >
      <Lines rows={above} height={above.length} />
      <List
        texts={texts}
        faint={faint}
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
