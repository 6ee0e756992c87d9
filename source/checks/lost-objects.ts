import type { Check, Finding } from '../engine/check';
import { lostObjects as lostOf, type Lost } from '../kubernetes/lost-objects';
import { isFinished } from '../steps/finished';
import { readKubeadmObjects } from '../steps/kubeadm-state';
import { findMaster } from '../variables/master';
import type { Settings } from '../variables/settings';
import { ok, warning } from './finding';

/** What a finished cluster lacks of kubeadm's objects: what comes back, and what is left as somebody made it. */
export function lostObjects(settings: Settings): Check {
  return {
    id: 'lost-objects',
    title: "kubeadm's objects in the cluster",
    run: async host => {
      if (!(await isFinished(host))) return [ok('to be made')];
      const found = await readKubeadmObjects(host, settings, await findMaster(host));
      if (found === undefined) return [ok('not known: the apiserver does not answer')];
      const findings = lostOf(found, settings).map(finding);
      return findings.length === 0 ? [ok('all are there')] : findings;
    },
  };
}

function finding(lost: Lost): Finding {
  const { what } = lost;
  if ('remedy' in lost)
    return warning(`${what} is not there`, 'It is put back, and nothing that is there is changed for it.');
  const left = `${what} is not there and is left so: ${lost.because}`;
  return lost.otherwise === undefined
    ? ok(left)
    : warning(left, `Nothing, if that is meant. To put it back: ${lost.otherwise}`);
}
