import type { StageOutline } from './event';
import type { Stage, Step } from './step';

/** The stages as screens and plans know them. */
export function outlines(stages: readonly Stage[]): StageOutline[] {
  return stages.map(stage => ({
    id: stage.id,
    title: stage.title,
    steps: stage.steps.map(({ id, title, host, after }) => ({
      id,
      title,
      ...(host === undefined ? {} : { host }),
      after: [...after],
    })),
  }));
}

/** Which steps are done and which may begin. The list is checked when this is made: an id given twice, an unknown `after` and a cycle are faults of the list, and throw. */
export class Schedule {
  readonly steps: readonly Step[];
  readonly #done = new Set<string>();

  constructor(stages: readonly Stage[]) {
    this.steps = stages.flatMap(stage => stage.steps);
    const ids = new Set<string>();
    for (const { id } of this.steps) {
      if (ids.has(id)) throw new Error(`two steps have the id ${id}`);
      ids.add(id);
    }
    for (const { id, after } of this.steps) {
      const unknown = after.find(other => !ids.has(other));
      if (unknown !== undefined)
        throw new Error(`the step ${id} comes after ${unknown}, which does not exist`);
    }
    refuseCycles(this.steps);
  }

  get complete(): boolean {
    return this.#done.size === this.steps.length;
  }

  /** In the order of the list. */
  get done(): readonly Step[] {
    return this.steps.filter(step => this.#done.has(step.id));
  }

  /** Steps that are not done and whose predecessors are, in the order of the list. */
  get ready(): readonly Step[] {
    return this.steps.filter(
      step => !this.#done.has(step.id) && step.after.every(other => this.#done.has(other)),
    );
  }

  finish(id: string): void {
    this.#done.add(id);
  }

  /** Begins again at a step: it and all that come after it, directly or not, are to be done again. */
  backTo(id: string): void {
    const again = new Set([id]);
    let before = 0;
    while (again.size !== before) {
      before = again.size;
      for (const step of this.steps) if (step.after.some(other => again.has(other))) again.add(step.id);
    }
    for (const one of again) this.#done.delete(one);
  }
}

function refuseCycles(steps: readonly Step[]): void {
  const left = new Map(steps.map(step => [step.id, step]));
  for (;;) {
    const free = [...left.values()].filter(step => step.after.every(other => !left.has(other)));
    if (free.length === 0) break;
    for (const step of free) left.delete(step.id);
  }
  if (left.size > 0) throw new Error(`these steps wait for each other: ${[...left.keys()].join(', ')}`);
}
