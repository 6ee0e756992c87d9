import type { MasterStatus } from '../../engine/event';

/** The stage that the masters' own lines stand under. */
export const MASTERS_STAGE = 'masters';

/** How far a master has come, in a word or two. */
export function masterWords({ joined, files, apiserver, ready }: MasterStatus): string {
  if (!joined) return 'not joined';
  if (files === 'absent') return 'joined, no files';
  if (files === 'incomplete') return 'files incomplete';
  if (apiserver === 'absent') return 'no apiserver';
  if (apiserver === 'unhealthy') return 'apiserver starts';
  return ready ? 'Ready' : 'not Ready';
}

/** Whether nothing is left to be done on a master. */
export function isWhole({ joined, files, apiserver, ready }: MasterStatus): boolean {
  return joined && files === 'complete' && apiserver === 'healthy' && ready;
}

/** "master1", "master1 and master2", "master1, master2 and master3". */
export function enumerated(names: readonly string[]): string {
  const last = names[names.length - 1] ?? '';
  return names.length < 2 ? last : `${names.slice(0, -1).join(', ')} and ${last}`;
}
