import { difference, observe } from '../../changes/desired';
import type { Desired, ObservedDesired } from '../../changes/desired';
import type { Change } from '../../engine/change';
import type { HostReader } from '../../engine/host';
import { step } from '../../engine/step';
import type { Step } from '../../engine/step';
import { ask, lines, readText } from './ask';

const MODULES_FILE = '/etc/modules-load.d/kube-el7-install.conf';

/** Exists as soon as bridged packets can be shown to iptables, whichever module does it. */
const BRIDGE_FILTER = '/proc/sys/net/bridge/bridge-nf-call-iptables';

interface Observed {
  readonly bridgeFilter: boolean;
  readonly overlay: boolean;
  /** "br_netfilter", or "bridge" on the kernels that have no such module: 3.10.0-327 and before. */
  readonly bridgeModule: string;
  readonly files: ObservedDesired;
}

/** br_netfilter, so that iptables sees what pods say to each other over a bridge, and overlay, which docker's overlay2 needs. */
export function kernelModules(): Step {
  return step<Observed>({
    id: 'kernel-modules',
    title: 'Load kernel modules',
    after: [],
    probe: async host => {
      const bridgeModule = await readBridgeModule(host);
      return {
        bridgeFilter: (await host.stat(BRIDGE_FILTER)) !== undefined,
        overlay: await hasFileSystem(host, 'overlay'),
        bridgeModule,
        files: await observe(host, modulesFile(bridgeModule)),
      };
    },
    plan: observed => [
      ...difference(modulesFile(observed.bridgeModule), observed.files),
      ...(observed.bridgeFilter ? [] : [load(observed.bridgeModule)]),
      ...(observed.overlay ? [] : [load('overlay')]),
    ],
  });
}

function modulesFile(bridgeModule: string): readonly Desired[] {
  const content = `# Written by kube-el7-install; loaded by systemd-modules-load at boot.\n${bridgeModule}\noverlay\n`;
  return [{ kind: 'file', path: MODULES_FILE, content, mode: 0o644 }];
}

function load(name: string): Change {
  return {
    kind: 'run',
    title: `Load the kernel module ${name}`,
    command: { file: 'modprobe', args: [name] },
    timeoutMs: 60_000,
    undo: [{ kind: 'stays', what: `the kernel module ${name}, loaded until the next boot` }],
  };
}

async function readBridgeModule(host: HostReader): Promise<string> {
  if ((await host.stat('/sys/module/br_netfilter')) !== undefined) return 'br_netfilter';
  // Knows modules that are built in, too, and loads nothing.
  const { code } = await ask(host, 'modprobe', ['--dry-run', '--quiet', 'br_netfilter']);
  return code === 0 ? 'br_netfilter' : 'bridge';
}

async function hasFileSystem(host: HostReader, name: string): Promise<boolean> {
  return lines(await readText(host, '/proc/filesystems')).some(
    line => line.trim().split(/\s+/).pop() === name,
  );
}
