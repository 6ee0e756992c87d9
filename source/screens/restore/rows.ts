import type { Diagnosis, RestoreSource } from '../../recovery/diagnosis';
import type { KeyHint } from '../frame/chrome';
import { labelledRows } from '../frame/labelled';
import { plain, type Row } from '../frame/rows';
import { windowTop } from '../frame/scroll';
import { examinedRows } from '../recovery/member-rows';
import { diagnosisRows, saidRows, verdictRows } from '../recovery/rows';
import { illMembers } from '../state/conditions';
import { enumerated } from '../state/masters';
import { chosenSource, type RestoreState } from '../state/restore-types';
import type { ScreensState } from '../state/screens';
import { bytes } from '../state/units';
import { shorten, textWidth, wrap } from '../terminal/width';

/** Sources in sight at once. */
const LISTED = 3;
const LABEL = 12;
/** The id of what this host's own etcd has. */
const OWN = 'member';

/** A source as one says it: its name without its figures. */
export function sourceName({ id }: RestoreSource): string {
  return id === OWN ? "what this host's own etcd has" : id;
}

function utc(time: string): string {
  return time.slice(0, 19).replace('T', ' ');
}

function figures({ revision, time, bytes: size }: RestoreSource): string {
  return `revision ${revision} · ${utc(time)}${size === undefined ? '' : ` · ${bytes(size)}`}`;
}

/** A source with its figures, in a sentence. */
function sourceText(source: RestoreSource): string {
  const size = source.bytes === undefined ? '' : `, ${bytes(source.bytes)}`;
  return `${sourceName(source)}: revision ${source.revision}, ${utc(source.time)} UTC${size}`;
}

function sourceRow(source: RestoreSource, chosen: boolean, columns: number): Row {
  const end = figures(source);
  const name = shorten(sourceName(source), columns - textWidth(end) - 6);
  return [
    { text: chosen ? ' ▸ ' : '   ', bold: true },
    { text: `${name}   ${end}`, bold: chosen },
  ];
}

function sourceRows(sources: readonly RestoreSource[], chosen: string, columns: number): readonly Row[] {
  const marked = sources.findIndex(({ id }) => id === chosen);
  const top = windowTop(marked, sources.length, LISTED);
  const rest = sources.length - LISTED;
  const more = rest > 0 ? ` (${marked + 1} of ${sources.length})` : '';
  return [
    [{ text: ` What it can be made again from, newest first${more}; times are UTC`, bold: true }],
    ...sources.slice(top, top + LISTED).map(source => sourceRow(source, source.id === chosen, columns)),
  ];
}

function gone(found: Diagnosis): string {
  return enumerated(
    illMembers(found)
      .map(({ name }) => name)
      .filter(name => name !== found.here),
  );
}

function neverBack(found: Diagnosis): string {
  const who = gone(found);
  return who === ''
    ? 'No other master may come back with its old disk: its etcd would go on with the old cluster.'
    : `${who} must not come back with the old disk: that etcd would go on with the old cluster. Reset it first (kube-el7-install reset), or set up a new host.`;
}

function willDo({ willDo: steps, here }: Diagnosis): readonly string[] {
  return steps.length > 0
    ? steps
    : [
        `etcd is made anew with ${here} as its only member; the other masters are put back afterwards, one by one`,
      ];
}

/** What stands above what is chosen or typed: how things are, or what is about to be agreed to. */
export function lostRows(state: ScreensState): readonly Row[] {
  const { size, restore, examination } = state;
  const found = examination?.found;
  if (found === undefined) return [];
  const { columns } = size;
  const source = chosenSource(state);
  const room = columns - LABEL - 1;
  if (restore?.typing === true && source !== undefined) {
    const row = (label: string, text: string) => labelledRows(label, wrap(text, room), LABEL);
    return [
      [{ text: ` ✘ The cluster ${found.cluster} is about to be made anew`, bold: true, tone: 'bad' }],
      ...row('From', sourceText(source)),
      ...row('Loss', source.loss),
      ...row('Lost hosts', neverBack(found)),
      ...diagnosisRows({ ...found, summary: '', quorum: [], willDo: willDo(found) }, columns).slice(1),
    ];
  }
  const sourceless = source === undefined && examination?.asking === undefined;
  const none =
    'There is nothing here that it could be made again from: no data of etcd that can be read, and no snapshot.';
  return [
    ...verdictRows(found, columns),
    ...examinedRows(found.members, columns),
    ...diagnosisRows({ ...found, quorum: [], willDo: [] }, columns),
    ...(sourceless ? labelledRows('Sources', wrap(none, room), LABEL, 'warning') : []),
  ];
}

function promptRows({ name, said }: RestoreState, { cluster }: Diagnosis, columns: number): readonly Row[] {
  const { value, cursor } = name;
  const armed = value === cluster;
  const below = armed ? '▲ enter begins it, and loses what is said above' : (said ?? '');
  return [
    [
      {
        text: shorten(` Only if they are gone for good: type the cluster's name, ${cluster}`, columns),
        bold: true,
      },
    ],
    [
      { text: ' ▸ ', bold: true },
      { text: value.slice(0, cursor) },
      { text: '▏', tone: 'accent', bold: true },
      { text: value.slice(cursor) },
    ],
    [{ text: shorten(` ${below}`, columns), bold: true, tone: 'warning' }],
  ];
}

/** What stands below: the sources with what the chosen one would lose, or the cluster's name as it is typed. */
export function chosenRows(state: ScreensState): readonly Row[] {
  const { size, restore, examination } = state;
  const found = examination?.found;
  const source = chosenSource(state);
  const said = saidRows(state, size.columns);
  if (found === undefined || restore === undefined || source === undefined) return said;
  if (restore.typing) return promptRows(restore, found, size.columns);
  return [
    ...sourceRows(found.sources ?? [], restore.source, size.columns),
    ...wrap(source.loss, size.columns - 4).map(text => plain(`   ${text}`)),
    ...said,
  ];
}

/** The keys: enter begins only where the name is right. */
export function restoreKeys(state: ScreensState): readonly KeyHint[] {
  const { restore, examination, menu } = state;
  if (restore?.typing === true) {
    const armed = restore.name.value === examination?.found?.cluster;
    return [
      ...(armed ? [['enter', 'BEGIN'] as const] : []),
      ['esc', 'back, nothing is done'],
      ['PgUp PgDn', 'scroll'],
    ];
  }
  return [
    ...(restore === undefined
      ? []
      : ([
          ['↑↓', 'choose'],
          ['enter', 'take this one'],
          ['c', 'commands'],
        ] as const)),
    ...(examination?.found?.mayGiveUp === true ? [['g', 'give the restore up'] as const] : []),
    ['q', 'leave as it is'],
    ['r', 'look again'],
    ...(menu === undefined ? [] : [['b', 'menu'] as const]),
  ];
}
