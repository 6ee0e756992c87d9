import type { CertificateExpiry, Summary } from '../../engine/event';
import { plain, type Row } from '../frame/rows';
import type { RunState } from '../state/run-types';
import { stageMs } from '../state/stage';
import { clock, count } from '../state/units';
import { fit, wrap } from '../terminal/width';

const DAY_MS = 86_400_000;

function heading(text: string): Row {
  return [{ text: ` ${text}`, bold: true }];
}

function nodeRows(nodes: Summary['nodes']): readonly Row[] {
  const cells = [
    ['node', 'address', 'roles', 'status', 'version'],
    ...nodes.map(node => [node.name, node.address, node.roles, node.status, node.version]),
  ];
  const widths = [0, 1, 2, 3, 4].map(column => Math.max(...cells.map(row => row[column]?.length ?? 0)));
  return cells.map((row, index) => [
    {
      text: `   ${row.map((cell, column) => fit(cell, widths[column] ?? 0)).join('   ')}`,
      bold: index === 0,
    },
  ]);
}

function joinRows({ command, file }: Summary['join'], columns: number): readonly Row[] {
  return [
    heading('To add a worker, run this on it as root, with the token in its place'),
    ...wrap(command, columns - 6).map((text, index) => plain(`   ${index === 0 ? '' : '  '}${text}`)),
    plain('   kube-el7-install join-command prints it with the token, which also stands in'),
    plain(`   ${file}, which only root can read`),
  ];
}

/** Certificates by the day they expire, soonest first: one line per day. */
function certificateRows(certificates: readonly CertificateExpiry[], now: number): readonly Row[] {
  const byDay = new Map<string, string[]>();
  for (const { path, expires } of [...certificates].sort((a, b) => a.expires.localeCompare(b.expires))) {
    const day = expires.slice(0, 10);
    byDay.set(day, [...(byDay.get(day) ?? []), path]);
  }
  return [...byDay].map(([day, paths]) => {
    const days = Math.floor((Date.parse(day) - now) / DAY_MS);
    const what = paths.length === 1 ? (paths[0] ?? '') : count(paths.length, 'certificate');
    return plain(`   ${day}  in ${count(days, 'day')}: ${what}`);
  });
}

function barRows(run: RunState, columns: number): readonly Row[] {
  const stages = run.stages.map(stage => ({ title: stage.title, ms: stageMs(stage, 0) ?? 0 }));
  const longest = Math.max(1, ...stages.map(({ ms }) => ms));
  const titles = Math.max(0, ...stages.map(({ title }) => title.length));
  const room = Math.min(60, columns - titles - 16);
  return stages.map(({ title, ms }) => [
    { text: `   ${fit(title, titles)} ${(ms / 1000).toFixed(1).padStart(7)} s ` },
    { text: '█'.repeat(Math.round((ms / longest) * room)), tone: 'accent' },
  ]);
}

/** What the operator has now; `now` tells how many days certificates last. */
export function summaryRows(run: RunState, now: number, columns: number): readonly Row[] {
  const { summary, changed = 0, unchanged = 0, ms = 0 } = run.end ?? {};
  const steps = `${count(changed, 'step')} changed, ${unchanged} unchanged, ${clock(ms)}`;
  const result = changed === 0 ? 'Everything is as it should be' : 'Kubernetes is up';
  const title: Row = [
    { text: ` ✔ ${result} on ${run.host}`, bold: true, tone: 'good' },
    { text: `   ${steps}` },
  ];
  if (summary === undefined) {
    return [title, plain(` The log is ${run.log}`)];
  }
  return [
    title,
    ...nodeRows(summary.nodes),
    heading(`kubeconfig   ${summary.kubeconfig}`),
    heading(`Log          ${run.log}`),
    ...joinRows(summary.join, columns),
    heading('Certificates expire'),
    ...certificateRows(summary.certificates, now),
    ...(summary.notes.length === 0 ? [] : [heading('Notes')]),
    ...summary.notes.flatMap(note =>
      wrap(note, columns - 6).map((text, index) => plain(`   ${index === 0 ? '·' : ' '} ${text}`)),
    ),
    heading('Seconds per stage'),
    ...barRows(run, columns),
  ];
}
