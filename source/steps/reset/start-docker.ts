import { step, type Step } from '../../engine/step';
import { readUnit, type Unit } from '../prepare/units';

/** docker must run for its containers to be seen and removed, and for etcd's program to be taken out of its image. Nothing where the host has none. */
export function startDocker(after: readonly string[]): Step {
  return step<Unit>({
    id: 'start-docker',
    title: 'See that docker runs',
    after,
    probe: host => readUnit(host, 'docker.service'),
    plan: ({ loaded, active }) =>
      loaded !== 'loaded' || active === 'active'
        ? []
        : [{ kind: 'service', unit: 'docker.service', action: 'start' }],
  });
}
