import type { HostReader } from '../../engine/host';
import type { RestoreSource } from '../diagnosis';
import { MARK, MEMBER, placesOf, RESTORE } from './places';

/** A restore as it is written down, so that one that was cut off is gone on with. */
export interface Attempt {
  /** "20261123T090400Z"; names the directories. */
  readonly id: string;
  /** The source's id. */
  readonly source: string;
  /** The newest write in the source. */
  readonly revision: number;
  /** The highest revision that this host knew of. */
  readonly known: number;
  /** Where this host's own data was as it began. */
  readonly own: string;
}

/** The one to go on with where one from this source was cut off, else a new one. `known` is the highest revision of all sources. */
export async function attemptFor(
  host: HostReader,
  { id: source, revision }: RestoreSource,
  known: number,
  now = new Date(),
): Promise<Attempt> {
  const unfinished = await unfinishedAttempt(host);
  if (unfinished?.source === source) return unfinished;
  const id = `${now.toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`;
  const most = Math.max(known, revision, unfinished?.known ?? 0);
  return { id, source, revision, known: most, own: await memberDirectory(host) };
}

/** The restore that was begun and is not done. */
export async function unfinishedAttempt(host: HostReader): Promise<Attempt | undefined> {
  const text = (await host.read(RESTORE))?.toString('utf8');
  try {
    const { id, source, revision, known, own } = JSON.parse(text ?? '') as Partial<Attempt>;
    if (typeof id !== 'string' || !/^\d{8}T\d{6}Z$/.test(id)) return undefined;
    if (typeof source !== 'string' || typeof own !== 'string') return undefined;
    if (typeof revision !== 'number' || typeof known !== 'number') return undefined;
    return { id, source, revision, known, own };
  } catch {
    return undefined;
  }
}

/** As it is written down. */
export function attemptText(attempt: Attempt): string {
  return `${JSON.stringify(attempt)}\n`;
}

/** Whether the data that this attempt made is in etcd's place. */
export async function isInPlace(host: HostReader, id: string): Promise<boolean> {
  return (await host.read(`${MEMBER}/${MARK}`))?.toString('utf8').trim() === id;
}

/** How far an attempt has come with etcd's data: moved is between the two renames, where what is aside is still the only data. */
export type Progress = 'untouched' | 'moved' | 'replaced';

/** Until something has taken the place of this host's own data, all that was done can be put back. */
export async function progressOf(host: HostReader, { id, own }: Attempt): Promise<Progress> {
  const [aside, member] = await Promise.all([host.stat(placesOf(id).aside), host.stat(MEMBER)]);
  // What an earlier attempt has put there is no data of the cluster's any more.
  if (own !== MEMBER || (await isInPlace(host, id))) return 'replaced';
  if (aside === undefined) return 'untouched';
  return member === undefined ? 'moved' : 'replaced';
}

/** Where this host's own data is: aside, where a restore that is not done has put other data in its place. */
export async function memberDirectory(host: HostReader): Promise<string> {
  const attempt = await unfinishedAttempt(host);
  if (attempt === undefined || attempt.own !== MEMBER) return attempt?.own ?? MEMBER;
  const { aside } = placesOf(attempt.id);
  return (await host.stat(aside)) === undefined ? MEMBER : aside;
}
