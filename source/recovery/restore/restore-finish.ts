import { step, type Step } from '../../engine/step';
import { askApi, type Metadata } from '../../kubernetes/api';
import { kubectl, KUBECTL_TIMEOUT_MS, WHILE_UNANSWERED } from '../../kubernetes/kubectl';
import { apiAccess } from '../../steps/access';
import { awaitVoters } from '../../steps/etcd-health';
import type { ClusterRecord } from '../record';
import type { Attempt } from './attempt';
import { RESTORE, WORK } from './places';

/** On the namespace kube-system: which restore the cluster's data comes from. */
const ANNOTATION = 'kube-el7-install/restored';

interface Observed {
  readonly noted: boolean;
  readonly leftovers: boolean;
}

/** Writes through the API, which shows that all of it works, and says in the cluster what has happened to it; then the copies go. */
export function restoreFinish(record: ClusterRecord, attempt: Attempt, after: readonly string[]): Step {
  const { here } = record;
  const note = `${attempt.id} from ${attempt.source}, revision ${attempt.revision}`;
  return step<Observed>({
    id: 'restore-finish',
    title: 'Write to the cluster, and clear up',
    after,
    probe: async host => {
      const answer = await askApi(host, apiAccess(here), '/api/v1/namespaces/kube-system');
      const { metadata } = (answer.kind === 'found' ? answer.body : {}) as { readonly metadata?: Metadata };
      const left = await Promise.all([RESTORE, WORK].map(path => host.stat(path)));
      return {
        noted: metadata?.annotations?.[ANNOTATION] === note,
        leftovers: left.some(one => one !== undefined),
      };
    },
    plan: ({ noted, leftovers }) => [
      ...(noted
        ? []
        : ([
            awaitVoters([here]),
            {
              kind: 'run',
              title: 'Note in the cluster what it was restored from',
              command: kubectl(
                'annotate',
                'namespace',
                'kube-system',
                '--overwrite',
                `${ANNOTATION}=${note}`,
              ),
              timeoutMs: KUBECTL_TIMEOUT_MS,
              again: WHILE_UNANSWERED,
            },
          ] as const)),
      ...(leftovers
        ? ([
            {
              kind: 'run',
              title: 'Remove the copies that were worked on',
              command: { file: 'rm', args: ['-rf', WORK] },
              timeoutMs: 5 * 60_000,
            },
            { kind: 'remove', path: RESTORE },
          ] as const)
        : []),
    ],
  });
}
