import type { Step } from '../engine/step';
import { podsRun } from '../kubernetes/pods-run';
import { TILLER_SELECTOR, tillerObjects } from '../kubernetes/tiller';
import type { Settings } from '../variables/settings';
import { apiAccess } from './access';
import { withEvidence } from './diagnosis';
import { manifestStep } from './manifest';
import type { Master } from '../variables/master';

/** Helm 2's server side; from Kubernetes 1.17 on only where it is asked for, since Helm 3 needs nothing in the cluster. */
export function tiller(settings: Settings, master: Master, after: readonly string[]): Step {
  const selection = { namespace: 'kube-system', labels: TILLER_SELECTOR };
  return manifestStep(
    {
      id: 'tiller',
      title: 'Deploy tiller',
      after,
      objects: tillerObjects(settings.images.tiller),
      ready: {
        condition: podsRun('tiller runs', apiAccess(master), selection, [
          { kind: 'Deployment', name: 'tiller-deploy' },
        ]),
        timeoutMs: 10 * 60_000,
      },
      diagnose: (host, failure) => withEvidence(host, failure, ['tiller-deploy']),
    },
    master,
  );
}
