import type { Change, Question } from '../engine/change';
import type { HostReader } from '../engine/host';
import { apiRequest, askApi } from '../kubernetes/api';
import { clusterPodRuns, swapName } from '../kubernetes/etcd-swap';
import { kubectl, WHILE_UNANSWERED } from '../kubernetes/kubectl';
import { MASTERS_NAMESPACE } from '../kubernetes/master-secret';
import { staticPodOf } from '../kubernetes/names';
import type { Master } from '../variables/master';
import { apiAccess } from './access';

/** For the Job's pod, the two of etcd, and until all voters agree. */
const SWAP_TIMEOUT_MS = 6 * 60_000;

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

/** Waits until the Job has ended well, the cluster pod runs, and the voters are well; a Job that has given up is not waited for. */
export function awaitSwap(first: Master, one: Master, path: string, voters: readonly Question[]): Change {
  const done: Question = {
    kind: 'request',
    title: `the Job has swapped etcd's manifests on ${one.hostname}`,
    request: apiRequest(apiAccess(first), path),
    status: 200,
    matches: '"succeeded": ?1\\b',
    unmet: 'it is at work',
    never: '"type": ?"Failed"',
  };
  return {
    kind: 'await',
    condition: {
      kind: 'all',
      title: `etcd on ${one.hostname} runs as the cluster pod, and all voters are healthy`,
      of: [done, clusterPodRuns(one, { alone: false }), ...voters],
    },
    timeoutMs: SWAP_TIMEOUT_MS,
  };
}

/**
 * Removes the init pod from what the API lists; that it has ended is what the Job has seen. The kubelet does so by itself,
 * but the one of 1.20 keeps on listing a static pod that had no container when its manifest went, as after a power cut
 * (pkg/kubelet/kubelet.go, HandlePodRemoves: it is marked as ending, and the mark stays).
 */
export function unlistInitPod({ hostname }: Master): Change {
  return {
    kind: 'run',
    title: `Remove what is still listed of the init pod on ${hostname}`,
    command: kubectl(
      ...['delete', `pod/${staticPodOf('etcd-init', hostname)}`, '--namespace', MASTERS_NAMESPACE],
      ...['--ignore-not-found', '--grace-period=0', '--force', '--wait=false'],
    ),
    timeoutMs: 60_000,
    again: WHILE_UNANSWERED,
  };
}

/** Removes the Job and its pod. */
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
    timeoutMs: 2 * 60_000,
    again: WHILE_UNANSWERED,
  };
}
