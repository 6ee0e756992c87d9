import type { Command } from '../../engine/host';
import type { Undo } from '../../engine/change';

/** A file of more bytes than this is not read into memory to be kept, compared or put back. */
export const LARGE = 1024 * 1024;

/** What stood at a path before it was changed. A file's bytes are kept beside the record, under the name given. */
export type Former =
  | { readonly was: 'absent' }
  | { readonly was: 'file'; readonly kept: string; readonly mode: number }
  | { readonly was: 'link'; readonly target: string }
  | { readonly was: 'directory'; readonly mode: number };

/** What takes a change back: the state that things had before it, so that it can be brought about from any state since, and is no harm where the change never came to be. */
export type Inverse =
  | { readonly kind: 'path'; readonly path: string; readonly former: Former; readonly wrote?: string }
  | { readonly kind: 'unit'; readonly unit: string; readonly active: boolean; readonly file: string }
  | { readonly kind: 'packages'; readonly packages: readonly string[]; readonly before: string }
  | { readonly kind: 'again'; readonly title: string; readonly command: Command; readonly timeoutMs: number }
  /** `finished`: a cluster that was made before is mended, and taken back it would be broken again. */
  | { readonly kind: 'cluster'; readonly finished: boolean }
  /** `implied`: nobody has said how it is taken back; what was done in a cluster goes with that. */
  | { readonly kind: 'stays'; readonly what: string; readonly implied?: true }
  | Extract<Undo, { readonly kind: 'run' }>;

/** One line of a record. */
export interface UndoEntry {
  /** Counts from 1 in a record. */
  readonly n: number;
  /** Absent for the host that the installer ran on. */
  readonly host?: string;
  readonly step: string;
  readonly title: string;
  readonly inverse: Inverse;
  /** It tells of what stood there before a cluster was begun, and so is of no use where an earlier go had begun it. */
  readonly beforeCluster?: true;
}

/** The first line of a record. */
export interface UndoHeader {
  readonly v: 1;
  readonly run: string;
  readonly command: string;
  /** ISO 8601, UTC. */
  readonly time: string;
  /** The other hosts that it could change, by name and address. */
  readonly others: readonly { readonly hostname: string; readonly address: string }[];
}

/** What two inverses are about, where it is the same: only the earliest of them counts. */
export function subjectOf(inverse: Inverse): string {
  switch (inverse.kind) {
    case 'path':
      return `path ${inverse.path}`;
    case 'unit':
      return `unit ${inverse.unit}`;
    case 'packages':
      return `packages ${inverse.packages.join(' ')}`;
    case 'run':
      return `run ${inverse.title}`;
    case 'again':
      return `again ${[inverse.command.file, ...inverse.command.args].join(' ')}`;
    case 'cluster':
      return 'cluster';
    case 'stays':
      return `stays ${inverse.what}`;
  }
}
