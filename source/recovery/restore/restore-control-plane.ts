import { withView, yamlView } from '../../disclosure/files';
import type { Change } from '../../engine/change';
import { Failure } from '../../engine/failure';
import { step, type Step } from '../../engine/step';
import { apiRequest } from '../../kubernetes/api';
import { kubectl } from '../../kubernetes/kubectl';
import { apiAccess } from '../../steps/access';
import { withEvidence } from '../../steps/diagnosis';
import { isMet } from '../../steps/manifest';
import type { ClusterRecord } from '../record';
import type { Attempt } from './attempt';
import { APISERVER_MANIFEST, CONTROL_PLANE, restoredManifest, runningText, textOf } from './manifests';

const HEALTHY_MS = 10 * 60_000;

interface Observed {
  readonly texts: readonly { readonly path: string; readonly text: string | undefined }[];
  readonly healthy: boolean;
}

/** Starts the apiserver, with this host's etcd and no other one, then what lives on it. Their memory of what etcd had is gone with the old processes. */
export function restoreControlPlane(record: ClusterRecord, attempt: Attempt, after: readonly string[]): Step {
  const { here } = record;
  const healthy = {
    kind: 'request',
    title: `the apiserver on ${here.hostname} is healthy`,
    request: apiRequest(apiAccess(here), '/healthz'),
    status: 200,
    matches: '^ok',
  } as const;
  const wanted = (path: string, text: string): string =>
    runningText(path === APISERVER_MANIFEST ? restoredManifest(text, attempt.id) : text);
  return step<Observed>({
    id: 'restore-control-plane',
    title: 'Start the control plane with this etcd alone',
    after,
    probe: async host => ({
      texts: await Promise.all(CONTROL_PLANE.map(async path => ({ path, text: await textOf(host, path) }))),
      healthy: await isMet(host, healthy),
    }),
    plan: ({ texts, healthy: isHealthy }) => {
      const writes = texts.flatMap(({ path, text }): readonly Change[] => {
        if (text === undefined || text === '') throw missing(path);
        const content = wanted(path, text);
        return content === text
          ? []
          : [{ kind: 'write', path, content: withView(content, yamlView), mode: 0o600 }];
      });
      if (writes.length === 0 && isHealthy) return [];
      return [
        ...writes,
        { kind: 'await', condition: healthy, timeoutMs: HEALTHY_MS },
        {
          kind: 'await',
          condition: {
            kind: 'command',
            title: "the cluster's endpoint leads to it",
            command: kubectl('get', '--raw', '/healthz'),
            matches: '^ok',
          },
          timeoutMs: HEALTHY_MS,
        },
      ];
    },
    diagnose: (host, failure) => withEvidence(host, failure, ['kube-apiserver']),
  });
}

function missing(path: string): Failure {
  return new Failure({
    code: 'file-missing',
    message: `${path} is not there, so the control plane cannot be started.`,
    hint: 'Put it back, from another master or a backup, and run this again: what is done stays done.',
  });
}
