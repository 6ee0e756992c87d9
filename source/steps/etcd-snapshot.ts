import type { Change } from '../engine/change';
import { step, type Step } from '../engine/step';
import type { Master } from '../variables/master';
import { etcdctlCommand } from './access';
import { newMember, observeGrowth, type Growth, type ObservedGrowth } from './growth';
import { SNAPSHOTS } from './paths';

/** One that is as old is as good as a new one: nothing but the growth itself happens in between. */
const FRESH_MS = 10 * 60_000;
const KEPT = 5;
/** A large etcd over a slow disk. */
const TIMEOUT_MS = 10 * 60_000;

interface Observed extends ObservedGrowth {
  readonly now: Date;
  readonly files: readonly string[];
}

/** Saves all of etcd on this host before it is grown, and verifies what was saved; its hash and revision stand beside it. */
export function etcdSnapshot(growth: Growth, after: readonly string[]): Step {
  const { other } = growth;
  return step<Observed>({
    id: `etcd-snapshot-${other.hostname}`,
    title: `Save a snapshot of etcd before ${other.hostname} is added`,
    after,
    probe: async host => ({
      ...(await observeGrowth(host, growth)),
      now: new Date(),
      files: (await host.list(SNAPSHOTS)) ?? [],
    }),
    plan: observed => {
      const { files, now } = observed;
      if (
        newMember(observed, growth) !== undefined ||
        verifiedSnapshots(files).some(name => isFresh(name, now, FRESH_MS))
      ) {
        return [];
      }
      return saveSnapshot(growth.master, `${stamp(now)}-before-${other.hostname}`, files);
    },
  });
}

/** Saves etcd on this host under a name, verifies what was saved, and removes what is older than the newest few; `files` are those that are there. */
export function saveSnapshot(master: Master, name: string, files: readonly string[]): readonly Change[] {
  const path = `${SNAPSHOTS}/${name}.db`;
  const run = (title: string, ...args: readonly string[]): Extract<Change, { kind: 'run' }> => ({
    kind: 'run',
    title,
    command: etcdctlCommand(master, 'snapshot', ...args),
    timeoutMs: TIMEOUT_MS,
    undo: [{ kind: 'stays', what: `snapshots of etcd (${SNAPSHOTS})` }],
  });
  const kept = new Set(verifiedSnapshots(files).slice(1 - KEPT));
  const old = files.filter(file => !kept.has(file.replace(/\.(db|json)$/, '')) && !file.startsWith(name));
  return [
    { kind: 'directory', path: SNAPSHOTS, mode: 0o700 },
    run(`Save etcd to ${path}`, 'save', path),
    {
      ...run('Verify the snapshot', 'status', path, '--write-out=json'),
      keepOutput: { path: `${SNAPSHOTS}/${name}.json`, mode: 0o600 },
    },
    ...old.map((file): Change => ({ kind: 'remove', path: `${SNAPSHOTS}/${file}` })),
  ];
}

/** Names without their ends of the snapshots that were verified, oldest first; others were cut off. */
export function verifiedSnapshots(files: readonly string[]): readonly string[] {
  return files
    .flatMap(file => /^(\d{8}T\d{6}Z-.*)\.db$/.exec(file)?.[1] ?? [])
    .filter(name => files.includes(`${name}.json`))
    .sort();
}

/** "20261123T090400Z", which sorts by time. */
export function stamp(time: Date): string {
  return `${time.toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`;
}

/** Whether a snapshot of that name is no older than that, and not of the future. */
export function isFresh(name: string, now: Date, withinMs: number): boolean {
  const oldest = stamp(new Date(now.getTime() - withinMs));
  return name >= oldest && name.slice(0, oldest.length) <= stamp(now);
}
