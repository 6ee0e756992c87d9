import type { Change, Question } from '../engine/change';
import type { HostReader } from '../engine/host';
import { apiRequest, askApi } from '../kubernetes/api';
import { clusterPodRuns, swapName } from '../kubernetes/etcd-swap';
import { kubectl, KUBECTL_TIMEOUT_MS, WHILE_UNANSWERED } from '../kubernetes/kubectl';
import { MASTERS_NAMESPACE } from '../kubernetes/master-secret';
import { staticPodOf } from '../kubernetes/names';
import type { Master } from '../variables/master';
import { apiAccess } from './access';
import { apiserverHealthy } from './endpoint-health';

/** For the Job's pod, the two of etcd, and until all voters agree. */
const SWAP_TIMEOUT_MS = 15 * 60_000;

/** How far a Job has come; one that has ended well or not does nothing any more. Unknown where the cluster does not answer. */
export type JobState = 'absent' | 'at work' | 'ended' | 'unknown';

/** Asks the cluster for it. */
export async function jobState(host: HostReader, master: Master, path: string): Promise<JobState> {
  const answer = await askApi(host, apiAccess(master), path);
  if (answer.kind === 'silent') return 'unknown';
  if (answer.kind === 'absent') return 'absent';
  const { status } = answer.body as {
    readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
  };
  return status?.conditions?.some(condition => condition.status === 'True') === true ? 'ended' : 'at work';
}

/** Waits until the Job has ended well, the cluster pod runs, the voters are well, and the apiserver there has found its member again; a Job that has given up is not waited for. `asked` is a master whose apiserver tells. */
export function awaitSwap(asked: Master, one: Master, path: string, voters: readonly Question[]): Change {
  const done: Question = {
    kind: 'request',
    title: `the Job has swapped etcd's manifests on ${one.hostname}`,
    request: apiRequest(apiAccess(asked), path),
    status: 200,
    matches: '"succeeded": ?1\\b',
    unmet: 'it is at work',
    never: '"type": ?"Failed"',
  };
  const own = apiserverHealthy(`the apiserver on ${one.hostname} is healthy`, one);
  return {
    kind: 'await',
    condition: {
      kind: 'all',
      title: `etcd on ${one.hostname} runs as the cluster pod, and all voters and the apiserver there are healthy`,
      of: [done, clusterPodRuns(apiAccess(asked), one, { alone: false }), ...voters, own],
    },
    timeoutMs: SWAP_TIMEOUT_MS,
  };
}

/**
 * Removes the Job with its pod, and the init pod from what the API lists: that it has ended is what the Job has seen. The kubelet does so by itself,
 * but the one of 1.20 keeps on listing a static pod that had no container when its manifest went, as after a power cut
 * (pkg/kubelet/kubelet.go, HandlePodRemoves: it is marked as ending, and the mark stays).
 */
export function deleteSwap(one: Master): Change {
  return {
    kind: 'run',
    title: `Delete the Job ${swapName(one)} and what is still listed of the init pod on ${one.hostname}`,
    command: kubectl(
      ...['delete', `job/${swapName(one)}`, `pod/${staticPodOf('etcd-init', one.hostname)}`],
      ...[
        '--namespace',
        MASTERS_NAMESPACE,
        '--ignore-not-found',
        '--grace-period=0',
        '--force',
        '--wait=false',
      ],
    ),
    timeoutMs: 2 * 60_000,
    again: WHILE_UNANSWERED,
  };
}

/** Removes a Job that did not come to its end, and waits until it is gone: one of the same name comes next. Its pod puts back what it has aside. */
export function deleteJob(one: Master): Change {
  return {
    kind: 'run',
    title: `Delete the Job ${swapName(one)}`,
    command: kubectl(
      'delete',
      `job/${swapName(one)}`,
      '--namespace',
      MASTERS_NAMESPACE,
      '--ignore-not-found',
    ),
    timeoutMs: KUBECTL_TIMEOUT_MS,
    again: WHILE_UNANSWERED,
  };
}
