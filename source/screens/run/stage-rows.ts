import type { MasterStatus } from '../../engine/event';
import type { Row } from '../frame/rows';
import { isWhole, MASTERS_STAGE, masterWords } from '../state/masters';
import type { RunState, StageState, StepState } from '../state/run-types';
import { stageMs, stageStatus, stepTitle } from '../state/stage';
import { clock } from '../state/units';
import { ends } from '../terminal/width';
import { STATUS_SIGNS } from './glyphs';

function stageRow(stage: StageState, chosen: boolean, now: number, width: number): Row {
  const status = stageStatus(stage);
  const { glyph, tone } = STATUS_SIGNS[status];
  const ms = stageMs(stage, now);
  const time = status === 'failed' ? 'failed' : ms === undefined ? '' : clock(ms);
  return [
    { text: chosen ? '▸' : ' ' },
    { text: glyph, ...(tone === undefined ? {} : { tone }) },
    { text: ends(` ${stage.title}`, ` ${time}`, width - 2), bold: chosen },
  ];
}

/** What is said of a step at the right end: nothing before it began. */
function stepNote({ status, startedAt, ms }: StepState, now: number): string {
  if (status === 'running') return clock(Math.max(0, now - (startedAt ?? now)));
  if (status === 'changed') return clock(ms ?? 0);
  return status === 'pending' ? '' : status;
}

function stepRow(step: StepState, now: number, width: number): Row {
  const { glyph, tone } = STATUS_SIGNS[step.status];
  return [
    { text: '   ' },
    { text: glyph, ...(tone === undefined ? {} : { tone }) },
    { text: ends(` ${stepTitle(step)}`, ` ${stepNote(step, now)}`, width - 4) },
  ];
}

/** A master in a line: its name and how far it has come. */
function masterRow(master: MasterStatus, width: number): Row {
  const words = masterWords(master);
  const sign = isWhole(master) ? 'changed' : master.joined ? 'running' : 'pending';
  const { glyph, tone } = STATUS_SIGNS[sign];
  return [
    { text: '   ' },
    { text: glyph, ...(tone === undefined ? {} : { tone }) },
    { text: ends(` ${master.name}`, ` ${words}`, width - 4) },
  ];
}

/** The stages, and which of their rows are to be kept in sight. */
interface StageList {
  readonly rows: readonly Row[];
  readonly first: number;
  readonly last: number;
}

/** The stages with their elapsed times; below that of the masters each master, and below the chosen one its steps where they are opened. */
export function stageRows(
  run: RunState,
  chosen: number,
  stepsOpen: boolean,
  now: number,
  width: number,
): StageList {
  const masters = run.masters.map(master => masterRow(master, width));
  const groups = run.stages.map((stage, index) => [
    stageRow(stage, index === chosen, now, width),
    ...(stage.id === MASTERS_STAGE ? masters : []),
    ...(stepsOpen && index === chosen ? stage.steps.map(step => stepRow(step, now, width)) : []),
  ]);
  const first = groups.slice(0, chosen).flat().length;
  const group = groups[chosen]?.length ?? 1;
  const steps = stepsOpen ? (run.stages[chosen]?.steps ?? []) : [];
  const working = steps.findIndex(({ status }) => status === 'running' || status === 'failed');
  const last = first + (working < 0 ? group - 1 : group - steps.length + working);
  return { rows: groups.flat(), first: working < 0 ? first : last, last };
}
