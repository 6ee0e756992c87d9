import type { KeyHint } from '../frame/chrome';
import { Frame, Rule } from '../frame/frame';
import { Lines } from '../frame/lines';
import { plain } from '../frame/rows';
import { windowTop } from '../frame/scroll';
import { commandTitle } from '../state/command-titles';
import { bodyRows, failureAsked, type ScreensState } from '../state/screens';
import { planRows, type PlanState } from '../state/plan';
import { wrap } from '../terminal/width';
import { noteRows, planTitle, teaserRows, topologyRows, treeRows } from './rows';

const KEYS: readonly KeyHint[] = [
  ['enter', 'open'],
  ['y', 'run it'],
  ['v', 'all values'],
  ['w', 'write to a file'],
  ['b', 'back'],
  ['q', 'quit'],
  ['↑↓', 'move'],
];

function Tree({ state, plan }: { readonly state: ScreensState; readonly plan: PlanState }) {
  const { size, command } = state;
  const settings = command === 'install' ? state.settings : undefined;
  const rows = treeRows(plan, size.columns);
  const notes = [...topologyRows(settings, size.columns), ...noteRows(plan.plan.notes ?? [], size.columns)];
  const height = bodyRows(size) - 4 - notes.length;
  const marked = planRows(plan).findIndex(({ key }) => key === plan.cursor);
  const below =
    plan.saved === undefined ? teaserRows(plan.plan.values, size.columns) : [plain(` ${plan.saved}`)];
  return (
    <>
      <Lines rows={[[{ text: ` ${planTitle(plan.plan)}`, bold: true }]]} height={1} />
      <Lines rows={notes} height={notes.length} />
      <Lines rows={rows} height={height} top={windowTop(marked, rows.length, height)} />
      <Rule columns={size.columns} />
      <Lines rows={below} height={2} />
    </>
  );
}

/** What is not an installation is agreed to by "do it"; where data may be lost, the cluster's name is asked for first. */
function keyOf({ command, onward, restored }: ScreensState, hint: KeyHint): readonly KeyHint[] {
  if (hint[0] !== 'y' || command === 'install') return [hint];
  return onward === 'plan' && restored !== undefined ? [['y', 'type the name']] : [['y', 'do it']];
}

/** While the engine waits for an answer the plan is one of going back, and leaving it goes back to the failure. */
function keysOf(state: ScreensState): readonly KeyHint[] {
  if (!failureAsked(state)) return KEYS.flatMap(hint => keyOf(state, hint));
  return KEYS.filter(([key]) => key !== 'q').map(hint =>
    hint[0] === 'y' ? ['y', 'begin again here'] : hint,
  );
}

/** What would be done; nothing has been changed yet. */
export function PlanScreen({ state }: { readonly state: ScreensState }) {
  const { plan, size } = state;
  const what = state.command === 'install' ? '' : `: ${commandTitle(state)}`;
  const left = `${state.product}   plan${what}`;
  if (plan === undefined) {
    return (
      <Frame
        size={size}
        left={left}
        keys={[
          ['b', 'back'],
          ['q', 'quit'],
        ]}
      >
        <Lines rows={[plain(' Looking at what is there already, to plan what is left to do …')]} height={1} />
      </Frame>
    );
  }
  if ('failed' in plan) {
    const reason = wrap(`✘ The plan could not be made: ${plan.failed}`, size.columns - 2);
    return (
      <Frame
        size={size}
        left={left}
        keys={[
          ['r', 'try again'],
          ['b', 'back'],
          ['q', 'quit'],
        ]}
      >
        <Lines rows={reason.map(text => [{ text: ` ${text}`, tone: 'bad' }])} height={bodyRows(size)} />
      </Frame>
    );
  }
  return (
    <Frame size={size} left={left} right={state.begun ? '' : 'nothing is changed yet'} keys={keysOf(state)}>
      <Tree state={state} plan={plan} />
    </Frame>
  );
}
