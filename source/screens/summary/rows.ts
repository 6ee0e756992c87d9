import type { CertificateExpiry, Summary } from '../../engine/event';
import { commandRows } from '../frame/command-rows';
import { plain, type Row } from '../frame/rows';
import { quorumText } from '../run/member-rows';
import type { RunState } from '../state/run-types';
import { stageMs } from '../state/stage';
import { clock, count } from '../state/units';
import { cut, fit, shorten, textWidth, wrap } from '../terminal/width';

const DAY_MS = 86_400_000;

/** What stands beside a stage's title and its bar, and what a long title or name leaves. */
const BAR_FIELDS = 16;
const SHORTEST_BAR = 12;
const SHORTEST_NAME = 12;

/** Columns of "kubeconfig", "Log" and so on. */
const LABEL = 15;

function heading(text: string): Row {
  return [{ text: ` ${text}`, bold: true }];
}

function labelled(label: string, text: string): Row {
  return [{ text: ` ${label}`.padEnd(LABEL), bold: true }, { text }];
}

function nodeRows(nodes: Summary['nodes'], columns: number): readonly Row[] {
  const cells = [
    ['node', 'address', 'roles', 'status', 'version'],
    ...nodes.map(node => [node.name, node.address, node.roles, node.status, node.version]),
  ];
  const [names = 0, ...others] = [0, 1, 2, 3, 4].map(column =>
    Math.max(...cells.map(row => row[column]?.length ?? 0)),
  );
  // A name gives way: what differs between the names of a cloud's hosts stands at their beginning.
  const taken = others.reduce((sum, width) => sum + width + 3, 3);
  const widths = [Math.min(names, Math.max(SHORTEST_NAME, columns - taken)), ...others];
  return cells.map((row, index) => [
    {
      text: `   ${row.map((cell, column) => fit(cell, widths[column] ?? 0)).join('   ')}`,
      bold: index === 0,
    },
  ]);
}

function joinRows({ command }: Summary['join'], columns: number): readonly Row[] {
  return [
    labelled('Add a worker', 'run this on it as root; token: kube-el7-install join-command'),
    ...commandRows(command, columns),
  ];
}

function soonestFirst(certificates: readonly CertificateExpiry[]): readonly CertificateExpiry[] {
  return [...certificates].sort(
    (one, other) => one.expires.localeCompare(other.expires) || one.path.localeCompare(other.path),
  );
}

function expiry({ expires }: CertificateExpiry, now: number): string {
  const days = Math.floor((Date.parse(expires) - now) / DAY_MS);
  return `${expires.slice(0, 10)}, in ${count(days, 'day')}`;
}

/** How many there are and the one that is the first to expire. */
function certificateRow(certificates: readonly CertificateExpiry[], columns: number): Row {
  const [first] = soonestFirst(certificates);
  if (first === undefined) {
    return labelled('Certificates', 'none was found');
  }
  const text = `${certificates.length}, the first expires ${first.expires.slice(0, 10)}: `;
  return labelled('Certificates', text + shorten(first.path, columns - LABEL - text.length - 1));
}

function noteRows(notes: readonly string[], columns: number): readonly Row[] {
  return notes.flatMap(note =>
    wrap(note, columns - 6).map((text, index) => plain(`   ${index === 0 ? '·' : ' '} ${text}`)),
  );
}

/** Every certificate with the day it expires, soonest first; the notes; and where the join command stands whole. */
export function detailRows(run: RunState, now: number, columns: number): readonly Row[] {
  const { certificates = [], notes = [], join } = run.end?.summary ?? {};
  return [
    heading('Certificates expire'),
    ...soonestFirst(certificates).map(certificate =>
      plain(`   ${fit(expiry(certificate, now), 26)} ${shorten(certificate.path, columns - 31)}`),
    ),
    ...(notes.length === 0 ? [] : [heading('Notes')]),
    ...noteRows(notes, columns),
    ...(join === undefined
      ? []
      : [heading('The join command, with its token'), plain(`   ${join.file}, for root alone`)]),
  ];
}

export function barRows(run: RunState, columns: number): readonly Row[] {
  const stages = run.stages.map(stage => ({ title: stage.title, ms: stageMs(stage, 0) ?? 0 }));
  const longest = Math.max(1, ...stages.map(({ ms }) => ms));
  const widest = Math.max(0, ...stages.map(({ title }) => textWidth(title)));
  const titles = Math.min(widest, columns - BAR_FIELDS - SHORTEST_BAR);
  const room = Math.min(60, columns - titles - BAR_FIELDS);
  return stages.map(({ title, ms }) => [
    { text: `   ${fit(title, titles)} ${(ms / 1000).toFixed(1).padStart(7)} s ` },
    { text: '█'.repeat(Math.round((ms / longest) * room)), tone: 'accent' },
  ]);
}

/** What only several masters and a VIP have: under which address they are reached, and what etcd may lose. */
function clusterRows({ members, values }: RunState): readonly Row[] {
  const vip = values.find(({ name }) => name === '--vip')?.value ?? '';
  return [
    ...(vip === '' ? [] : [labelled('VIP', vip)]),
    ...(members.length > 1 ? [labelled('etcd', quorumText(members))] : []),
  ];
}

/** What the operator needs next. */
function nextRows(run: RunState, summary: Summary, columns: number): readonly Row[] {
  return [
    ...nodeRows(summary.nodes, columns),
    ...clusterRows(run),
    labelled('kubeconfig', summary.kubeconfig),
    labelled('Log', run.log),
    ...joinRows(summary.join, columns),
    certificateRow(summary.certificates, columns),
  ];
}

function titleRow(run: RunState, columns: number): Row {
  const { changed = 0, unchanged = 0, ms = 0 } = run.end ?? {};
  const result = changed === 0 ? 'Everything is as it should be' : 'Kubernetes is up';
  const nodes = run.end?.summary?.nodes ?? [];
  const masters = nodes.filter(({ roles }) => /\b(master|control-plane)\b/.test(roles)).length;
  const workers = nodes.length - masters;
  const where =
    masters < 2
      ? ` on ${run.host}`
      : `: ${count(masters, 'master')}${workers === 0 ? '' : `, ${count(workers, 'worker')}`}`;
  const counts = `   ${count(changed, 'step')} changed, ${unchanged} unchanged, ${clock(ms)}`;
  const title = ` ✔ ${result}`;
  const room = Math.max(SHORTEST_NAME, columns - textWidth(title) - textWidth(counts));
  return [{ text: title + cut(where, room), bold: true, tone: 'good' }, { text: counts }];
}

function noSummaryRows(run: RunState, columns: number): readonly Row[] {
  return [titleRow(run, columns), labelled('Log', run.log), ...barRows(run, columns)];
}

/** The summary for 24 lines: notes and the certificates one by one are folded to a line each. */
export function foldedRows(run: RunState, columns: number): readonly Row[] {
  const summary = run.end?.summary;
  if (summary === undefined) {
    return noSummaryRows(run, columns);
  }
  const notes = summary.notes.length;
  const them = notes === 1 ? 'it' : 'them';
  return [
    titleRow(run, columns),
    ...nextRows(run, summary, columns),
    ...(notes === 0 ? [] : [labelled('Notes', `${notes}: c shows ${them}, and all certificates`)]),
    ...barRows(run, columns),
  ];
}

/** All of the summary, for a terminal with the room and for the scrollback; `now` tells how many days certificates last. */
export function wholeRows(run: RunState, now: number, columns: number): readonly Row[] {
  const summary = run.end?.summary;
  return summary === undefined
    ? noSummaryRows(run, columns)
    : [
        titleRow(run, columns),
        ...nextRows(run, summary, columns),
        ...barRows(run, columns),
        ...detailRows(run, now, columns),
      ];
}
