import type { KeyHint } from '../frame/chrome';
import type { Row } from '../frame/rows';
import { bodyRows, type ScreensState } from '../state/screens';
import { FIELDS, versionChoices } from '../state/wizard';
import { fieldRows, panelRows } from './rows';

/** What stands on the wizard's screen. */
interface WizardParts {
  readonly left: string;
  readonly right: string;
  readonly keys: readonly KeyHint[];
  readonly questions: readonly Row[];
  readonly panel: readonly Row[];
  readonly panelHeight: number;
}

function keysOf({ wizard, begun, menu }: ScreensState): readonly KeyHint[] {
  const last = wizard.field === 'masters';
  const choosing = wizard.field === 'KUBE_VERSION' && versionChoices(wizard).length > 0;
  return [
    ...(choosing ? [['↑↓', 'choose'] as const] : []),
    ['enter', last ? 'check this host' : 'next'],
    ...(wizard.field === 'KUBE_VERSION' && menu === undefined ? [] : [['esc', 'back'] as const]),
    ['Ctrl-C', begun ? 'quit' : 'quit, nothing is changed'],
  ];
}

/** The wizard's screen as rows, so that it can be drawn by Ink and, first of all, before Ink is there. */
export function wizardParts(state: ScreensState): WizardParts {
  const { wizard, size, product } = state;
  const questions = FIELDS.flatMap(name => fieldRows(wizard, name, size.columns));
  const panelHeight = bodyRows(size) - questions.length - 1;
  const number = `question ${FIELDS.indexOf(wizard.field) + 1} of ${FIELDS.length}`;
  return {
    left: `${product}   what to install`,
    right: wizard.leaving ? 'checking the answers …' : number,
    keys: keysOf(state),
    questions,
    panel: panelRows(wizard, size.columns, panelHeight),
    panelHeight,
  };
}
