import type { RestoreSource } from '../../recovery/diagnosis';
import type { ScreensState } from './screens';
import type { TextField } from './text-field';

/** What somebody has chosen and typed on the screen of a lost quorum. */
export interface RestoreState {
  /** The chosen source's id. */
  readonly source: string;
  /** The cluster's name is being typed; else a source is being chosen. */
  readonly typing: boolean;
  readonly name: TextField;
  /** What the last key came to. */
  readonly said?: string;
}

/** The source that is chosen, where one is. */
export function chosenSource({ examination, restore }: ScreensState): RestoreSource | undefined {
  return examination?.found?.sources?.find(({ id }) => id === restore?.source);
}
