import { lookAgain } from './examination';
import { goOn } from './flow';
import type { Offer, Opening } from './offers';
import type { Next, ScreensState } from './screens';

/** The screens as they open, where not with the wizard. */
export function openedWith(state: ScreensState, opening: Opening, offers: readonly Offer[]): ScreensState {
  const open: ScreensState = { ...state, offers };
  switch (opening.kind) {
    case 'wizard':
      return open;
    case 'menu':
      return { ...open, screen: 'menu', menu: { standing: opening.standing } };
    case 'recovery':
      return { ...open, screen: 'recovery', command: 'readd-member' };
    case 'plan':
      return { ...open, screen: 'loading', command: opening.command, onward: 'check' };
  }
}

/** What is asked at first on a screen that is not the wizard. */
export function askedFirst(state: ScreensState): Next {
  return state.screen === 'loading' ? goOn(state, state.onward ?? 'check') : lookAgain(state);
}
