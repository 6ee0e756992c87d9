import { isMemberData } from '../../cluster/etcd-data';
import type { Change } from '../../engine/change';
import { step, type Step } from '../../engine/step';
import { copyWhole } from './keep-files';
import { snapshotOf } from './keep-etcd';
import { removeTree, type Keeping } from './kept';

interface Observed {
  /** What of etcd's is in its directory; what others have put there is none of it. */
  readonly names: readonly string[];
  /** A snapshot was saved and verified. */
  readonly saved: boolean;
  /** What is in the folder already. */
  readonly kept: readonly string[];
}

/** etcd's own data goes once a snapshot of it is kept; without one it is moved to where that would be, like all else that lies there. */
export function etcdData(keeping: Keeping, directory: string, after: readonly string[]): Step {
  const { data, status } = snapshotOf(keeping);
  return step<Observed>({
    id: 'etcd-data',
    title: keeping.keeps ? "Move etcd's data aside" : "Remove etcd's data",
    after,
    probe: async host => ({
      names: ((await host.list(directory)) ?? []).filter(isMemberData),
      saved: (await host.stat(data)) !== undefined && (await host.stat(status)) !== undefined,
      kept: (await host.list(`${keeping.path}/etcd`)) ?? [],
    }),
    plan: observed => plan(keeping, directory, observed),
  });
}

function plan(
  { path, keeps }: Keeping,
  directory: string,
  { names, saved, kept }: Observed,
): readonly Change[] {
  const aside = (name: string): readonly Change[] =>
    kept.includes(name) ? [] : copyWhole(`${directory}/${name}`, `${path}/etcd/${name}`);
  const moved = keeps ? names.filter(name => name !== 'member' || !saved) : [];
  return [
    ...(moved.length === 0 ? [] : [{ kind: 'directory', path: `${path}/etcd`, mode: 0o700 } as const]),
    ...moved.flatMap(aside),
    ...names.map(name => removeTree(`${directory}/${name}`, `Remove ${directory}/${name}`)),
  ];
}
