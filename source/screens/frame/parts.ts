import { createContext } from 'react';
import type { KeyHint } from './chrome';

/** The head line and the keys of a frame. */
export interface FrameParts {
  readonly left: string;
  readonly right: string;
  readonly keys: readonly KeyHint[];
}

/** What becomes of a frame's head and foot: a replay says there that it is one. */
export const Parts = createContext<(parts: FrameParts) => FrameParts>(parts => parts);
