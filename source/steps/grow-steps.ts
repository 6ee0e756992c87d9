import type { Step } from '../engine/step';
import type { Master } from '../variables/master';
import type { Settings } from '../variables/settings';
import { etcdAdd } from './etcd-add';
import { etcdPromote } from './etcd-promote';
import { etcdSnapshot } from './etcd-snapshot';
import { etcdStart } from './etcd-start';
import { growthOf, type Growth } from './growth';

/** How one master's etcd becomes a member, each step after the other: saved, added, started, given its vote. */
export function growSteps(
  settings: Settings,
  master: Master,
  other: Master,
  after: readonly string[],
): readonly Step[] {
  const growth = growthOf(settings, master, other);
  const snapshot = etcdSnapshot(growth, after);
  return [snapshot, ...addSteps(growth, [snapshot.id])];
}

/** The part of it that comes after the snapshot. */
export function addSteps(growth: Growth, after: readonly string[]): readonly Step[] {
  const add = etcdAdd(growth, after);
  const start = etcdStart(growth, [add.id]);
  return [add, start, etcdPromote(growth, [start.id])];
}
