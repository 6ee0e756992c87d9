import { BaseSequencer } from 'vitest/node';
import type { TestSpecification } from 'vitest/node';

/** What raises three masters and leaves them whole, and what then goes on with them instead of raising three of its own. */
const raises = '/scenarios/three-masters.test.ts';
const goesOn = '/scenarios/recovery.test.ts';

/** Puts the scenario that goes on with three masters right after the one that raises them; the rest keeps its order. */
export function inSequence<File>(files: readonly File[], pathOf: (file: File) => string): File[] {
  const after = files.filter(file => pathOf(file).endsWith(goesOn));
  const rest = files.filter(file => !after.includes(file));
  const at = rest.findIndex(file => pathOf(file).endsWith(raises));
  return at < 0 ? [...files] : [...rest.slice(0, at + 1), ...after, ...rest.slice(at + 1)];
}

/** vitest's own order of test files, but for that. */
export class Sequence extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return inSequence(await super.sort(files), ({ moduleId }) => moduleId);
  }
}
