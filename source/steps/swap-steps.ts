import type { Step } from '../engine/step';
import { allMasters } from '../kubernetes/endpoint';
import type { Master } from '../variables/master';
import type { Settings } from '../variables/settings';
import { etcdSwap } from './etcd-swap';

/** In which order: this host before the last one, so that it need not wait for the last apiserver to start. Another apiserver answers by then. */
function swapOrder(settings: Settings, master: Master): readonly Master[] {
  const others = allMasters(settings, master).slice(1);
  return [...others.slice(0, -1), master, ...others.slice(-1)];
}

/** The swap that comes after all others. */
export function lastSwap(settings: Settings, master: Master): string {
  return `etcd-swap-${swapOrder(settings, master).at(-1)?.hostname ?? ''}`;
}

/**
 * The cluster pods take the init pods' places, one master at a time, from when all members have their votes: of two voters none may stop.
 * One whose apiserver is just starting keeps its member until that answers; `ready` are the steps that wait for it, of the others in their order.
 */
export function swapSteps(
  settings: Settings,
  master: Master,
  after: readonly string[],
  ready: readonly string[],
): readonly Step[] {
  const all = allMasters(settings, master);
  const steps: Step[] = [];
  for (const one of swapOrder(settings, master)) {
    // For this host another master's: its own has been there from the start.
    const answers = ready[Math.max(all.indexOf(one) - 1, 0)] ?? '';
    const last = steps.at(-1);
    steps.push(etcdSwap(settings, all, one, [...(last === undefined ? after : [last.id]), answers]));
  }
  return steps;
}
