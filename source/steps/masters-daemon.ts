import type { Step } from '../engine/step';
import { podsReady } from '../kubernetes/kubectl';
import { MASTERS_NAMESPACE } from '../kubernetes/master-secret';
import { mastersObjects, MASTERS_SELECTOR } from '../kubernetes/master-objects';
import type { Master } from '../variables/master';
import type { Settings } from '../variables/settings';
import { withEvidence } from './diagnosis';
import { manifestStep } from './manifest';

/** The program that makes a master of each host of --masters once it has joined; this host has it first. */
export function mastersDaemon(settings: Settings, master: Master, after: readonly string[]): Step {
  const selection = { namespace: MASTERS_NAMESPACE, labels: MASTERS_SELECTOR, node: master.hostname };
  const condition = podsReady(`the program that makes masters runs on ${master.hostname}`, selection);
  return manifestStep(
    {
      id: 'masters-daemon',
      title: 'Deploy the program that makes masters',
      after,
      objects: mastersObjects(settings, master),
      ready: { condition, timeoutMs: 4 * 60_000 },
      diagnose: (host, failure) => withEvidence(host, failure, ['kube-el7-install-masters']),
    },
    master,
  );
}
