import type { HostReader } from '../engine/host';
import { kubectl } from '../kubernetes/kubectl';

/** A container as docker has it. */
export interface Container {
  readonly id: string;
  /** "Up 2 minutes", "Exited (2) 3 seconds ago". */
  readonly status: string;
}

/** Go's traces of a large program are some thousand lines. */
const WHOLE = 5000;
const TRACE = /^(?:goroutine \d+ \[|\t\S+\.go:\d+ |created by )/m;
const LOG_MS = 20_000;

/** The newest container of a pod on this host, whatever has become of it. */
export async function newestContainer(host: HostReader, pod: string): Promise<Container | undefined> {
  const found = await host.query({
    file: 'docker',
    // dockershim's names: k8s_CONTAINER_POD_NAMESPACE_UID_ATTEMPT; POD is the sandbox.
    args: [
      ...['ps', '--all', '--no-trunc', '--filter', `name=k8s_.*_${pod}`],
      ...['--format', '{{.ID}} {{.Names}} {{.Status}}'],
    ],
  });
  const newest = found.stdout.split('\n').find(line => line !== '' && !line.includes(' k8s_POD_'));
  const [id, , ...status] = newest?.split(' ') ?? [];
  return id === undefined ? undefined : { id, status: status.join(' ') };
}

/** What a container said last; where that is a trace, what stands before it too. */
export async function containerLog(host: HostReader, id: string, tail: number): Promise<string> {
  return beforeTrace(tail, async lines => {
    const { stdout, stderr } = await host.query(
      { file: 'docker', args: ['logs', '--tail', String(lines), id] },
      { timeoutMs: LOG_MS },
    );
    return stdout + stderr;
  });
}

/** The same of a pod on any node, asked of the cluster. Where it has said nothing, the answer says why its container has not been started. */
export async function podLog(
  host: HostReader,
  pod: string,
  tail: number,
  namespace = 'kube-system',
): Promise<string> {
  return beforeTrace(tail, async lines => {
    const { code, stdout, stderr } = await host.query(
      kubectl('logs', pod, '--namespace', namespace, '--tail', String(lines)),
      { timeoutMs: LOG_MS },
    );
    return code === 0 ? stdout : stderr;
  });
}

async function beforeTrace(tail: number, read: (lines: number) => Promise<string>): Promise<string> {
  const last = await read(tail);
  return TRACE.test(last) ? read(WHOLE) : last;
}
