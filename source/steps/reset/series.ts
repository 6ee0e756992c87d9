import type { Stage, Step } from '../../engine/step';

/** A stage whose steps are not yet told what they come after. */
export interface Outline {
  readonly id: string;
  readonly title: string;
  readonly steps: readonly ((after: readonly string[]) => Step)[];
}

/** One step after the other, through all stages: what is taken apart is not taken apart at several places at once. Stages without a step are left out. */
export function inSeries(outlines: readonly Outline[]): readonly Stage[] {
  let last: readonly string[] = [];
  const stages = outlines.map(({ id, title, steps }) => ({
    id,
    title,
    steps: steps.map(make => {
      const made = make(last);
      last = [made.id];
      return made;
    }),
  }));
  return stages.filter(({ steps }) => steps.length > 0);
}
