import { commandRows } from '../frame/command-rows';
import { plain, rowText, type Row } from '../frame/rows';
import { awaitedMasters } from '../state/awaited';
import { enumerated, isWhole, MASTERS_STAGE } from '../state/masters';
import type { RunState, StageState, StepState } from '../state/run-types';
import { currentStep } from '../state/stage';
import { cut, fit, textWidth, wrap, wrapError } from '../terminal/width';
import { STATUS_SIGNS } from './glyphs';
import { narrow, outputRows, progress } from './output-rows';

const FACTS = ['joined', 'files', 'apiserver', 'Ready'] as const;

function sign(is: boolean, begun = false): string {
  return STATUS_SIGNS[is ? 'changed' : begun ? 'running' : 'pending'].glyph;
}

/** Every master with what it has already, and why one that is on its way is not further. */
function masterTable({ masters }: RunState, width: number): readonly Row[] {
  const longest = Math.max(...masters.map(master => textWidth(master.name)));
  const name = Math.min(longest + 2, width - FACTS.join(' ').length - 1);
  const lines = masters.map(master => {
    const { files, apiserver } = master;
    const signs = [
      sign(master.joined),
      sign(files === 'complete', files === 'incomplete'),
      sign(apiserver === 'healthy', apiserver === 'unhealthy'),
      sign(master.ready),
    ];
    const cells = FACTS.map((fact, index) => fit(signs[index] ?? '', fact.length));
    return plain(`${fit(master.name, name)} ${cells.join(' ')}`);
  });
  const reasons = masters.flatMap(master =>
    isWhole(master) || !master.joined || master.lastError === undefined
      ? []
      : wrapError(`${master.name}: ${master.lastError}`, width, 2),
  );
  return [
    [{ text: `${fit('', name)} ${FACTS.join(' ')}`, bold: true }],
    ...lines,
    ...(reasons.length === 0 ? [] : [[], ...reasons.map(plain)]),
  ];
}

/** What is to be run on the masters that are awaited, whole but for its token; nothing where it is not known, does not fit, or nobody is awaited. */
function commandToRun(run: RunState, width: number): readonly Row[] {
  const names = awaitedMasters(run).map(({ name }) => name);
  const rows = run.join === undefined ? [] : commandRows(run.join.command, width, '');
  if (names.length === 0 || rows.length === 0 || rows.some(row => rowText(row).length > width)) return [];
  const where = `On ${enumerated(names)}, as root (kube-el7-install join-command prints it with its token):`;
  return [[], ...wrap(where, width).map((text): Row => [{ text, bold: true }]), ...rows];
}

/** A step of one of several hosts, in so many lines. */
function hostRows(host: string, step: StepState, width: number, height: number): readonly Row[] {
  const title = step.title.includes(host) ? step.title : `${host}: ${step.title}`;
  const output = step.output.slice(-1).map(line => narrow(line, width));
  const head: Row = [
    { text: `${STATUS_SIGNS[step.status].glyph} ` },
    { text: cut(title, width - 2), bold: true },
  ];
  const below = [progress(step), ...output].map(text => plain(`  ${cut(text, width - 2)}`));
  return [head, ...below].slice(0, height);
}

/** The steps of each host, by its name, where other hosts than this one are worked on just now. */
function hostsAtWork({ host: own, stages }: RunState): ReadonlyMap<string, readonly StepState[]> {
  const steps = stages.flatMap(stage => stage.steps);
  const hosts = new Map<string, StepState[]>();
  for (const step of steps) {
    const name = step.host ?? own;
    hosts.set(name, [...(hosts.get(name) ?? []), step]);
  }
  const apart = steps.some(({ host, status }) => host !== undefined && status === 'running');
  return apart ? hosts : new Map();
}

/** The pane beside the stages. Where nobody chose a stage and several hosts are worked on, each has its part of it; the stage of the masters has a table of them. */
export function paneRows(
  run: RunState,
  stage: StageState | undefined,
  follows: boolean,
  width: number,
  height: number,
): readonly Row[] {
  const hosts = follows ? hostsAtWork(run) : new Map<string, readonly StepState[]>();
  if (hosts.size > 1) {
    const each = Math.max(1, Math.min(4, Math.floor(height / hosts.size)));
    return [...hosts].flatMap(([host, steps]) => {
      const step = currentStep({ id: host, title: host, steps });
      return step === undefined ? [] : hostRows(host, step, width, each);
    });
  }
  if (stage?.id !== MASTERS_STAGE || run.masters.length === 0) {
    return outputRows(stage, width, height);
  }
  const table = masterTable(run, width);
  const command = commandToRun(run, width);
  const below = table.length + command.length + 2 > height ? table : [...table, ...command];
  const head = outputRows(stage, width, Math.max(1, height - below.length - 1));
  return [...head, [], ...below].slice(0, height);
}
