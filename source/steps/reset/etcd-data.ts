import type { Change } from '../../engine/change';
import { step, type Step } from '../../engine/step';
import { ETCD_DATA } from '../paths';
import { copyWhole } from './keep-files';
import { snapshotOf } from './keep-etcd';
import { removeTree, type Keeping } from './kept';

interface Observed {
  /** What is in etcd's directory. */
  readonly names: readonly string[];
  /** A snapshot was saved and verified. */
  readonly saved: boolean;
  /** What is in the folder already. */
  readonly kept: readonly string[];
}

/** etcd's own data goes once a snapshot of it is kept; without one it is moved to where that would be, like all else that lies there. */
export function etcdData(keeping: Keeping, after: readonly string[]): Step {
  const { data, status } = snapshotOf(keeping);
  return step<Observed>({
    id: 'etcd-data',
    title: keeping.keeps ? "Move etcd's data aside" : "Remove etcd's data",
    after,
    probe: async host => ({
      names: (await host.list(ETCD_DATA)) ?? [],
      saved: (await host.stat(data)) !== undefined && (await host.stat(status)) !== undefined,
      kept: (await host.list(`${keeping.path}/etcd`)) ?? [],
    }),
    plan: observed => plan(keeping, observed),
  });
}

function plan({ path, keeps }: Keeping, { names, saved, kept }: Observed): readonly Change[] {
  const aside = (name: string): readonly Change[] =>
    kept.includes(name) ? [] : copyWhole(`${ETCD_DATA}/${name}`, `${path}/etcd/${name}`);
  const moved = keeps ? names.filter(name => name !== 'member' || !saved) : [];
  return [
    ...(moved.length === 0 ? [] : [{ kind: 'directory', path: `${path}/etcd`, mode: 0o700 } as const]),
    ...moved.flatMap(aside),
    ...names.map(name => removeTree(`${ETCD_DATA}/${name}`, `Remove ${ETCD_DATA}/${name}`)),
  ];
}
