import { expect } from 'vitest';
import { changesOn } from '../../source/changes';
import type { Change } from '../../source/engine/change';
import type { Stage, Step } from '../../source/engine/step';
import { isMet } from '../../source/steps/manifest';
import type { ClusterHost } from './cluster-host';

interface Options {
  /** Called before each change; throws to cut the run off. */
  readonly before?: (change: Change, step: Step, done: number) => void;
}

/** All steps but those that prepare a host, in an order that their dependencies allow. */
export function ordered(stages: readonly Stage[]): readonly Step[] {
  const waiting = stages.filter(stage => stage.id !== 'prepare').flatMap(stage => stage.steps);
  const done = new Set(stages.find(stage => stage.id === 'prepare')?.steps.map(step => step.id));
  const order: Step[] = [];
  while (waiting.length > 0) {
    const index = waiting.findIndex(step => step.after.every(id => done.has(id)));
    const [next] = index < 0 ? [] : waiting.splice(index, 1);
    if (next === undefined) throw new Error(`never ready: ${waiting.map(step => step.id).join(', ')}`);
    done.add(next.id);
    order.push(next);
  }
  return order;
}

/** Applies steps as the engine does, one after the other, and returns the ids of those that changed something. */
export async function applyAll(
  steps: readonly Step[],
  host: ClusterHost,
  options: Options = {},
): Promise<readonly string[]> {
  const changed: string[] = [];
  let done = 0;
  for (const step of steps) {
    const changes = step.plan(await step.probe(host));
    if (changes.length > 0) changed.push(step.id);
    for (const change of changes) {
      options.before?.(change, step, done);
      done += 1;
      if (change.kind === 'await')
        expect(await isMet(host, change.condition), change.condition.title).toBe(true);
      else await changesOn(host).perform(change, silent);
    }
    if (changes.length > 0) expect(step.plan(await step.probe(host)), `${step.id} is verified`).toEqual([]);
  }
  return changed;
}

const silent = { output: () => undefined, note: () => undefined, secret: () => undefined };
