import type { Next, ScreensState } from './screens';

const WRITING = 'is being written …';

/** A support bundle is asked for, where there is one to be had; only one at a time. */
export function bundled(state: ScreensState): Next {
  if (!state.offers.includes('support-bundle') || state.bundle === WRITING) return [state];
  return [{ ...state, bundle: WRITING }, { kind: 'support-bundle' }];
}
