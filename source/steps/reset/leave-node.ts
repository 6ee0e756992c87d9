import type { Change } from '../../engine/change';
import type { HostReader } from '../../engine/host';
import { step, type Step } from '../../engine/step';
import { kubectl } from '../../kubernetes/kubectl';
import {
  giveTurn,
  masterSecret,
  MASTERS_NAMESPACE,
  parseTurn,
  TURN_KEY,
} from '../../kubernetes/master-secret';
import type { Master } from '../../variables/master';

/** Beyond it the cluster counts as one that does not answer: it is told afterwards what is left to do there. */
const PATIENCE = '--request-timeout=10s';

/** Tells the program that makes masters that etcd here is not to be started again by itself; not where the cluster does not answer. */
export function waitAgain({ hostname }: Master, after: readonly string[]): Step {
  return step<boolean>({
    id: 'leave-turn',
    title: 'Let etcd here wait, should the host join again',
    after,
    probe: async host => {
      const text = await askCluster(host, [
        ...['get', 'secret', masterSecret(hostname), '--namespace', MASTERS_NAMESPACE],
        ...['--output', `jsonpath=found:{.data.${TURN_KEY}}`],
      ]);
      const [, turn] = /^found:(.*)$/m.exec(text ?? '') ?? [];
      if (turn === undefined) return false;
      return turn === '' || parseTurn(Buffer.from(turn, 'base64').toString('utf8')).kind !== 'wait';
    },
    plan: due => (due ? [giveTurn(hostname, { kind: 'wait' })] : []),
  });
}

/** Takes this host's node out of the cluster, once its kubelet cannot put it back; not where the cluster does not answer. */
export function deleteNode({ hostname }: Master, after: readonly string[]): Step {
  return step<boolean>({
    id: 'leave-node',
    title: `Delete the node ${hostname}, if the cluster answers`,
    after,
    probe: async host => (await askCluster(host, ['get', 'node', hostname, '--output=name'])) !== undefined,
    plan: (there): readonly Change[] =>
      there
        ? [
            {
              kind: 'run',
              title: `kubectl delete node ${hostname}`,
              command: kubectl('delete', 'node', hostname, '--ignore-not-found', '--timeout=60s'),
              timeoutMs: 90_000,
            },
          ]
        : [],
  });
}

/** What kubectl prints; undefined where there is no such thing, or no answer. */
async function askCluster(host: HostReader, args: readonly string[]): Promise<string | undefined> {
  if ((await host.stat('/etc/kubernetes/admin.conf')) === undefined) return undefined;
  const { code, stdout } = await host.query(kubectl(...args, PATIENCE), { timeoutMs: 20_000 });
  return code === 0 ? stdout : undefined;
}
