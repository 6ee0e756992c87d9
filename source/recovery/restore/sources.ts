import type { HostReader } from '../../engine/host';
import type { RestoreSource } from '../diagnosis';
import type { ClusterRecord } from '../record';
import { ownData, type OwnData } from './member';
import { snapshot, snapshots, type Snapshot } from './snapshots';

/** The id of what this host's own etcd has. */
export const OWN = 'member';

/** What a cluster can be made again from, and what cannot be used, with the reason. */
export interface FoundSources {
  /** Newest first. */
  readonly sources: readonly RestoreSource[];
  readonly rejected: readonly { readonly id: string; readonly reason: string }[];
  /** The highest revision that anybody may have seen, as far as this host knows. */
  readonly known: number;
}

/** Where this host's own etcd cannot say what came after the snapshots: two hours of a small cluster. */
const UNKNOWN = 20_000;

/** What a lost cluster can be made again from on this host, and what cannot be used. Reads only, and needs no quorum. `also` is a snapshot at a place of the operator's own. */
export async function findSources(
  host: HostReader,
  record: ClusterRecord,
  also?: string,
): Promise<FoundSources> {
  const own = await ownData(host, record);
  const found = [...(await snapshots(host, record))];
  if (also !== undefined && !found.some(({ path }) => path === also))
    found.push(await snapshot(host, record, also));
  const usable = found.flatMap(one => ('rejected' in one ? [] : [one]));
  const revisions = [own.revision ?? 0, ...usable.map(one => one.revision)];
  return {
    sources: [...memberSource(own, record), ...usable.map(one => snapshotSource(one, own))].sort(
      (a, b) => b.revision - a.revision || (a.id === OWN ? -1 : b.id === OWN ? 1 : 0),
    ),
    rejected: [
      ...('unusable' in own ? [{ id: OWN, reason: own.unusable }] : []),
      ...found.flatMap(one => ('rejected' in one ? [{ id: one.path, reason: one.rejected }] : [])),
    ],
    known: Math.max(0, ...revisions) + ('unusable' in own ? UNKNOWN : 0),
  };
}

function memberSource(own: OwnData, { here, masters }: ClusterRecord): readonly RestoreSource[] {
  if ('unusable' in own) return [];
  const { revision, time, bytes, unread } = own;
  const others = masters.flatMap(({ hostname }) => (hostname === here.hostname ? [] : [hostname]));
  const what = unread === undefined ? 'is all that' : 'of all that';
  const kept = `Kept ${what} etcd on ${here.hostname} was ever given: up to revision ${revision} of ${time}.`;
  const without = `Lost is what ${list(others)} agreed on without it, as in the last moment before they went; that cannot be counted from here.`;
  const nothing = unread === undefined ? ['Nothing is lost that had reached its disk.'] : [];
  const damaged =
    unread === undefined
      ? []
      : [
          `The end of its log is damaged: its entries ${unread[0]} to ${unread[1]} cannot be read, and those of them that its database had not got yet are lost.`,
        ];
  const loss = [kept, ...damaged, ...(others.length === 0 ? nothing : [without])].join(' ');
  return [{ id: OWN, revision, time, bytes, loss }];
}

function snapshotSource(
  { path, revision, time, bytes }: Exclude<Snapshot, { readonly rejected: string }>,
  own: OwnData,
): RestoreSource {
  const lost = `Lost is everything after revision ${revision} (${time})`;
  return { id: path, revision, time, bytes, loss: `${lost}${since(own, revision)}.` };
}

function since(own: OwnData, revision: number): string {
  if (own.revision === undefined)
    return "; how much that is cannot be known, for this host's own etcd cannot be asked";
  const ahead = own.revision - revision;
  if (ahead <= 0) return "; this host's own etcd knows of nothing newer";
  const changes = ahead === 1 ? 'change' : 'changes';
  return `: at least ${ahead} ${changes}, for this host's own etcd knows of revision ${own.revision}`;
}

function list(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`;
}
