import type { Action, ScreensState } from '../state/screens';
import type { ListKeys } from './list-keys';

/** What the screens are drawn from, whether a run is under way or a recorded one is played. */
export interface ShownSession {
  readonly subscribe: (listener: () => void) => () => void;
  readonly getState: () => ScreensState;
  readonly dispatch: (action: Action) => void;
  /** The keys of the list on the screen. */
  readonly listKeys: ListKeys;
  readonly fail: (reason: unknown) => void;
}
