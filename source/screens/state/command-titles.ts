import { enumerated } from './masters';
import { commandOf, type ScreensState } from './screens';

/** What is brought about, for the head line. */
export function commandTitle(state: ScreensState): string {
  const { putBack = [], restored } = state;
  switch (commandOf(state)) {
    case 'install':
      return 'what to install';
    case 'prepare':
      return 'prepare this host';
    case 'undo':
      return 'undo the last run';
    case 'reset':
      return 'reset this host';
    case 'readd-member':
      if (restored !== undefined) return 'make the cluster again';
      return putBack.length === 0 ? 'recovery' : `put ${enumerated(putBack)} back`;
  }
}
