import type { Row } from '../frame/rows';
import type { RunState, StageState, StepState } from '../state/run-types';
import { stageMs, stageStatus } from '../state/stage';
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
    { text: ends(` ${step.title}`, ` ${stepNote(step, now)}`, width - 4) },
  ];
}

/** The stages with their elapsed times, the chosen one's steps below it where they are opened; `marked` is the row of the chosen one. */
export function stageRows(
  run: RunState,
  chosen: number,
  stepsOpen: boolean,
  now: number,
  width: number,
): { readonly rows: readonly Row[]; readonly marked: number } {
  const rows = run.stages.flatMap((stage, index) => [
    stageRow(stage, index === chosen, now, width),
    ...(stepsOpen && index === chosen ? stage.steps.map(step => stepRow(step, now, width)) : []),
  ]);
  const steps = stepsOpen ? (run.stages[chosen]?.steps ?? []) : [];
  const running = steps.findIndex(({ status }) => status === 'running' || status === 'failed');
  return { rows, marked: chosen + 1 + running };
}
