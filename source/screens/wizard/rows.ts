import type { Problem } from '../../variables/settings';
import { plain, rowText, type Row } from '../frame/rows';
import { windowTop } from '../frame/scroll';
import {
  answersOf,
  otherProblems,
  problemOf,
  registryQuestion,
  settingsOf,
  versionChoices,
  type FieldName,
  type WizardState,
} from '../state/wizard';
import { cut, fit, textWidth, wrap } from '../terminal/width';
import { WORDS } from './words';

/** Columns before an answer. */
const LABEL = 20;

function answerSpans(wizard: WizardState, name: FieldName, room: number): Row {
  const { value, cursor } = wizard.texts[name];
  if (wizard.field !== name || (name === 'KUBE_VERSION' && versionChoices(wizard).length > 0)) {
    return [
      { text: cut(value === '' ? EMPTY[name] : value, room), ...(value === '' ? { tone: 'faint' } : {}) },
    ];
  }
  const from = Math.max(0, cursor - room + 2);
  return [
    { text: value.slice(from, cursor) },
    { text: '▏', tone: 'accent', bold: true },
    { text: value.slice(cursor, from + room - 1) },
  ];
}

const EMPTY: Readonly<Record<FieldName, string>> = {
  KUBE_VERSION: '(none yet)',
  DOCKER_REGISTRY: '(none yet)',
  vip: '(none)',
  masters: '(this host alone)',
};

/** The registry's answer in at most a few words; the panel below has the rest. */
function registryRows(wizard: WizardState, room: number): readonly Row[] {
  const { registry } = wizard;
  if (registry === undefined || registry.for !== registryQuestion(answersOf(wizard))) {
    return [];
  }
  if (registry.state === 'asking') {
    return [[{ text: '· asking the registry …', tone: 'faint' }]];
  }
  if (registry.state === 'unasked') {
    const text = `▲ could not be asked: ${registry.reason ?? ''}`;
    return registry.reason === undefined ? [] : wrapped(text, room, 'warning');
  }
  const { reachable, problem, found, total, missing } = registry.status;
  const images = `${found} of ${total} images found`;
  if (!reachable) {
    return wrapped(`✘ not usable: ${problem ?? 'it does not answer'}`, room, 'bad');
  }
  if (found < total) {
    return wrapped(`▲ reachable, ${images}; not there: ${missing.join(', ')}`, room, 'warning');
  }
  const spoken = problem === undefined ? '' : `; ${problem}`;
  return wrapped(`✔ reachable, ${images}${spoken}`, room, 'good');
}

function wrapped(text: string, room: number, tone: 'good' | 'warning' | 'bad'): readonly Row[] {
  const [first = '', ...more] = wrap(text, room);
  return [[{ text: first, tone }], ...more.map(line => [{ text: `  ${cut(line, room - 2)}` }])];
}

/** Of an answer with several parts, such as the masters, the part that is wrong is named. */
function wrongWith(wizard: WizardState, name: FieldName, { value, wrong }: Problem): string {
  const answer = wizard.texts[name].value.trim();
  return value !== '' && value !== answer && answer.includes(value) ? `${value} ${wrong}` : wrong;
}

/** What is to be said under an answer: its problem, else the registry's answer; nothing of a question not yet come to. */
function statusRows(wizard: WizardState, name: FieldName, room: number): readonly Row[] {
  const problem = problemOf(wizard, name);
  const untouched = wizard.texts[name].value === '' && !wizard.visited.includes(name);
  if (problem !== undefined && !untouched) {
    return [
      [{ text: `✘ ${cut(wrongWith(wizard, name, problem), room - 2)}`, tone: 'bad' }],
      plain(`  instead: ${problem.right}`),
    ];
  }
  return name === 'DOCKER_REGISTRY' && problem === undefined ? registryRows(wizard, room) : [];
}

/** One question: its answer, and always two lines below it, so that nothing jumps. */
export function fieldRows(wizard: WizardState, name: FieldName, columns: number): readonly Row[] {
  const current = wizard.field === name;
  const room = columns - LABEL - 2;
  const label = { text: fit(` ${current ? '▸' : ' '} ${WORDS[name].label}`, LABEL), bold: current };
  const status = statusRows(wizard, name, room);
  const indent = { text: ' '.repeat(LABEL) };
  return [
    [label, ...answerSpans(wizard, name, room)],
    [indent, ...(status[0] ?? [])],
    [
      indent,
      ...(status[1] ?? []).map(({ text }) => ({ text: cut(status.length > 2 ? `${text} …` : text, room) })),
    ],
  ];
}

function versionRows(wizard: WizardState, height: number): readonly Row[] {
  const choices = versionChoices(wizard);
  if (wizard.versions === undefined) {
    return [[{ text: '   · asking yum which versions it offers …', tone: 'faint' }]];
  }
  if (choices.length === 0) {
    return [[{ text: '   ▲ yum offers no version that can be installed: type it', tone: 'warning' }]];
  }
  const marked = choices.indexOf(wizard.texts.KUBE_VERSION.value);
  const top = windowTop(marked, choices.length, height);
  return choices.slice(top, top + height).map((version, index) => {
    const notes = [
      ...(version === wizard.defaults.KUBE_VERSION ? ['preset'] : []),
      ...(wizard.versions?.includes(version) === false ? ['not offered by yum'] : []),
    ];
    const chosen = index + top === marked;
    return [
      { text: `   ${chosen ? '▸' : ' '} ${fit(version, 10)}`, bold: chosen },
      { text: notes.join(', ') },
    ];
  });
}

/** The present question's problem, where the two lines below the answer cannot hold it. */
function longProblem(wizard: WizardState, columns: number): string | undefined {
  const problem = problemOf(wizard, wizard.field);
  const shown = statusRows(wizard, wizard.field, Infinity).map(rowText);
  const room = columns - LABEL - 2;
  return problem === undefined || shown.every(line => textWidth(line) <= room)
    ? undefined
    : `✘ ${wrongWith(wizard, wizard.field, problem)}; instead: ${problem.right}`;
}

/** The panel below the questions: what the current one is about, the versions, the registry's answer whole, and problems that are not about a question. */
export function panelRows(wizard: WizardState, columns: number, height: number): readonly Row[] {
  const others = otherProblems(wizard).flatMap(({ field, value, where, wrong, right }) =>
    wrap(`✘ ${field}=${value} (${where}) ${wrong}; instead: ${right}`, columns - 2).map((text): Row => [
      { text: ` ${text}`, tone: 'bad' },
    ]),
  );
  if (others.length > 0) {
    return [plain(' These stand in the way. Mend them where they were given, and start again:'), ...others];
  }
  const about = wrap(WORDS[wizard.field].about, columns - 2).map(text => plain(` ${text}`));
  const long = longProblem(wizard, columns);
  if (long !== undefined) {
    return [...about, ...wrap(long, columns - 2).map((text): Row => [{ text: ` ${text}`, tone: 'bad' }])];
  }
  if (wizard.field === 'KUBE_VERSION') {
    return [...about, ...versionRows(wizard, height - about.length)];
  }
  if (wizard.field !== 'DOCKER_REGISTRY') {
    return about;
  }
  const plainHttp = settingsOf(wizard)?.registry.plainHttp === true;
  const answer = registryRows(wizard, columns - 2);
  return [
    ...about,
    ...(plainHttp
      ? wrap(
          `▲ Over plain HTTP, as DOCKER_REGISTRY_PLAIN_HTTP=yes says: nothing proves that the images are the registry's.`,
          columns - 2,
        ).map((text): Row => [{ text: ` ${text}`, tone: 'warning' }])
      : []),
    ...(answer.length > 2 ? answer.map((row): Row => [{ text: ' ' }, ...row]) : []),
  ];
}
