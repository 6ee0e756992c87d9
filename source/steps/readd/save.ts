import type { Command } from '../../engine/host';
import { step, type Step } from '../../engine/step';
import { kindsOf } from '../../kubernetes/etcd-alarms';
import { WHILE_UNANSWERED } from '../../kubernetes/kubectl';
import { templateText } from '../../templates';
import type { Master } from '../../variables/master';
import { isFresh, saveSnapshot, stamp } from '../etcd-snapshot';
import { oldSnapshots, verifiedSnapshots } from '../old-snapshots';
import { SNAPSHOTS } from '../paths';
import type { Readd } from './context';

/** A run that was cut off and goes on takes the snapshot that it began with. */
const FRESH_MS = 30 * 60_000;
const STAMP_LENGTH = '20261123T090400Z'.length;
const COPY_TIMEOUT_MS = 10 * 60_000;

/** What the snapshots of this are called behind the time: the members that are put back, or the alarm, so that no other one is taken for it. */
function suffix({ due, alarms }: Readd): string {
  if (due.length === 0) return `before-clearing-${kindsOf(alarms).join('-')}`;
  const names = due.map(
    ({ master, outgoing }) => `${master.hostname}${outgoing === undefined ? '' : `-${outgoing}`}`,
  );
  return `before-readd-${names.join('-')}`;
}

function ofThis(files: readonly string[], readd: Readd): readonly string[] {
  return verifiedSnapshots(files).filter(name => name.endsWith(suffix(readd)));
}

/** Whether none was saved after it; their names begin with the second. */
function isNewest(name: string, files: readonly string[]): boolean {
  const newest = verifiedSnapshots(files).at(-1) ?? '';
  return name.slice(0, STAMP_LENGTH) === newest.slice(0, STAMP_LENGTH);
}

/** Saves all of etcd on this host, and verifies it, before anything is done to its members. One that is fresh serves where none was saved since: another may have been saved because members were changed again. */
export function readdSave(readd: Readd, after: readonly string[]): Step {
  const isThere = (files: readonly string[], now: Date): boolean =>
    ofThis(files, readd).some(name => isFresh(name, now, FRESH_MS) && isNewest(name, files));
  return step<{ readonly there: boolean; readonly now: Date; readonly old: readonly string[] }>({
    id: 'readd-save',
    title: 'Save a snapshot of etcd',
    after,
    probe: async host => {
      const now = new Date();
      const there = isThere((await host.list(SNAPSHOTS)) ?? [], now);
      return { there, now, old: there ? [] : await oldSnapshots(host, readd.here) };
    },
    plan: ({ there, now, old }) =>
      there ? [] : saveSnapshot(readd.here, `${stamp(now)}-${suffix(readd)}`, old),
  });
}

/** Copies it to a second master, so that the loss of this host is not the loss of it. */
export function readdCopy(readd: Readd, second: Master, after: readonly string[]): Step {
  return step<{ readonly snapshot: string | undefined; readonly copied: boolean }>({
    id: 'readd-copy',
    title: `Copy the snapshot to ${second.hostname}`,
    after,
    probe: async host => {
      const name = ofThis((await host.list(SNAPSHOTS)) ?? [], readd).at(-1);
      if (name === undefined) return { snapshot: undefined, copied: false };
      const { code } = await host.query(script('check', second, name), { timeoutMs: 60_000 });
      return { snapshot: name, copied: code === 0 };
    },
    plan: ({ snapshot = 'SNAPSHOT', copied }) =>
      copied
        ? []
        : [
            {
              kind: 'run',
              title: `Copy ${SNAPSHOTS}/${snapshot}.db to ${second.hostname}, and compare`,
              command: script('copy', second, snapshot),
              timeoutMs: COPY_TIMEOUT_MS,
              again: WHILE_UNANSWERED,
            },
          ],
  });
}

function script(what: 'copy' | 'check', { hostname }: Master, name: string): Command {
  const words = ['sh', what, hostname, `${SNAPSHOTS}/${name}`];
  return { file: 'sh', args: ['-c', templateText('copy-snapshot.sh'), ...words] };
}
