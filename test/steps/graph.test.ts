import { beforeAll, describe, expect, it } from 'vitest';
import { Schedule } from '../../source/engine/schedule';
import { recorded } from '../recovery/recorded';
import { drawn, graphs } from './graph';

beforeAll(recorded);

describe('what comes after what', () => {
  // Where it differs, read the difference, and take it over with `npx vitest run --project unit -u test/steps/graph.test.ts` only if all of it is meant.
  it('is what was approved', async () => {
    await expect(drawn(await graphs())).toMatchFileSnapshot('graph.approved.txt');
  });

  it('can be done: no step waits for itself, or for one that is not there', async () => {
    for (const [name, stages] of await graphs()) expect(() => new Schedule(stages), name).not.toThrow();
  });
});
