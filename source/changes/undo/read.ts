import type { HostReader } from '../../engine/host';
import { UNDO } from '../../steps/paths';
import { subjectOf, type Inverse, type UndoEntry, type UndoHeader } from './inverse';

/** One run as its record tells of it. */
export interface UndoRun extends UndoHeader {
  readonly entries: readonly UndoEntry[];
  readonly undone: boolean;
}

/** The runs that are taken back together, and what that comes to. */
export interface Undoing {
  /** Newest first; several where a cluster was raised in several goes. */
  readonly runs: readonly UndoRun[];
  /** A cluster was begun on this host. */
  readonly cluster: boolean;
  /** In the order in which they are brought about. */
  readonly targets: readonly Target[];
}

/** The state that a thing had before, with where it belongs. */
export interface Target {
  readonly host?: string;
  readonly step: string;
  readonly title: string;
  readonly inverse: Inverse;
  /** The file that holds what was kept of it. */
  readonly kept?: string;
  /** The digests of what was written there since. */
  readonly wrote: readonly string[];
}

/** All runs that have a record on this host, newest first. Lines that a crash has cut short are passed over: their change was never made. */
export async function readUndoRuns(host: HostReader): Promise<readonly UndoRun[]> {
  const names = (await host.list(UNDO)) ?? [];
  const records = names.filter(name => name.endsWith('.jsonl')).reverse();
  const runs = await Promise.all(
    records.map(async name => {
      const text = (await host.read(`${UNDO}/${name}`))?.toString('utf8') ?? '';
      const [header, ...entries] = text.split('\n').map(parsed);
      if (header === undefined || !('run' in header)) return [];
      const undone = names.includes(`${header.run}.undone`);
      return [{ ...header, undone, entries: entries.filter(isEntry) }];
    }),
  );
  return runs.flat();
}

function parsed(line: string): UndoHeader | UndoEntry | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as UndoHeader | UndoEntry) : undefined;
  } catch {
    return undefined;
  }
}

function isEntry(line: UndoHeader | UndoEntry | undefined): line is UndoEntry {
  return line !== undefined && 'inverse' in line;
}

/** What is next to be taken back: the newest run that was not yet, and with a cluster all the goes in which it was raised, since half of one is of no use. */
export function nextToUndo(runs: readonly UndoRun[]): Undoing | undefined {
  const left = runs.filter(run => !run.undone);
  const [newest] = left;
  if (newest === undefined) return undefined;
  if (!beginsCluster(newest)) return undoing([newest]);
  // Not beyond what was done with the cluster otherwise.
  const barrier = left.findIndex(run => run.entries.length === 0);
  const within = barrier < 0 ? left : left.slice(0, barrier);
  const oldest = within.map(beginsCluster).lastIndexOf(true);
  return undoing(within.slice(0, oldest + 1));
}

function beginsCluster({ entries }: UndoRun): boolean {
  return entries.some(({ host, inverse }) => host === undefined && inverse.kind === 'cluster');
}

function undoing(runs: readonly UndoRun[]): Undoing {
  return { runs, cluster: runs.some(beginsCluster), targets: targetsOf([...runs].reverse()) };
}

/** Of all that was written down about a thing the earliest counts. Steps are taken back in the reverse of the order in which they ended, and so are their parts. */
function targetsOf(oldestFirst: readonly UndoRun[]): readonly Target[] {
  const found = new Map<string, Target & { readonly at: number }>();
  const ended = new Map<string, number>();
  let at = 0;
  for (const [go, { run, entries }] of oldestFirst.entries()) {
    const begun = oldestFirst.slice(0, go).some(beginsCluster);
    for (const { host, step, title, inverse, beforeCluster } of entries) {
      if (beforeCluster === true && begun) continue;
      at += 1;
      ended.set(stepKey({ host, step }), at);
      const key = `${host ?? ''} ${subjectOf(inverse)}`;
      const before = found.get(key);
      const wrote = inverse.kind === 'path' && inverse.wrote !== undefined ? [inverse.wrote] : [];
      if (before !== undefined) {
        found.set(key, { ...before, wrote: [...before.wrote, ...wrote] });
        continue;
      }
      const name = keptName(inverse);
      found.set(key, {
        ...{ step, title, inverse, wrote, at },
        ...(host === undefined ? {} : { host }),
        ...(name === undefined ? {} : { kept: `${UNDO}/${run}/${name}` }),
      });
    }
  }
  const end = (target: Target): number => ended.get(stepKey(target)) ?? 0;
  return [...found.values()].sort((one, other) => end(other) - end(one) || other.at - one.at);
}

function stepKey({ host, step }: { readonly host?: string | undefined; readonly step: string }): string {
  return `${host ?? ''} ${step}`;
}

function keptName(inverse: Inverse): string | undefined {
  if (inverse.kind === 'packages') return inverse.before;
  return inverse.kind === 'path' && inverse.former.was === 'file' ? inverse.former.kept : undefined;
}
