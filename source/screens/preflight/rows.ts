import type { Finding } from '../../engine/check';
import type { Row, Tone } from '../frame/rows';
import type { CheckState, RunState } from '../state/run-types';
import { count } from '../state/units';
import { fit, wrap } from '../terminal/width';

type Level = Finding['level'];

/** Columns of a check's title. */
const TITLE = 24;

const SHOWN: Readonly<
  Record<Level, { readonly glyph: string; readonly tone: Tone; readonly group: string }>
> = {
  fatal: { glyph: '✘', tone: 'bad', group: 'Fatal: it cannot work like this' },
  warning: { glyph: '▲', tone: 'warning', group: 'Warnings: it can go on, but read them' },
  ok: { glyph: '✔', tone: 'good', group: 'In order' },
};

/** The worst of a check's findings; a check that found nothing is in order. */
function levelOf(findings: readonly Finding[]): Level {
  const has = (level: Level) => findings.some(finding => finding.level === level);
  return has('fatal') ? 'fatal' : has('warning') ? 'warning' : 'ok';
}

function arrivingRow({ title, findings }: CheckState, columns: number): Row {
  if (findings === undefined) {
    return [{ text: ' ● ', tone: 'accent' }, { text: `${fit(title, TITLE)} looking …` }];
  }
  const level = levelOf(findings);
  const message = findings.find(finding => finding.level === level)?.message ?? '';
  const { glyph, tone } = SHOWN[level];
  const text = fit(`${fit(title, TITLE)} ${fit(level, 8)}${message}`, columns - 4);
  return [{ text: ` ${glyph} `, tone }, { text }];
}

function findingRows(title: string, finding: Finding, columns: number): readonly Row[] {
  const { glyph, tone } = SHOWN[finding.level];
  const room = columns - TITLE - 5;
  const indent = ' '.repeat(TITLE + 4);
  const [first = '', ...more] = wrap(finding.message, room);
  const fix = finding.fix === undefined ? [] : wrap(`fix: ${finding.fix}`, room);
  return [
    [{ text: ` ${glyph} `, tone }, { text: `${fit(title, TITLE)} ${first}` }],
    ...more.map((text): Row => [{ text: indent + text }]),
    ...fix.map((text): Row => [{ text: indent + text, bold: true }]),
  ];
}

function groupRows(run: RunState, level: Level, columns: number): readonly Row[] {
  const findings = run.checks.flatMap(({ title, findings: found = [] }) =>
    found.flatMap(finding => (finding.level === level ? findingRows(title, finding, columns) : [])),
  );
  const { group, tone } = SHOWN[level];
  return findings.length === 0 ? [] : [[], [{ text: ` ${group}`, bold: true, tone }], ...findings];
}

/** What preflight came to, in a sentence that says what to do. */
export function verdict({ preflight, checks }: RunState): Row {
  if (preflight === undefined) {
    const done = checks.filter(({ findings }) => findings !== undefined).length;
    return [{ text: ` Looking at this host, changing nothing: ${count(done, 'check')} done` }];
  }
  const { fatal, warnings } = preflight;
  if (fatal > 0) {
    return [
      {
        text: ` ✘ ${fatal} fatal, ${count(warnings, 'warning')}. Mend what is fatal, then press r.`,
        bold: true,
        tone: 'bad',
      },
    ];
  }
  const text =
    warnings > 0 ? `▲ Nothing fatal, ${count(warnings, 'warning')}.` : '✔ All checks are in order.';
  return [{ text: ` ${text} Enter shows the plan.`, bold: true, tone: warnings > 0 ? 'warning' : 'good' }];
}

/** The checks as they come; once all are there, grouped with what to do. */
export function reportRows(run: RunState, columns: number): readonly Row[] {
  return run.preflight === undefined
    ? run.checks.map(check => arrivingRow(check, columns))
    : (['fatal', 'warning', 'ok'] as const).flatMap(level => groupRows(run, level, columns));
}
