import type { Change } from '../engine/change';
import { step, type Step } from '../engine/step';
import type { Master } from '../variables/master';
import { ETCDCTL_LONG, etcdctlCommand } from './access';
import { newMember, observeGrowth, type Growth, type ObservedGrowth } from './growth';
import { begunMark, oldSnapshots, verifiedSnapshots } from './old-snapshots';
import { SNAPSHOTS } from './paths';

/** One that is as old is as good as a new one: nothing but the growth itself happens in between. */
const FRESH_MS = 10 * 60_000;

interface Observed extends ObservedGrowth {
  readonly now: Date;
  readonly files: readonly string[];
  /** Files that go when another one is saved. */
  readonly old: readonly string[];
}

/** Saves all of etcd on this host before it is grown, and verifies what was saved; its hash and revision stand beside it. */
export function etcdSnapshot(growth: Growth, after: readonly string[]): Step {
  const { other } = growth;
  return step<Observed>({
    id: `etcd-snapshot-${other.hostname}`,
    title: `Save a snapshot of etcd before ${other.hostname} is added`,
    after,
    probe: async host => {
      const now = new Date();
      const observed = await observeGrowth(host, growth);
      const files = (await host.list(SNAPSHOTS)) ?? [];
      const due = newMember(observed, growth) === undefined && !hasFresh(files, now);
      return { ...observed, now, files, old: due ? await oldSnapshots(host, growth.master) : [] };
    },
    plan: observed => {
      const { files, now, old } = observed;
      if (newMember(observed, growth) !== undefined || hasFresh(files, now)) return [];
      return saveSnapshot(growth.master, `${stamp(now)}-before-${other.hostname}`, old);
    },
  });
}

function hasFresh(files: readonly string[], now: Date): boolean {
  return verifiedSnapshots(files).some(name => isFresh(name, now, FRESH_MS));
}

/** Saves etcd on this host under a name, verifies what was saved, and removes old files, which were found by oldSnapshots. */
export function saveSnapshot(master: Master, name: string, old: readonly string[]): readonly Change[] {
  const path = `${SNAPSHOTS}/${name}.db`;
  const begun = begunMark(name);
  // One that was cut off within the same second has this name.
  const others = old.filter(file => !file.startsWith(`${SNAPSHOTS}/${name}.`) && file !== begun.path);
  const run = (title: string, ...args: readonly string[]): Extract<Change, { kind: 'run' }> => ({
    kind: 'run',
    title,
    command: etcdctlCommand(master, 'snapshot', ...args),
    timeoutMs: ETCDCTL_LONG.timeoutMs,
    undo: [{ kind: 'stays', what: `snapshots of etcd (${SNAPSHOTS})` }],
  });
  return [
    { kind: 'directory', path: SNAPSHOTS, mode: 0o700 },
    { kind: 'write', path: begun.path, content: begun.text, mode: 0o600 },
    run(`Save etcd to ${path}`, 'save', ETCDCTL_LONG.flag, path),
    {
      ...run('Verify the snapshot', 'status', path, '--write-out=json'),
      keepOutput: { path: `${SNAPSHOTS}/${name}.json`, mode: 0o600 },
    },
    ...[begun.path, ...others].map((file): Change => ({ kind: 'remove', path: file, product: true })),
  ];
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
