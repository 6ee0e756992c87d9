import type { Change } from '../engine/change';
import type { HostReader } from '../engine/host';
import { apiRequest, askApi } from '../kubernetes/api';
import { swapName } from '../kubernetes/etcd-swap';
import { kubectl, WHILE_UNANSWERED } from '../kubernetes/kubectl';
import type { Master } from '../variables/master';
import { apiAccess } from './access';

const SWAP_TIMEOUT_MS = 4 * 60_000;

/** How far a Job has come; one that has ended well or not does nothing any more. */
export type JobState = 'absent' | 'at work' | 'ended';

/** Asks the cluster for it. */
export async function jobState(host: HostReader, master: Master, path: string): Promise<JobState> {
  const answer = await askApi(host, apiAccess(master), path);
  if (answer.kind !== 'found') return 'absent';
  const { status } = answer.body as {
    readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
  };
  return status?.conditions?.some(condition => condition.status === 'True') === true ? 'ended' : 'at work';
}

/** Waits until the Job has ended well; one that has given up is not waited for. */
export function awaitJob(first: Master, one: Master, path: string): Change {
  return {
    kind: 'await',
    condition: {
      kind: 'request',
      title: `the Job has swapped etcd's manifests on ${one.hostname}`,
      request: apiRequest(apiAccess(first), path),
      status: 200,
      matches: '"succeeded": ?1\\b',
      unmet: 'it is at work',
      never: '"type": ?"Failed"',
    },
    timeoutMs: SWAP_TIMEOUT_MS,
  };
}

/** Removes the Job and its pod. */
export function deleteJob(one: Master): Change {
  return {
    kind: 'run',
    title: `Delete the Job ${swapName(one)}`,
    command: kubectl('delete', `job/${swapName(one)}`, '--namespace', 'kube-system', '--ignore-not-found'),
    timeoutMs: 2 * 60_000,
    again: WHILE_UNANSWERED,
  };
}
