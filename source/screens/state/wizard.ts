import type { Answers, RegistryStatus } from '../../installer';
import type { Problem, Settings } from '../../variables/settings';
import type { Key } from '../terminal/keys';
import { textField, typed, type TextField } from './text-field';

/** The questions, in order; the names are those of Answers. */
export const FIELDS = ['KUBE_VERSION', 'DOCKER_REGISTRY', 'vip', 'masters'] as const;
export type FieldName = (typeof FIELDS)[number];
export type FullAnswers = Required<Answers>;

/** What the registry said, and for which answers that holds. */
export type RegistryAnswer = { readonly for: string } & (
  | { readonly state: 'asking' }
  | { readonly state: 'answered'; readonly status: RegistryStatus }
  /** It was not asked: the address is not one, or asking went wrong. */
  | { readonly state: 'unasked'; readonly reason?: string }
);

export interface WizardState {
  readonly field: FieldName;
  readonly texts: Readonly<Record<FieldName, TextField>>;
  readonly defaults: FullAnswers;
  /** Absent while yum is asked; empty where it offers none. */
  readonly versions?: readonly string[];
  /** The last validation, and the answers that it is about. */
  readonly checked?: {
    readonly for: FullAnswers;
    readonly problems: readonly Problem[];
    readonly settings?: Settings;
  };
  readonly registry?: RegistryAnswer;
  /** Fields that were left once: only there an empty answer is complained of. */
  readonly visited: readonly FieldName[];
  /** Everything is answered and waits for the validation's result. */
  readonly leaving: boolean;
}

/** The wizard as it opens, with what would be used anyway already answered. */
export function openWizard(defaults: FullAnswers): WizardState {
  const texts = Object.fromEntries(FIELDS.map(name => [name, textField(defaults[name])]));
  return {
    field: 'KUBE_VERSION',
    texts: texts as Record<FieldName, TextField>,
    defaults,
    visited: [],
    leaving: false,
  };
}

/** All answers as they stand. */
export function answersOf({ texts }: WizardState): FullAnswers {
  const value = (name: FieldName) => texts[name].value;
  return {
    KUBE_VERSION: value('KUBE_VERSION'),
    DOCKER_REGISTRY: value('DOCKER_REGISTRY'),
    vip: value('vip'),
    masters: value('masters'),
  };
}

/** Only what was changed here: the rest keeps its own source (flag, environment, file). */
export function givenAnswers(answers: FullAnswers, defaults: FullAnswers): Answers {
  return Object.fromEntries(
    FIELDS.flatMap(name => (answers[name] === defaults[name] ? [] : [[name, answers[name]]])),
  );
}

/** What the registry's answer depends on. */
export function registryQuestion(answers: FullAnswers): string {
  return `${answers.KUBE_VERSION} ${answers.DOCKER_REGISTRY}`;
}

/** The versions to choose from; the default stands among them even where yum does not offer it. */
export function versionChoices({ versions, defaults }: WizardState): readonly string[] {
  if (versions === undefined || versions.length === 0) {
    return [];
  }
  return versions.includes(defaults.KUBE_VERSION) || defaults.KUBE_VERSION === ''
    ? versions
    : [defaults.KUBE_VERSION, ...versions];
}

const PROBLEM_FIELDS: Readonly<Record<string, FieldName>> = {
  KUBE_VERSION: 'KUBE_VERSION',
  DOCKER_REGISTRY: 'DOCKER_REGISTRY',
  '--vip': 'vip',
  '--masters': 'masters',
};

/** The question that a problem is about; undefined for what the wizard does not ask. */
function fieldOf(problem: Problem): FieldName | undefined {
  return PROBLEM_FIELDS[problem.field];
}

/** What is wrong with a field's present text, where that is known. */
export function problemOf(wizard: WizardState, name: FieldName): Problem | undefined {
  const { checked } = wizard;
  return checked?.for[name] === wizard.texts[name].value
    ? checked.problems.find(problem => fieldOf(problem) === name)
    : undefined;
}

/** Problems with what the wizard does not ask (the variables file, a flag): they stand in the way all the same. */
export function otherProblems({ checked }: WizardState): readonly Problem[] {
  return (checked?.problems ?? []).filter(problem => fieldOf(problem) === undefined);
}

/** The validated settings, where they are those of the answers as they stand. */
export function settingsOf(wizard: WizardState): Settings | undefined {
  const answers = answersOf(wizard);
  const { checked } = wizard;
  return checked !== undefined && sameAnswers(checked.for, answers) ? checked.settings : undefined;
}

function moved(wizard: WizardState, by: 1 | -1): WizardState {
  const index = FIELDS.indexOf(wizard.field) + by;
  const visited = wizard.visited.includes(wizard.field) ? wizard.visited : [...wizard.visited, wizard.field];
  const field = FIELDS[index];
  if (field === undefined) {
    return by === 1 ? { ...wizard, visited: [...FIELDS], leaving: true } : wizard;
  }
  return { ...wizard, field, visited, leaving: false };
}

function withText(wizard: WizardState, field: TextField): WizardState {
  return { ...wizard, texts: { ...wizard.texts, [wizard.field]: field }, leaving: false };
}

/** The wizard after a key. */
export function pressed(wizard: WizardState, key: Key): WizardState {
  const choices = wizard.field === 'KUBE_VERSION' ? versionChoices(wizard) : [];
  if (choices.length > 0 && (key === 'up' || key === 'down')) {
    const index = choices.indexOf(wizard.texts.KUBE_VERSION.value) + (key === 'up' ? -1 : 1);
    const chosen = choices[Math.max(0, Math.min(choices.length - 1, index))];
    return chosen === undefined ? wizard : withText(wizard, textField(chosen));
  }
  switch (key) {
    case 'enter':
      return problemOf(wizard, wizard.field) === undefined
        ? moved(wizard, 1)
        : { ...wizard, visited: [...wizard.visited, wizard.field] };
    case 'tab':
    case 'down':
      return wizard.field === 'masters' ? wizard : moved(wizard, 1);
    case 'escape':
    case 'backtab':
    case 'up':
      return moved(wizard, -1);
    default: {
      const field = choices.length > 0 ? undefined : typed(wizard.texts[wizard.field], key);
      return field === undefined ? wizard : withText(wizard, field);
    }
  }
}

/** The wizard once yum has answered: the newest on offer is chosen where nothing was given before. */
export function offered(wizard: WizardState, versions: readonly string[]): WizardState {
  const { KUBE_VERSION } = wizard.texts;
  const newest = versions[0];
  const texts =
    KUBE_VERSION.value === '' && newest !== undefined
      ? { ...wizard.texts, KUBE_VERSION: textField(newest) }
      : wizard.texts;
  return { ...wizard, versions, texts };
}

function sameAnswers(one: FullAnswers, other: FullAnswers): boolean {
  return FIELDS.every(name => one[name] === other[name]);
}

/** The wizard after a validation of its present answers; one of older answers is dropped. */
export function validated(wizard: WizardState, checked: NonNullable<WizardState['checked']>): WizardState {
  return sameAnswers(checked.for, answersOf(wizard)) ? { ...wizard, checked } : wizard;
}

/** A wizard that is being left goes back to the first question with a problem, once the present answers are validated. */
export function settled(wizard: WizardState): WizardState {
  const { leaving, checked } = wizard;
  const known = checked !== undefined && sameAnswers(checked.for, answersOf(wizard));
  if (!leaving || !known || checked.problems.length === 0) {
    return wizard;
  }
  const fields = checked.problems.map(fieldOf);
  return { ...wizard, leaving: false, field: FIELDS.find(name => fields.includes(name)) ?? wizard.field };
}
