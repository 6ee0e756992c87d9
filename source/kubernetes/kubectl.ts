import type { Command } from '../engine/host';

const FLAGS = [
  '--kubeconfig',
  '/etc/kubernetes/admin.conf',
  // Beside the system's own files, so that a second run leaves none of them touched.
  '--cache-dir',
  '/run/kube-el7-install/kubectl',
];

/** kubectl with the cluster's own administrator. */
export function kubectl(...args: readonly string[]): Command {
  return { file: 'kubectl', args: [...FLAGS, ...args] };
}

/** Longer than an apiserver lets a request take (--request-timeout, 60 s): its answer that it took too long has to come, since it is asked again for that. */
export const KUBECTL_TIMEOUT_MS = 3 * 60_000;

/** For changes that can be made twice: asked again while nobody answers, as where the VIP goes over to another master or etcd chooses another leader. */
export const WHILE_UNANSWERED = {
  while: [
    'Unable to connect to the server',
    'The connection to the server \\S+ was refused',
    'etcdserver: (request timed out|leader changed|no leader)',
    // An apiserver whose member of etcd is away for a moment.
    'rpc error: code = (Unavailable|DeadlineExceeded)|context deadline exceeded',
    'Error from server \\((Timeout|ServiceUnavailable|InternalError)\\)',
    'connection reset by peer|connection lost|unexpected EOF|i/o timeout',
  ].join('|'),
  meaning: 'the cluster does not answer',
  // On hosts that are short of CPU an apiserver that was started anew takes a minute until it answers.
  withinMs: 5 * 60_000,
} as const;
