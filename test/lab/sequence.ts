import { BaseSequencer } from 'vitest/node';
import type { TestSpecification } from 'vitest/node';
import { inOrder } from './scenarios/order';

/** vitest's own order of test files, but for the scenarios, of which some go on with the cluster that another one raised. */
export class Sequence extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return inOrder(await super.sort(files), ({ moduleId }) => moduleId);
  }
}
