import { illMembers } from './conditions';
import { enumerated } from './masters';
import type { EntryId } from './menu-types';
import type { Offer } from './offers';
import type { ScreensState } from './screens';

/** A line of the menu. */
export interface Entry {
  readonly id: EntryId;
  readonly title: string;
  /** Why it cannot be chosen; absent where it can. */
  readonly reason?: string;
}

const NOT_DURING = 'a run is under way';
const NOT_OURS = 'another tool made this node';

function recoveryTitle({ examination }: ScreensState): string {
  const { found } = examination ?? {};
  if (found === undefined) return 'Put a member of etcd back';
  const ill = enumerated(illMembers(found).map(({ name }) => name));
  switch (found.verdict) {
    case 'whole':
      return 'Look at the members of etcd: all are well';
    case 'readd':
      return found.readd.length === 0 ? "Clear etcd's alarm" : `Put ${enumerated(found.readd)} back`;
    case 'give-up':
      return 'Give up the restore that was begun here';
    case 'quorum-lost':
      return 'Make the cluster again from what is left';
    case 'wait':
    case 'refused':
      return ill === '' ? 'See what is the matter with etcd' : `See what is the matter with ${ill}`;
  }
}

function reasonOf(state: ScreensState, id: EntryId): string | undefined {
  const { standing } = state.menu ?? {};
  const { kind, other, undoable, underWay } = standing ?? {};
  const none = state.examination?.none === true;
  switch (id) {
    case 'install':
      if (underWay === true) return NOT_DURING;
      if (other !== undefined) return NOT_OURS;
      return kind === 'worker' ? 'this host is a worker' : undefined;
    case 'recovery':
      if (other !== undefined) return NOT_OURS;
      if (kind !== 'master') return 'this host is no master of a cluster';
      return none ? 'no record of its cluster is on this host' : undefined;
    case 'undo':
      if (underWay === true) return NOT_DURING;
      if (other !== undefined) return NOT_OURS;
      return undoable === true ? undefined : 'no run has left a record here of what it changed';
    case 'reset':
      return underWay === true ? NOT_DURING : undefined;
    case 'attach':
    case 'support-bundle':
    case 'quit':
      return undefined;
  }
}

function titleOf(state: ScreensState, id: EntryId): string {
  const kind = state.menu?.standing.kind;
  switch (id) {
    case 'attach':
      return 'Show the run that is under way, and take part in it';
    case 'recovery':
      return recoveryTitle(state);
    case 'install':
      return kind === 'begun' ? 'Go on with the installation' : 'Check the installation and complete it';
    case 'undo':
      return 'Undo the last run';
    case 'reset':
      return 'Reset this host to what prepare left';
    case 'support-bundle':
      return 'Write a support bundle';
    case 'quit':
      return 'Quit';
  }
}

/** Whether a member is known to be gone, so that recovery comes first. */
function isIll({ examination }: ScreensState): boolean {
  return examination?.found !== undefined && examination.found.verdict !== 'whole';
}

/** What can be chosen now, the most pressing first. */
export function entries(state: ScreensState): readonly Entry[] {
  const { offers, menu } = state;
  const has = (offer: Offer) => offers.includes(offer);
  const recovery: readonly EntryId[] = has('readd-member') ? ['recovery'] : [];
  const ids: readonly EntryId[] = [
    ...(has('attach') && menu?.standing.underWay === true ? (['attach'] as const) : []),
    ...(isIll(state) ? [...recovery, 'install' as const] : ['install' as const, ...recovery]),
    ...(['undo', 'reset', 'support-bundle'] as const).filter(has),
    'quit',
  ];
  // Once somebody has moved in it, nothing moves under their fingers.
  const { order = [] } = menu ?? {};
  const still = order.filter(id => ids.includes(id));
  return [...still, ...ids.filter(id => !still.includes(id))].map(id => {
    const reason = reasonOf(state, id);
    return { id, title: titleOf(state, id), ...(reason === undefined ? {} : { reason }) };
  });
}

/** Which entry is marked: the one that somebody moved to, else the first that can be chosen. */
export function markedEntry(state: ScreensState): number {
  const all = entries(state);
  const moved = all.findIndex(({ id }) => id === state.menu?.mark);
  return moved >= 0
    ? moved
    : Math.max(
        0,
        all.findIndex(({ reason }) => reason === undefined),
      );
}
