import type { Step } from '../engine/step';
import { allMasters } from '../kubernetes/endpoint';
import type { Master } from '../variables/master';
import type { Settings } from '../variables/settings';
import { etcdSwap } from './etcd-swap';

/** The cluster pods take the init pods' places: one master at a time, and the one last that all apiservers began with. */
export function swapSteps(settings: Settings, master: Master, after: readonly string[]): readonly Step[] {
  const all = allMasters(settings, master);
  const steps: Step[] = [];
  for (const one of [...all.slice(1), master]) {
    const last = steps.at(-1);
    steps.push(etcdSwap(settings, all, one, last === undefined ? after : [last.id]));
  }
  return steps;
}
