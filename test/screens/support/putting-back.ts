import type { Event, EventBody } from '../../../source/engine/event';
import { member } from './runs';

/** The events of a run that puts master2 back, each a second after the one before. */
export function puttingBack(): readonly Event[] {
  const steps = [
    { id: 'readd-snapshot', title: 'Save a snapshot of etcd', after: [] },
    { id: 'readd-remove-master2', title: 'Take master2 out of etcd', after: [] },
    { id: 'readd-add-master2', title: 'Add master2 as a learner', after: [] },
  ];
  const change = { kind: 'run', title: 'Remove 91bc3c398fb3c142', detail: [] } as const;
  const at = (name: string, role: 'leader' | 'voter' | 'learner', address: string, more = {}) =>
    ({ type: 'member', member: member(name, role, { address, roundTripMs: 1.2, ...more }) }) as const;
  const bodies: readonly EventBody[] = [
    {
      type: 'run-started',
      product: 'kube-el7-install 0.1.0',
      command: 'readd-member',
      host: 'master1',
      values: [],
      stages: [{ id: 'readd', title: 'Put master2 back', steps }],
      log: '/var/log/kube-el7-install/2026-03-02T03-00-00',
      resumed: false,
    },
    at('master1', 'leader', '10.160.24.11'),
    at('master2', 'voter', '10.160.24.12', { healthy: false, lastError: 'connect EHOSTUNREACH' }),
    at('master3', 'voter', '10.160.24.13'),
    { type: 'step-started', step: 'readd-snapshot' },
    { type: 'step-finished', step: 'readd-snapshot', outcome: 'changed', ms: 900 },
    { type: 'step-started', step: 'readd-remove-master2' },
    { type: 'step-planned', step: 'readd-remove-master2', changes: [change] },
    { type: 'change-started', step: 'readd-remove-master2', index: 0, change },
    { type: 'change-finished', step: 'readd-remove-master2', index: 0, ms: 40 },
    { type: 'step-finished', step: 'readd-remove-master2', outcome: 'changed', ms: 90 },
    { type: 'step-started', step: 'readd-add-master2' },
    at('master2', 'learner', '10.160.24.32', { lag: 12 }),
    { type: 'output', step: 'readd-add-master2', stream: 'stdout', line: 'Member added to cluster' },
    at('master2', 'voter', '10.160.24.32'),
    { type: 'step-finished', step: 'readd-add-master2', outcome: 'changed', ms: 9000 },
    { type: 'run-finished', outcome: 'succeeded', changed: 3, unchanged: 0, ms: 21_000 },
  ];
  return bodies.map((body, index) => ({
    v: 1,
    seq: index + 1,
    time: new Date(Date.UTC(2026, 2, 2, 3, 0, index)).toISOString(),
    run: 'r',
    ...body,
  }));
}
