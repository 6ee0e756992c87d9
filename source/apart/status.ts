import { join } from 'node:path';
import type { MasterStatus, MemberStatus, Question } from '../engine/event';
import type { FailureReport } from '../engine/failure';
import { holderOf } from '../engine/lock';
import { stageStatus, stepTitle, waits } from '../screens/state/stage';
import type { RunState, StepStatus } from '../screens/state/run-types';
import { lastRun, toldRun, type ToldRun } from './last-run';
import { peek } from './peek';

interface ShownStage {
  readonly id: string;
  readonly title: string;
  readonly state: StepStatus;
  /** The steps at work. */
  readonly running: readonly string[];
}

/** How things stand, as one object: docs/events.md describes it. Times are ISO 8601, UTC. */
export interface Status {
  readonly v: 1;
  readonly state: 'none' | 'at-work' | 'waits-for-answer' | 'ended' | 'cut-off';
  /** The process that does the run, or holds the lock. */
  readonly process?: { readonly pid: number; readonly since: string; readonly attachable: boolean };
  readonly run?: {
    readonly id: string;
    readonly command: string;
    readonly host: string;
    readonly since: string;
    readonly until: string;
    readonly log: string;
    readonly outcome?: 'succeeded' | 'failed' | 'interrupted';
    readonly stages: readonly ShownStage[];
    readonly awaited: readonly {
      readonly title: string;
      readonly since: string;
      readonly timeoutMs: number;
      readonly lastError?: string;
    }[];
    readonly members: readonly MemberStatus[];
    readonly masters: readonly MasterStatus[];
    readonly failure?: FailureReport;
  };
  /** etcd's members at this moment, where this host is a master. */
  readonly etcd?: { readonly members: readonly MemberStatus[]; readonly notes: readonly string[] };
  readonly question?: Pick<Question, 'text' | 'choices'>;
  readonly journal: { readonly path: string; readonly unreadableLines: number };
}

/** Looks at the engine at work where there is one, else at the journal; changes nothing. */
export async function statusOf(directory: string, stateDirectory: string): Promise<Status> {
  const [live, holder, journal] = await Promise.all([
    peek(directory),
    holderOf(join(stateDirectory, 'lock')),
    lastRun(stateDirectory),
  ]);
  const told = (live === undefined ? undefined : toldRun(live.events)) ?? journal.told;
  const { question } = live ?? {};
  const held = live !== undefined || holder !== undefined;
  return {
    v: 1,
    state: stateOf(told, held, question !== undefined),
    ...processOf(live?.hello, holder),
    ...(told === undefined ? {} : { run: shownRun(told) }),
    ...(question === undefined ? {} : { question: { text: question.text, choices: question.choices } }),
    journal: { path: journal.path, unreadableLines: journal.lost },
  };
}

function processOf(
  engine: { readonly pid: number; readonly since: string } | undefined,
  holder: { readonly pid: number; readonly since: Date } | undefined,
): Pick<Status, 'process'> {
  if (engine !== undefined) return { process: { pid: engine.pid, since: engine.since, attachable: true } };
  if (holder === undefined) return {};
  return { process: { pid: holder.pid, since: holder.since.toISOString(), attachable: false } };
}

function stateOf(told: ToldRun | undefined, held: boolean, asked: boolean): Status['state'] {
  if (asked) return 'waits-for-answer';
  if (held) return 'at-work';
  if (told === undefined) return 'none';
  return told.run.end === undefined ? 'cut-off' : 'ended';
}

function shownRun({ run, id, command, since, until }: ToldRun): NonNullable<Status['run']> {
  const report = run.failures[0]?.report ?? run.end?.failure;
  return {
    ...{ id, command, host: run.host, since, until, log: run.log },
    ...(run.end === undefined ? {} : { outcome: run.end.outcome }),
    stages: shownStages(run),
    awaited: waits(run).map(({ since: begun, ...wait }) => ({
      ...wait,
      since: new Date(begun).toISOString(),
    })),
    members: run.members,
    masters: run.masters,
    ...(report === undefined ? {} : { failure: report }),
  };
}

function shownStages(run: RunState): readonly ShownStage[] {
  return run.stages.map(stage => ({
    id: stage.id,
    title: stage.title,
    state: stageStatus(stage),
    running: stage.steps.filter(({ status }) => status === 'running').map(stepTitle),
  }));
}
