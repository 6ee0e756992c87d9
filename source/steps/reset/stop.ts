import type { Change } from '../../engine/change';
import type { HostReader } from '../../engine/host';
import { step, type Step } from '../../engine/step';
import { KEEPALIVED, KEEPALIVED_HIDDEN, KEEPALIVED_MANIFEST } from '../paths';
import { readText } from '../prepare/ask';
import { readUnit } from '../prepare/units';

const KUBELET = 'kubelet.service';

/** From here on nothing starts a pod anew. */
export function stopKubelet(after: readonly string[]): Step {
  return step<boolean>({
    id: 'stop-kubelet',
    title: 'Stop the kubelet',
    after,
    probe: async host => {
      const { loaded, active } = await readUnit(host, KUBELET);
      return loaded === 'loaded' && !['inactive', 'failed', 'unknown'].includes(active);
    },
    plan: runs => (runs ? [{ kind: 'service', unit: KUBELET, action: 'stop' }] : []),
  });
}

interface Vip {
  /** keepalived's containers that run. */
  readonly containers: readonly string[];
  /** The VIP where this host has it, with its interface. */
  readonly held?: { readonly address: string; readonly device: string };
}

/** Ends keepalived as it wants to be ended: it takes the VIP off and tells the others, and one of them has it at once. */
export function stopKeepalived(after: readonly string[]): Step {
  return step<Vip>({
    id: 'stop-keepalived',
    title: 'Give the VIP away',
    after,
    probe: lookAtVip,
    plan: ending,
  });
}

/**
 * The same while all else still runs, before etcd here leaves the cluster: the apiserver here, which asks no other one, ends with it. The program
 * that makes masters leaves the manifest aside for five minutes (`lent` in make-master.sh), and puts it back where a reset was cut off.
 */
export function handVipOver(after: readonly string[]): Step {
  return step<Vip & { readonly manifest: boolean }>({
    id: 'leave-vip',
    title: 'Hand the VIP over to another master, if it is here',
    after,
    probe: async host => ({
      ...(await lookAtVip(host)),
      manifest: (await host.stat(KEEPALIVED_MANIFEST)) !== undefined,
    }),
    plan: vip => (vip.held === undefined ? [] : [...(vip.manifest ? ASIDE : []), ...ending(vip)]),
  });
}

/** Since when it is there is seen by its time. */
const ASIDE: readonly Change[] = [
  {
    kind: 'run',
    title: `Mark ${KEEPALIVED_MANIFEST} with the time of now`,
    command: { file: 'touch', args: ['--no-create', KEEPALIVED_MANIFEST] },
    timeoutMs: 30_000,
  },
  {
    kind: 'run',
    title: `Take ${KEEPALIVED_MANIFEST} away from the kubelet`,
    command: {
      file: 'mv',
      args: ['--no-target-directory', '--force', KEEPALIVED_MANIFEST, KEEPALIVED_HIDDEN],
    },
    timeoutMs: 30_000,
  },
];

async function lookAtVip(host: HostReader): Promise<Vip> {
  const running = await host.query({
    file: 'docker',
    args: ['ps', '--quiet', '--filter', 'name=^/?k8s_keepalived_'],
  });
  const text = await readText(host, `${KEEPALIVED}/keepalived.conf.template`);
  const [, address] = /virtual_ipaddress\s*\{\s*(\d+(?:\.\d+){3})/.exec(text) ?? [];
  const containers = running.code === 0 ? running.stdout.split('\n').filter(id => id !== '') : [];
  if (address === undefined) return { containers };
  const { stdout } = await host.query({ file: 'ip', args: ['-4', '-o', 'addr', 'show'] });
  const device = stdout
    .split('\n')
    .find(line => line.includes(` inet ${address}/32 `))
    ?.split(/\s+/)[1];
  return { containers, ...(device === undefined ? {} : { held: { address, device } }) };
}

function ending({ containers, held }: Vip): readonly Change[] {
  if (containers.length > 0) return [stop(containers), ...(held === undefined ? [] : [isGone(held)])];
  return held === undefined ? [] : [takeOff(held)];
}

function stop(containers: readonly string[]): Change {
  return {
    kind: 'run',
    title: 'Stop keepalived',
    command: { file: 'docker', args: ['stop', '--time', '10', ...containers] },
    timeoutMs: 60_000,
  };
}

function isGone({ address }: NonNullable<Vip['held']>): Change {
  return {
    kind: 'await',
    condition: {
      kind: 'command',
      title: `this host does not have ${address} any more`,
      command: { file: 'ip', args: ['-4', '-o', 'addr', 'show'] },
      matches: `^(?![^]* inet ${address.replace(/\./g, '\\.')}/32 )`,
    },
    timeoutMs: 15_000,
  };
}

/** One that was killed has left it. */
function takeOff({ address, device }: NonNullable<Vip['held']>): Change {
  return {
    kind: 'run',
    title: `Take ${address} off ${device}`,
    command: { file: 'ip', args: ['addr', 'del', `${address}/32`, 'dev', device] },
    timeoutMs: 10_000,
  };
}
