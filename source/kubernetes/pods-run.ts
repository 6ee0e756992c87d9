import type { Condition } from '../engine/change';
import { kubectl } from './kubectl';

/** What makes a pod: a DaemonSet or a Deployment, or a manifest on the disk of a node, whose name the pod has in its own. */
export interface Workload {
  readonly kind: 'DaemonSet' | 'Deployment' | 'static pod';
  readonly name: string;
}

/** How its pods are known: by what the controllers name them after (the Deployment's ReplicaSet has a hash behind its name). */
function isOwn({ kind, name }: Workload): readonly [field: string, test: string] {
  switch (kind) {
    case 'DaemonSet':
      return ['generateName', `eq . "${name}-"`];
    case 'Deployment':
      return ['generateName', `eq (printf "%.${name.length + 1}s" .) "${name}-"`];
    case 'static pod':
      return ['name', `eq . "${name}"`];
  }
}

/** Of a pod, in $word: "runs", or what it waits for. */
const STATE = [
  '{{$word := printf "is not ready: %s %s" $pod.metadata.name $pod.status.phase}}',
  '{{with $pod.status.reason}}{{$word = printf "%s, %s" $word .}}{{end}}',
  '{{range $pod.status.conditions}}{{if and (eq .type "PodScheduled") (eq .status "False")}}{{with .message}}{{$word = printf "%s, %s" $word .}}{{end}}{{end}}{{end}}',
  ...['initContainerStatuses', 'containerStatuses'].map(
    statuses =>
      `{{range $pod.status.${statuses}}}{{with .state.waiting}}{{$word = printf "%s, %s" $word .reason}}{{with .message}}{{$word = printf "%s: %s" $word .}}{{end}}{{end}}{{end}}`,
  ),
  '{{range $pod.status.conditions}}{{if and (eq .type "Ready") (eq .status "True")}}{{$word = "runs"}}{{end}}{{end}}',
  '{{if $pod.metadata.deletionTimestamp}}{{$word = printf "is not ready: %s is being removed" $pod.metadata.name}}{{end}}',
].join('');

/** How many pods there are, and a line for each workload that none of them runs: one pod that is ready is enough, whatever others have left behind; evicted, failed and ended pods stay in the list until somebody removes them. */
function template(workloads: readonly Workload[]): string {
  const lines = workloads.map(workload => {
    const [field, test] = isOwn(workload);
    const each = `{{$pod := .}}{{with .metadata.${field}}}{{if ${test}}}{{if ne $state "runs"}}${STATE}{{$state = $word}}{{end}}{{end}}{{end}}`;
    return `{{$state := "has no pod yet"}}{{range .items}}${each}{{end}}{{if ne $state "runs"}}\n${workload.name} {{$state}}{{end}}`;
  });
  return `{{len .items}} pods${lines.join('')}\n`;
}

/** That each of these has a pod that is ready, of those that are selected. Pods of others do not count, nor those of other nodes. What it last saw says why a container waits. */
export function podsRun(
  title: string,
  selection: { readonly namespace: string; readonly labels?: string; readonly node?: string },
  workloads: readonly Workload[],
): Condition {
  return {
    kind: 'command',
    title,
    command: kubectl(
      ...['get', 'pods', '--namespace', selection.namespace],
      ...(selection.labels === undefined ? [] : ['--selector', selection.labels]),
      ...(selection.node === undefined ? [] : ['--field-selector', `spec.nodeName=${selection.node}`]),
      ...['--output', `go-template=${template(workloads)}`],
    ),
    matches: '^[1-9]\\d* pods\\s*$',
  };
}
