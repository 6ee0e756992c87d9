import type { Diagnosis } from '../../recovery/diagnosis';
import type { KeyHint } from '../frame/chrome';
import { labelledRows } from '../frame/labelled';
import { plain, type Row, type Tone } from '../frame/rows';
import { VERDICT_WORDS } from '../state/conditions';
import type { Examination } from '../state/examination';
import { enumerated } from '../state/masters';
import type { ScreensState } from '../state/screens';
import { spoken } from '../state/units';
import { textWidth, wrap } from '../terminal/width';
import { examinedRows } from './member-rows';

/** Columns of "Diagnosis", "Quorum" and so on. */
const LABEL = 12;

const SIGNS: Readonly<Record<Diagnosis['verdict'], readonly [glyph: string, tone: Tone]>> = {
  whole: ['✔', 'good'],
  readd: ['▲', 'warning'],
  wait: ['▲', 'warning'],
  refused: ['✘', 'bad'],
  'give-up': ['▲', 'warning'],
  'quorum-lost': ['✘', 'bad'],
};

/** What a hint is called, where it is not what somebody has to do. */
const HINTS: Partial<Readonly<Record<Diagnosis['verdict'], string>>> = {
  readd: 'Know',
  'give-up': 'Know',
  'quorum-lost': 'First',
};

/** What the verdict is: a line, or several where the names in it are long. */
export function verdictRows({ verdict, readd }: Diagnosis, columns: number): readonly Row[] {
  const [glyph, tone] = SIGNS[verdict];
  const back =
    readd.length === 0 ? "etcd's alarm can be cleared now" : `${enumerated(readd)} can be put back now`;
  const words = verdict === 'readd' ? back : VERDICT_WORDS[verdict];
  return wrap(words, columns - 4).map((line, index) => [
    { text: ` ${index === 0 ? glyph : ' '} ${line}`, bold: true, tone },
  ]);
}

/** How old what is seen is, or since when it is being asked for anew. */
export function ageText({ examination, now }: ScreensState): string {
  const { asking, at } = examination ?? {};
  if (at === undefined) return '';
  return asking !== undefined
    ? `looking again, ${spoken(Math.max(0, now - asking))}`
    : `seen ${spoken(Math.max(0, now - at))} ago`;
}

/** What is asked just now, where nothing is known yet, or why nothing is. */
function unknownRows({ asking, none, failed }: Examination, now: number, columns: number): readonly Row[] {
  const room = columns - 2;
  if (none === true) {
    const text =
      '▲ This host is no master of a cluster, so there are no members of etcd to be seen from here. Run this on one of the masters that are left.';
    return wrap(text, room).map(line => [{ text: ` ${line}`, tone: 'warning' }]);
  }
  if (failed !== undefined) return [];
  const since = asking === undefined ? '' : `, for ${spoken(Math.max(0, now - asking))} now`;
  const what =
    'Each member is asked at its own address what it is and whom it knows; the apiserver here, which nodes there are and where. One that gives no answer is waited for, some seconds at most. Nothing is changed.';
  return [
    [
      { text: ' ● ', tone: 'accent' },
      { text: `Asking every member of etcd${since}`, bold: true },
    ],
    [],
    ...wrap(what, columns - 4).map(line => plain(`   ${line}`)),
  ];
}

function numbered(texts: readonly string[], room: number): readonly string[] {
  const width = String(texts.length).length;
  return texts.flatMap((text, index) =>
    wrap(text, room - width - 1).map((line, part) => {
      const number = part === 0 ? String(index + 1) : '';
      return `${number.padStart(width)} ${line}`;
    }),
  );
}

/** "now 2 of 3 · after remove 2 of 2": what belongs together is not broken where a line can hold it. */
function joined(parts: readonly string[], room: number): readonly string[] {
  const lines = parts.reduce<string[]>((all, part) => {
    const last = all[all.length - 1];
    const longer = `${last ?? ''} · ${part}`;
    return last !== undefined && textWidth(longer) <= room ? [...all.slice(0, -1), longer] : [...all, part];
  }, []);
  return lines.flatMap(line => wrap(line, room));
}

/** The diagnosis in words: what is the case, the quorum before, during and after, what will be done, what else there is to know. */
export function diagnosisRows(
  { summary, quorum, willDo, hint, verdict }: Diagnosis,
  columns: number,
): readonly Row[] {
  const room = columns - LABEL - 1;
  const row = (label: string, lines: readonly string[]) => labelledRows(label, lines, LABEL);
  return [
    ...row('Diagnosis', wrap(summary, room)),
    ...row('Quorum', joined(quorum, room)),
    ...row('Will do', numbered(willDo, room)),
    ...row(HINTS[verdict] ?? 'To do', hint === undefined ? [] : wrap(hint, room)),
  ];
}

/** What has become of asking again, of the last key, and of the support bundle. */
export function saidRows({ examination, bundle }: ScreensState, columns: number): readonly Row[] {
  const { failed, said } = examination ?? {};
  const texts = [
    ...(failed === undefined ? [] : [`▲ The members could not be asked: ${failed}`]),
    ...(said === undefined ? [] : [`▲ ${said}`]),
  ];
  return [
    ...texts.flatMap(text =>
      wrap(text, columns - 2).map((line): Row => [{ text: ` ${line}`, bold: true, tone: 'warning' }]),
    ),
    ...(bundle === undefined
      ? []
      : wrap(`Support bundle: ${bundle}`, columns - 2).map(line => plain(` ${line}`))),
  ];
}

/** The recovery screen's body. */
export function recoveryRows(state: ScreensState): readonly Row[] {
  const { examination = {}, now, size } = state;
  const { found } = examination;
  if (found === undefined) return unknownRows(examination, now, size.columns);
  return [
    ...verdictRows(found, size.columns),
    ...examinedRows(found.members, size.columns),
    ...(found.members.length === 0 ? [] : [[]]),
    ...diagnosisRows(found, size.columns),
  ];
}

/** Its keys: those that do something now come first. */
export function recoveryKeys({ examination, offers, menu }: ScreensState): readonly KeyHint[] {
  const may = ['readd', 'give-up'].includes(examination?.found?.verdict ?? '');
  return [
    ...(may
      ? ([
          ['y', 'do it'],
          ['c', 'show the commands'],
        ] as const)
      : []),
    ['r', 'look again'],
    ...(menu === undefined ? [] : [['b', 'menu'] as const]),
    ['q', examination?.found?.verdict === 'whole' ? 'quit' : 'leave as it is'],
    ...(offers.includes('support-bundle') ? [['s', 'support bundle'] as const] : []),
  ];
}
