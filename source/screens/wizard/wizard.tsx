import { Frame, Rule, type KeyHint } from '../frame/frame';
import { Lines } from '../frame/lines';
import { bodyRows, type ScreensState } from '../state/screens';
import { FIELDS, versionChoices } from '../state/wizard';
import { fieldRows, panelRows } from './rows';

function keysOf({ wizard, begun }: ScreensState): readonly KeyHint[] {
  const last = wizard.field === 'masters';
  const choosing = wizard.field === 'KUBE_VERSION' && versionChoices(wizard).length > 0;
  return [
    ...(choosing ? [['↑↓', 'choose'] as const] : []),
    ['enter', last ? 'check this host' : 'next'],
    ...(wizard.field === 'KUBE_VERSION' ? [] : [['esc', 'back'] as const]),
    ['Ctrl-C', begun ? 'quit' : 'quit, nothing is changed'],
  ];
}

/** The questions. */
export function Wizard({ state }: { readonly state: ScreensState }) {
  const { wizard, size } = state;
  const questions = FIELDS.flatMap(name => fieldRows(wizard, name, size.columns));
  const panel = bodyRows(size) - questions.length - 1;
  return (
    <Frame
      size={size}
      left={`${state.product}   what to install`}
      right={
        wizard.leaving
          ? 'checking the answers …'
          : `question ${FIELDS.indexOf(wizard.field) + 1} of ${FIELDS.length}`
      }
      keys={keysOf(state)}
    >
      <Lines rows={questions} height={questions.length} />
      <Rule columns={size.columns} />
      <Lines rows={panelRows(wizard, size.columns, panel)} height={panel} />
    </Frame>
  );
}
