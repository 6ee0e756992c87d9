import { difference, observe, type Desired, type ObservedDesired } from '../../changes/desired';
import { step, type Step } from '../../engine/step';
import type { Master } from '../../variables/master';
import { storeName } from './stored-change';
import { MANIFESTS } from '../paths';

/** Removes what a run has left that was cut off right after it had stored something for one of the masters: the file that it was stored from. */
export function readdLeftovers(masters: readonly Master[], after: readonly string[]): Step {
  const desired = masters.map((master): Desired => ({
    kind: 'absent',
    path: `${MANIFESTS}/${storeName(master)}.yaml`,
  }));
  return step<ObservedDesired>({
    id: 'readd-leftovers',
    title: 'Leave no file behind that something was stored from',
    after,
    probe: host => observe(host, desired),
    plan: found => difference(desired, found),
  });
}
