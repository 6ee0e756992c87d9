import { expect } from 'vitest';
import { changesOn } from '../../source/changes';
import { Schedule } from '../../source/engine/schedule';
import type { Stage, Step } from '../../source/engine/step';
import { isMet } from '../../source/steps/manifest';
import { ThreeMastersHost } from './three-masters-host';
import type { ClusterHost } from './cluster-host';

/** Of the steps that may begin, the one that is done next. */
export type Choose = (ready: readonly Step[]) => Step;

/** All but the steps that prepare hosts, which the stand-in is past. */
export function unprepared(stages: readonly Stage[]): readonly Stage[] {
  const gone = new Set(
    stages.filter(({ id }) => id === 'prepare').flatMap(({ steps }) => steps.map(({ id }) => id)),
  );
  return stages
    .filter(({ id }) => id !== 'prepare')
    .map(stage => ({
      ...stage,
      steps: stage.steps.map(step => ({ ...step, after: step.after.filter(id => !gone.has(id)) })),
    }));
}

/** Plays steps one by one as the engine's schedule lets them begin, up to one of them or the end. One that waits is left waiting while others are done, as in a run, where they go on beside it. Other masters join no sooner than somebody waits for them. */
export async function play(
  stages: readonly Stage[],
  host: ClusterHost,
  choose: Choose,
  last?: string,
): Promise<void> {
  const schedule = new Schedule(unprepared(stages));
  const waiting = new Map<string, string>();
  while (!schedule.complete) {
    const ready = schedule.ready.filter(({ id }) => !waiting.has(id));
    // Somebody has to join another host, which may take an hour: nothing else is to wait for that.
    const own = ready.filter(({ id }) => !id.startsWith('join-master'));
    if (own.length === 0 && waiting.size > 0)
      throw new Error(`waits for what no other step does: ${[...waiting.values()].join('; ')}`);
    const step = choose(own.length === 0 ? ready : own);
    const unmet = await done(step, host);
    if (unmet !== undefined) {
      waiting.set(step.id, `${step.id} until ${unmet}`);
      continue;
    }
    schedule.finish(step.id);
    // What has been done may be what others wait for.
    waiting.clear();
    if (step.id === last) return;
  }
}

/** Does one step; says what is waited for where that has not come about. */
async function done(step: Step, host: ClusterHost): Promise<string | undefined> {
  const changes = step.plan(await step.probe(host));
  const [, name] = /^(?:join|master)-(master\d)$/.exec(step.id) ?? [];
  for (const change of changes) {
    if (change.kind !== 'await') await changesOn(host).perform(change, silent);
    else {
      if (name !== undefined && host instanceof ThreeMastersHost) host.join(name);
      const of = change.condition.kind === 'all' ? change.condition.of : [change.condition];
      for (const question of of) if (!(await isMet(host, question))) return question.title;
    }
  }
  if (changes.length > 0) expect(step.plan(await step.probe(host)), `${step.id} is verified`).toEqual([]);
  return undefined;
}

const silent = { output: () => undefined, note: () => undefined, secret: () => undefined };

/** A step as early as it may be done: only what it comes after is done before it. */
export function early(stages: readonly Stage[], id: string): Choose {
  const steps = new Map(unprepared(stages).flatMap(stage => stage.steps.map(step => [step.id, step])));
  const needed = new Set<string>();
  const need = (one: string): void => {
    if (needed.has(one)) return;
    needed.add(one);
    steps.get(one)?.after.forEach(need);
  };
  need(id);
  return ready => ready.find(step => needed.has(step.id)) ?? ready[0] ?? nothing();
}

function nothing(): never {
  throw new Error('nothing is ready');
}

/** The same stages, where one step no longer comes after another one. */
export function without(stages: readonly Stage[], id: string, before: string): readonly Stage[] {
  return stages.map(stage => ({
    ...stage,
    steps: stage.steps.map(step =>
      step.id === id ? { ...step, after: step.after.filter(one => one !== before) } : step,
    ),
  }));
}
