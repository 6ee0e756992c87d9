import type { EtcdAlarm } from '../../kubernetes/etcd-alarms';
import type { Master } from '../../variables/master';
import type { Settings } from '../../variables/settings';
import type { Moves } from '../../recovery/moved';
import type { Growth } from '../growth';

/** One master that is put back. */
export interface Due {
  /** With the address that it has now. */
  readonly master: Master;
  /** With the one that the cluster has recorded. */
  readonly recorded: Master;
  /** The number of its member of etcd that has to be taken out; absent where there is none any more. */
  readonly outgoing?: string;
}

/** What the steps that put masters back have in common. */
export interface Readd {
  readonly moves: Moves;
  /** The cluster's own record, with the addresses that masters have now. */
  readonly settings: Settings;
  /** The master that this is done on. */
  readonly here: Master;
  /** The masters that are well and stay as they are, this one first. */
  readonly steady: readonly Master[];
  /** Those that are neither well nor put back: nobody waits for them. */
  readonly away: readonly Master[];
  /** The numbers of the members that those have, if any. */
  readonly untouched: readonly string[];
  readonly due: readonly Due[];
  /** etcd's alarms, which are cleared before anything is added. */
  readonly alarms: readonly EtcdAlarm[];
}

/** Whether members' data differ: then nothing can be written before what differs is taken out. */
export function isCorrupt({ alarms }: Pick<Readd, 'alarms'>): boolean {
  return alarms.some(({ kind }) => kind === 'CORRUPT');
}

/** etcd as it grows by one of them again: after those that are well, and those that were put back before it. */
export function growthFor(readd: Readd, one: Due, learners: boolean): Growth {
  const { here, steady, due, away } = readd;
  const before = [...steady, ...due.slice(0, due.indexOf(one)).map(({ master }) => master)];
  return {
    master: here,
    other: one.master,
    all: [...steady, ...due.map(({ master }) => master), ...away],
    before,
    learners,
    leaving: expectedOf(readd),
    clearing: readd.alarms.length > 0,
    silent: readd.untouched.length,
    ...(one.outgoing === undefined ? {} : { outgoing: one.outgoing }),
  };
}

/** The numbers of the members that are no strangers, though no master that is waited for has them: those that are taken out, and those that stay as they are. */
export function expectedOf({ due, untouched }: Readd): readonly string[] {
  return [...due.flatMap(({ outgoing }) => outgoing ?? []), ...untouched];
}
