import { setTimeout as delay } from 'node:timers/promises';
import { readRole } from '../cluster/role';
import type { Check, Finding } from '../engine/check';
import type { CommandResult, HostReader } from '../engine/host';
import { ask, lines } from '../steps/prepare/ask';
import { fatal, ok, warning } from './finding';
import type { Purpose } from './purpose';

/** Who will listen where. The names are those that the kernel keeps, cut at 15 characters. */
const MASTER: Readonly<Record<number, string>> = {
  2379: 'etcd',
  2380: 'etcd',
  2381: 'etcd',
  6443: 'kube-apiserver',
  10250: 'kubelet',
  10257: 'kube-controller',
  10259: 'kube-scheduler',
};
const NODE: Readonly<Record<number, string>> = { 10250: 'kubelet' };

interface Listener {
  readonly port: number;
  /** '' where ss does not tell. */
  readonly program: string;
  readonly pid: string;
}

/** How often ss is asked while it does not tell whose a port is, and how long between. */
const LOOKS = 5;
const PAUSE_MS = 1000;

/** The ports that the cluster needs, free or taken by what an earlier run started. */
export function ports(purpose: Purpose, pauseMs = PAUSE_MS): Check {
  const needed = purpose === 'install' ? MASTER : NODE;
  return {
    id: 'ports',
    title: 'Ports',
    run: async host => {
      const { code, stdout, stderr } = await listening(host, needed, pauseMs);
      if (code !== 0) {
        return [warning(`which ports are taken could not be found out: ${stderr.trim()}`, 'ss -ltnp')];
      }
      // A host that was prepared, and has joined since, runs a kubelet that is as it should be.
      const ours = purpose === 'prepare' || (await readRole(host)).maker === 'ours';
      const taken = listeners(stdout).filter(({ port }) => needed[port] !== undefined);
      const foreign = taken.filter(({ port, program }) => !ours || program !== needed[port]);
      if (foreign.length > 0) return foreign.map(one => refuse(one, needed[one.port] ?? ''));
      const all = Object.keys(needed).join(', ');
      return [
        ok(
          taken.length === 0
            ? `free: ${all}`
            : `free, or taken by the cluster that is being installed: ${all}`,
        ),
      ];
    },
  };
}

/** What ss says, again while a program that ends just then is not named: the kubelet where an interrupted run was starting it anew. */
async function listening(
  host: HostReader,
  needed: Readonly<Record<number, string>>,
  pauseMs: number,
): Promise<CommandResult> {
  for (let looks = 1; ; looks += 1) {
    const said = await ask(host, 'ss', ['-ltnp']);
    const unnamed = listeners(said.stdout).some(
      ({ port, program }) => needed[port] !== undefined && program === '',
    );
    if (!unnamed || looks === LOOKS) return said;
    await delay(pauseMs);
  }
}

function refuse({ port, program, pid }: Listener, wanted: string): Finding {
  const who = program === '' ? 'another program' : `${program} (process ${pid})`;
  const kubernetes = program === wanted;
  return fatal(
    `port ${port} is taken by ${who}, and ${wanted} needs it`,
    kubernetes
      ? 'It belongs to another installation: remove that (kubeadm reset), or use another host.'
      : `Stop it, or have it listen elsewhere.`,
  );
}

/** State, Recv-Q, Send-Q, Local Address:Port, Peer Address:Port, users:(("name",pid=1,fd=2)); one listener a port is enough. */
function listeners(stdout: string): readonly Listener[] {
  const found = lines(stdout)
    .map(line => line.trim().split(/\s+/))
    .filter(fields => fields[0] === 'LISTEN')
    .map(fields => {
      const local = fields[3] ?? '';
      const [, program = '', pid = ''] = /\(\("([^"]*)",(?:pid=)?(\d+)/.exec(fields.slice(5).join(' ')) ?? [];
      return { port: Number(local.slice(local.lastIndexOf(':') + 1)), program, pid };
    });
  return found.filter((one, at) => found.findIndex(other => other.port === one.port) === at);
}
