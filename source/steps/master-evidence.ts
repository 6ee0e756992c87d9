import type { FailureReport } from '../engine/failure';
import type { HostReader } from '../engine/host';
import type { Node } from '../kubernetes/api';
import { kubectl } from '../kubernetes/kubectl';
import { MASTERS_SELECTOR } from '../kubernetes/master-objects';
import { MASTERS_NAMESPACE } from '../kubernetes/master-secret';
import { isReady, masterReport } from '../kubernetes/master-state';
import { explain } from './diagnosis';

const TAIL = 12;

/** The name of the pod on a node, a line for each container that waits, and for each that ended badly. */
const STATES = [
  '{{range .items}}pod {{.metadata.name}}\n',
  '{{range .status.initContainerStatuses}}{{with .state.waiting}}{{.reason}} {{.message}}\n{{end}}{{end}}',
  '{{range .status.containerStatuses}}{{with .state.waiting}}{{.reason}} {{.message}}\n{{end}}{{end}}{{end}}',
].join('');

/** Adds to a failure what a node that should become a master says of itself, and the last words of the program that makes it one. */
export async function masterEvidence(
  host: HostReader,
  failure: FailureReport,
  node: Node,
): Promise<FailureReport> {
  const log = await podLines(host, node.metadata.name);
  const lines = [...(failure.seen ?? []), ...reported(node), ...log];
  const { message = failure.message, hint = failure.hint } = explain([...lines].reverse()) ?? {};
  return {
    ...failure,
    message,
    ...(hint === undefined ? {} : { hint }),
    ...(lines.length === 0 ? {} : { seen: lines }),
  };
}

function reported(node: Node): readonly string[] {
  const { name } = node.metadata;
  const report = masterReport(node);
  const ready = node.status.conditions?.find(({ type }) => type === 'Ready')?.message;
  return [
    ...(isReady(node) || ready === undefined ? [] : [`${name} is not Ready: ${ready}`]),
    ...(report === undefined
      ? [`${name} has not said anything yet: the program that makes masters has not run there`]
      : [
          `${name} says: ${report.refused ?? report.did} (${report.at})`,
          ...report.missing.map(path => `${name} lacks ${path}`),
          ...report.changed.map(path => `${path} on ${name} was changed by somebody and is left so`),
        ]),
  ];
}

async function podLines(host: HostReader, node: string): Promise<readonly string[]> {
  const inNamespace = ['--namespace', MASTERS_NAMESPACE] as const;
  const pods = await host.query(
    kubectl(
      ...['get', 'pods', ...inNamespace, '--selector', MASTERS_SELECTOR],
      ...['--field-selector', `spec.nodeName=${node}`, '--output', `go-template=${STATES}`],
    ),
  );
  const lines = pods.stdout.split('\n').filter(line => line !== '');
  const pod = lines.find(line => line.startsWith('pod '))?.slice('pod '.length);
  if (pod === undefined) return [];
  const log = await host.query(
    kubectl('logs', ...inNamespace, pod, '--container', 'make-master', '--tail', String(TAIL)),
    {
      timeoutMs: 20_000,
    },
  );
  const said = log.stdout.split('\n').filter(line => line !== '');
  return [...lines.filter(line => !line.startsWith('pod ')), ...said].map(line => line.slice(0, 240));
}
