import { render } from 'ink-testing-library';
import type { ReactElement } from 'react';

const CODES = { up: '\x1b[A', down: '\x1b[B', enter: '\r' } as const;

/**
 * ink-testing-library's render, with keys. Ink 4 reads what is typed by `read` on `readable` and holds its input by
 * `ref`; the input of ink-testing-library 3.0.0 has none of these and only emits `data`, so they are added to it. The
 * promise of `press` resolves once what the key changed is drawn and the component listens to the next one.
 */
export function renderWithKeys(tree: ReactElement) {
  const { stdin, lastFrame, unmount, rerender } = render(tree);
  let waiting: string | null = null;
  Object.assign(stdin, {
    ref: () => undefined,
    unref: () => undefined,
    read: () => {
      const chunk = waiting;
      waiting = null;
      return chunk;
    },
  });
  // React gives way to others when 5 ms are over, so that on a busy machine drawing takes more than one turn.
  const turn = async () => {
    for (let left = 20; left > 0; left--) await new Promise<void>(resolve => setImmediate(resolve));
  };
  return {
    lastFrame,
    unmount,
    rerender,
    press: async (...keys: readonly (keyof typeof CODES)[]): Promise<void> => {
      for (const key of keys) {
        await turn();
        waiting = CODES[key];
        stdin.emit('readable');
      }
      await turn();
    },
  };
}
