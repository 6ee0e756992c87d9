import type { Stage } from '../../engine/step';
import { hasRegistry } from '../../variables/registry-access';
import type { Settings } from '../../variables/settings';
import { prepareSteps } from '../prepare';
import { endKeeping, RESET, type Keeping } from './kept';
import type { Place } from '../../cluster/place';
import { inSeries } from './series';
import { takeDown } from './take-down';

/** A host leaves its cluster and is again what `prepare` left, as far as the site's values are there for that. */
export function resetStages(settings: Settings, place: Place, keeping: Keeping): readonly Stage[] {
  return inSeries([
    ...takeDown(settings, place, keeping, RESET),
    ...(hasRegistry(settings)
      ? [
          {
            id: 'prepare',
            title: 'Prepare host',
            steps: prepareSteps(settings).map(one => (after: readonly string[]) => ({ ...one, after })),
          },
        ]
      : []),
    { id: 'end', title: 'End', steps: [after => endKeeping(keeping, after)] },
  ]);
}

/** What an operator should know beside the steps. */
export function resetNotes(
  settings: Settings,
  { own, role, others, external }: Place,
  keeping: Keeping,
): readonly string[] {
  const { hostname } = own;
  return [
    keeping.keeps
      ? `What is kept is in ${keeping.path}, for root only: keys and configuration, and of a master's etcd a verified snapshot, or its data where nobody can be asked for one.`
      : "Nothing is kept: neither etcd's data nor the cluster's keys.",
    ...(role.kind === 'worker'
      ? [
          `${hostname} is a worker and may not delete its own node: run \`kubectl delete node ${hostname}\` on a master afterwards. Its pods are ended, not drained; \`kubectl drain ${hostname}\` before it would move them.`,
        ]
      : []),
    ...(role.kind !== 'worker' && others.length + external.length > 0
      ? [
          `Where the cluster does not answer, ${hostname} stays there as a node that is not Ready: \`kubectl delete node ${hostname}\` on another master takes it out.`,
        ]
      : []),
    ...(hasRegistry(settings)
      ? []
      : [
          'No DOCKER_REGISTRY is given, so the host is not prepared again: docker and the settings of earlier runs stay as they are, the kubelet is stopped. `kube-el7-install prepare` does it, once a registry is named.',
        ]),
    'Images that docker has pulled stay, and so do journals and logs of earlier runs.',
  ];
}
