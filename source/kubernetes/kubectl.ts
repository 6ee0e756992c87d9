import type { Condition } from '../engine/change';
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

/** For changes that can be made twice: asked again while nobody answers, as where the VIP goes over to another master or etcd chooses another leader. */
export const WHILE_UNANSWERED = {
  while: [
    'Unable to connect to the server',
    'The connection to the server \\S+ was refused',
    'etcdserver: (request timed out|leader changed|no leader)',
    'Error from server \\((Timeout|ServiceUnavailable|InternalError)\\)',
    'connection reset by peer|connection lost|unexpected EOF|i/o timeout',
  ].join('|'),
  meaning: 'the cluster does not answer',
  withinMs: 2 * 60_000,
} as const;

/**
 * "3 pods" and a line for each that is not ready, with what it waits for. A pod that ran to its end (a job's) is never
 * ready again and does not count. One that is being removed does not count either: on a host that is away it stays so.
 */
const UNREADY_PODS = [
  '{{$there := ""}}{{range .items}}{{if not .metadata.deletionTimestamp}}{{$there = printf "%s." $there}}{{end}}{{end}}',
  '{{len $there}} pods{{range .items}}{{$ready := or (eq .status.phase "Succeeded") .metadata.deletionTimestamp}}',
  '{{range .status.conditions}}{{if and (eq .type "Ready") (eq .status "True")}}{{$ready = true}}{{end}}{{end}}',
  '{{if not $ready}}\n{{.metadata.name}}: {{.status.phase}}',
  '{{range .status.conditions}}{{if and (eq .type "PodScheduled") (eq .status "False")}}, {{.message}}{{end}}{{end}}',
  ...['initContainerStatuses', 'containerStatuses'].map(
    statuses =>
      `{{range .status.${statuses}}}{{with .state.waiting}}, {{.reason}}{{with .message}}: {{.}}{{end}}{{end}}{{end}}`,
  ),
  '{{end}}{{end}}\n',
].join('');

/** That there are pods of that selection, and that all of them are ready. What it last saw says why a container waits. */
export function podsReady(
  title: string,
  selection: { readonly namespace: string; readonly labels?: string; readonly node?: string },
): Condition {
  return {
    kind: 'command',
    title,
    command: kubectl(
      ...['get', 'pods', '--namespace', selection.namespace],
      ...(selection.labels === undefined ? [] : ['--selector', selection.labels]),
      ...(selection.node === undefined ? [] : ['--field-selector', `spec.nodeName=${selection.node}`]),
      ...['--output', `go-template=${UNREADY_PODS}`],
    ),
    matches: '^[1-9]\\d* pods\\s*$',
  };
}

/** That a node is Ready. */
export function nodeReady(hostname: string): Condition {
  return {
    kind: 'command',
    title: `node ${hostname} is Ready`,
    command: kubectl(
      ...['get', 'node', hostname, '--output'],
      'jsonpath={.status.conditions[?(@.type=="Ready")].status} {.status.conditions[?(@.type=="Ready")].message}',
    ),
    matches: '^True ',
  };
}
