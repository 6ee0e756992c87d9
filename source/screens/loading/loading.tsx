import type { KeyHint } from '../frame/chrome';
import { Frame } from '../frame/frame';
import { Lines } from '../frame/lines';
import { plain, type Row } from '../frame/rows';
import { commandTitle } from '../state/command-titles';
import { before } from '../state/flow';
import { mayRetry } from '../state/recovery-keys';
import { bodyRows, type ScreensState } from '../state/screens';
import { wrap } from '../terminal/width';

function loadingRows({ unready, size }: ScreensState): readonly Row[] {
  if (unready === undefined) return [plain(' Reading what is known of this host and its cluster …')];
  const bad = (text: string) =>
    wrap(text, size.columns - 2).map((line): Row => [{ text: ` ${line}`, tone: 'bad' }]);
  if ('reason' in unready) return bad(`✘ It cannot be done: ${unready.reason}`);
  return [
    plain(' These stand in the way. Mend them where they were given, then press r:'),
    ...unready.problems.flatMap(({ field, value, where, wrong, right }) =>
      bad(`✘ ${field}=${value} (${where}) ${wrong}; instead: ${right}`),
    ),
  ];
}

/** Until it is known what a command is about, or why it cannot be known. */
export function Loading({ state }: { readonly state: ScreensState }) {
  const keys: readonly KeyHint[] = [
    ...(mayRetry(state) ? [['r', 'read again'] as const] : []),
    ...(before(state) === undefined ? [] : [['b', 'back'] as const]),
    ['q', 'quit'],
  ];
  return (
    <Frame size={state.size} left={`${state.product}   ${commandTitle(state)}`} keys={keys}>
      <Lines rows={loadingRows(state)} height={bodyRows(state.size)} />
    </Frame>
  );
}
