import { newestOf, runningVersions, versionRefusal } from '../cluster/control-plane-version';
import type { Check } from '../engine/check';
import { allMasters } from '../kubernetes/endpoint';
import { isFinished } from '../steps/finished';
import { findMaster } from '../variables/master';
import type { Settings } from '../variables/settings';
import { fatal, ok } from './finding';

/** That KUBE_VERSION is what a finished cluster runs: neither older, nor meant as an upgrade. */
export function controlPlaneVersion(settings: Settings): Check {
  return {
    id: 'control-plane-version',
    title: 'Version of the control plane',
    run: async host => {
      if (!(await isFinished(host))) return [ok('none runs yet')];
      const running = await runningVersions(host, allMasters(settings, await findMaster(host)));
      const refusal = versionRefusal(settings.kubeVersion, running);
      if (refusal !== undefined) return [fatal(refusal.message, refusal.hint ?? '')];
      const newest = newestOf(running);
      return [ok(newest === undefined ? 'not known' : `v${newest.version}`)];
    },
  };
}
