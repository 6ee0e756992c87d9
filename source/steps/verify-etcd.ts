import type { Change } from '../engine/change';
import { Failure } from '../engine/failure';
import { step, type Step } from '../engine/step';
import { ETCD_HEALTHY, etcdRequest } from './access';
import { withEvidence } from './diagnosis';
import { isMet } from './manifest';
import type { Master } from '../variables/master';

interface Observed {
  readonly healthy: boolean;
  /** It answered a client that showed no certificate. */
  readonly open: boolean;
}

/** etcd answers at the master's address to who shows a certificate, and to nobody else. */
export function verifyEtcd(master: Master, after: readonly string[]): Step {
  const condition = {
    kind: 'request',
    title: `etcd answers at ${master.address}`,
    request: etcdRequest(master.address, '/health'),
    status: 200,
    matches: ETCD_HEALTHY,
  } as const;
  return step<Observed>({
    id: 'verify-etcd',
    title: 'Verify etcd',
    after,
    probe: async host => {
      const [healthy, bare] = await Promise.all([
        isMet(host, condition),
        host.request(etcdRequest(master.address, '/health', 'none')),
      ]);
      return { healthy, open: 'status' in bare };
    },
    plan: ({ healthy, open }): readonly Change[] => {
      if (open) throw new Failure(answersAnybody(master));
      return healthy ? [] : [{ kind: 'await', condition, timeoutMs: 60_000 }];
    },
    diagnose: (host, failure) => withEvidence(host, failure, ['etcd-init']),
  });
}

function answersAnybody(master: Master): ConstructorParameters<typeof Failure>[0] {
  return {
    code: 'etcd-open',
    message: `etcd at ${master.address}:2379 answers clients without a certificate: whoever reaches it can read and change the whole cluster.`,
    hint: 'Another etcd than the one of this installer listens there. See `ss -ltnp sport = :2379`, stop it, and run again.',
  };
}
