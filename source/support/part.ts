import type { Command, HttpRequest } from '../engine/host';

/** One thing that a bundle may hold, as data: where it comes from, and what it is called there. */
export type Part = { readonly name: string } & (
  | {
      readonly kind: 'command';
      readonly command: Command;
      readonly timeoutMs?: number;
      /** What of its output goes in; all of it where absent. */
      readonly shown?: (stdout: string) => string;
    }
  /** The end of a file. */
  | { readonly kind: 'file'; readonly path: string; readonly bytes?: number }
  | { readonly kind: 'request'; readonly request: HttpRequest }
  | { readonly kind: 'text'; readonly text: string }
  /** Known beforehand not to be had. */
  | { readonly kind: 'missing'; readonly why: string }
);

/** A command's part, short to write in a list of many. */
export function printed(name: string, file: string, ...args: readonly string[]): Part {
  return { name, kind: 'command', command: { file, args } };
}
