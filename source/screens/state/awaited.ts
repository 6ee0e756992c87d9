import type { MasterStatus } from '../../engine/event';
import { stepOf } from './run';
import type { RunState } from './run-types';

/** Masters that somebody has to join now: their node is not in the cluster, the join command is there, and this run does not reach them itself. */
export function awaitedMasters(run: RunState): readonly MasterStatus[] {
  const status = stepOf(run, 'join-command')?.status;
  if (status !== 'changed' && status !== 'unchanged') return [];
  const reached = run.stages.flatMap(({ steps }) => steps.map(({ host }) => host));
  return run.masters.filter(({ name, joined }) => !joined && name !== run.host && !reached.includes(name));
}

/** The steps that wait for a master: the first until it has joined, the other until it is one. */
export function masterSteps(name: string): readonly string[] {
  return [`join-${name}`, `master-${name}`];
}
