import type { Step } from '../engine/step';
import { FLANNEL_DAEMON, FLANNEL_SELECTOR, flannelObjects } from '../kubernetes/flannel';
import { podsRun } from '../kubernetes/pods-run';
import type { Settings } from '../variables/settings';
import { apiAccess } from './access';
import { withEvidence } from './diagnosis';
import { manifestStep } from './manifest';
import type { Master } from '../variables/master';

/** The pod network. The node is not Ready, and no pod of coredns starts, before flannel runs on it. */
export function flannel(settings: Settings, master: Master, after: readonly string[]): Step {
  const { namespace } = settings.facts.flannel;
  const selection = { namespace, labels: FLANNEL_SELECTOR, node: master.hostname };
  return manifestStep(
    {
      id: 'flannel',
      title: 'Deploy flannel',
      after,
      objects: flannelObjects(settings, master),
      ready: {
        condition: podsRun(`flannel runs on ${master.hostname}`, apiAccess(master), selection, [
          FLANNEL_DAEMON,
        ]),
        timeoutMs: 10 * 60_000,
      },
      diagnose: (host, failure) => withEvidence(host, failure, ['kube-flannel-ds']),
    },
    master,
  );
}
