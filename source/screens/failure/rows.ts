import type { ChangeSummary } from '../../engine/change';
import type { Row, Tone } from '../frame/rows';
import { changeText } from '../state/plan';
import type { ScreensState } from '../state/screens';
import type { RunFailure, RunState } from '../state/run-types';
import { stepTitle } from '../state/stage';
import { clock, count } from '../state/units';
import { ends, shorten, wrap, wrapError } from '../terminal/width';

/** Columns of "Cause", "Seen" and so on. */
const LABEL = 11;
/** Lines seen and changes made that are listed; the log has all. */
const LISTED = 4;

function labelled(label: string, lines: readonly string[], tone?: Tone): readonly Row[] {
  return lines.map((text, index) => [
    { text: ` ${index === 0 ? label : ''}`.padEnd(LABEL), bold: true },
    { text, ...(tone === undefined ? {} : { tone }) },
  ]);
}

/** Equal lines that follow each other become one with a count, as a failing wait says the same many times. */
export function collapsed(lines: readonly string[]): readonly string[] {
  const counted: { text: string; times: number }[] = [];
  for (const text of lines) {
    const last = counted[counted.length - 1];
    if (last?.text === text) last.times += 1;
    else counted.push({ text, times: 1 });
  }
  return counted.map(({ text, times }) => (times === 1 ? text : `${text}   (${times} times)`));
}

const KINDS: readonly (readonly [ChangeSummary['kind'], string, string])[] = [
  ['install', 'package installation', 'package installations'],
  ['write', 'file', 'files'],
  ['certificate', 'certificate', 'certificates'],
  ['directory', 'directory', 'directories'],
  ['link', 'link', 'links'],
  ['remove', 'removal', 'removals'],
  ['service', 'service', 'services'],
  ['run', 'command', 'commands'],
];

/** What the run changed: how much of each kind, and the newest one by one. */
export function changedLines(changed: readonly ChangeSummary[], room: number): readonly string[] {
  if (changed.length === 0) {
    return ['nothing: this run changed nothing on the host'];
  }
  const kinds = KINDS.flatMap(([kind, one, many]) => {
    const number = changed.filter(change => change.kind === kind).length;
    return number === 0 ? [] : [count(number, one, many)];
  });
  const newest = changed.slice(-LISTED).map(change => shorten(changeText(change), room));
  return [...wrap(`${kinds.join(', ')}; at last:`, room), ...newest];
}

/** What a failed step undid, so that nothing is left half done, and what of that did not succeed. */
function withdrawnRows(failures: readonly RunFailure[], room: number): readonly Row[] {
  const lines = (changes: readonly ChangeSummary[]) =>
    changes.map(change => shorten(changeText(change), room));
  const all = failures.flatMap(({ withdrawal }) => withdrawal ?? []);
  return [
    ...labelled('Put back', lines(all.flatMap(({ changes, done }) => changes.slice(0, done)))),
    ...labelled('Half done', lines(all.flatMap(({ changes, done }) => changes.slice(done))), 'bad'),
  ];
}

function titleOf(run: RunState, failure: RunFailure | undefined): string {
  const stage = run.stages.find(({ steps }) => steps.some(({ id }) => id === failure?.step));
  const step = stage?.steps.find(({ id }) => id === failure?.step);
  return stage === undefined || step === undefined
    ? 'The run could not be completed'
    : `${stage.title} › ${stepTitle(step)}`;
}

/** How to go on, for those who can begin a run here, those who only watched one, and those whom the engine asks. */
const GO_ON = {
  again:
    'All that was changed is used again. Retry from here with r; or quit, and start kube-el7-install again later: it goes on from this step.',
  elsewhere:
    'All that was changed is used again. Start the same command again, there or here: it goes on from this step.',
  asked:
    'The run waits for an answer, also when nobody is attached. r tries again from here. q ends it: the same command goes on from this step later.',
  same: 'All that was changed is used again. Retry from here with r; or quit, and start the same command again later: it goes on from this step.',
} as const;

export type GoOn = keyof typeof GO_ON;

/** What has become of the support bundle. */
export function bundleRows({ bundle, size }: ScreensState): readonly Row[] {
  return bundle === undefined ? [] : labelled('Bundle', wrap(bundle, size.columns - LABEL - 1));
}

/** The failure card: what happened, what shows it, what to do, what was changed, how to go on. */
export function failureRows(run: RunState, columns: number, goOn: GoOn = 'again'): readonly Row[] {
  const [failure, ...others] = run.failures;
  const report = failure?.report ?? run.end?.failure;
  const room = columns - LABEL - 1;
  const ms = failure?.ms ?? run.end?.ms;
  const title = ends(
    ` ✘ ${titleOf(run, failure)}`,
    ms === undefined ? '' : ` failed after ${clock(ms)} `,
    columns,
  );
  const seen = collapsed(report?.seen ?? []).slice(-LISTED);
  const also = others.map(({ step, report: { message } }) => `${step}: ${message}`);
  const hint = report?.hint ?? 'read the log, mend the cause, then retry';
  return [
    [{ text: title, bold: true, tone: 'bad' }],
    [],
    ...labelled('Cause', wrap(report?.message ?? 'unknown: the run ended without a reason', room)),
    ...labelled(
      'Seen',
      seen.flatMap(line => wrapError(line, room, 3)),
    ),
    ...labelled('Fix', wrap(hint, room)),
    ...labelled(
      'Also',
      also.flatMap(line => wrap(line, room)),
    ),
    ...labelled('Changed', changedLines(run.changed, room)),
    ...withdrawnRows(run.failures, room),
    ...labelled('Go on', wrap(GO_ON[goOn], room)),
    ...(run.log === '' ? [] : labelled('Log', [run.log])),
  ];
}
