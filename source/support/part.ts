import type { View } from '../disclosure/files';
import type { Command, HttpRequest } from '../engine/host';

/** One thing that a bundle may hold, as data: where it comes from, what it is called there, and what of it may be shown; where no view is given, text in which flags and secrets are masked. */
export type Part = { readonly name: string } & (
  | {
      readonly kind: 'command';
      readonly command: Command;
      readonly timeoutMs?: number;
      /** What of its standard output goes in. */
      readonly shown?: View;
    }
  /** The end of a file. */
  | { readonly kind: 'file'; readonly path: string; readonly bytes?: number; readonly shown?: View }
  | { readonly kind: 'request'; readonly request: HttpRequest }
  | { readonly kind: 'text'; readonly text: string }
  /** Known beforehand not to be had. */
  | { readonly kind: 'missing'; readonly why: string }
);

/** A command's part, short to write in a list of many. */
export function printed(name: string, file: string, ...args: readonly string[]): Part {
  return { name, kind: 'command', command: { file, args } };
}
