import { difference, observe, type Desired, type ObservedDesired } from '../../changes/desired';
import { step, type Step } from '../../engine/step';
import type { Master } from '../../variables/master';
import { MANIFESTS } from '../paths';
import { storeName } from './stored-change';

/** Removes the file that something was stored from for a master, where a run was cut off right after it had stored it. */
export function readdLeftovers(masters: readonly Master[], after: readonly string[]): Step {
  const desired = masters.map((master): Desired => ({
    kind: 'absent',
    path: `${MANIFESTS}/${storeName(master)}.yaml`,
  }));
  return step<ObservedDesired>({
    id: 'readd-leftovers',
    title: 'Remove what an interrupted run has left here',
    after,
    probe: host => observe(host, desired),
    plan: found => difference(desired, found),
  });
}
