import { variablesView, withView } from '../../disclosure/files';
import type { HostReader } from '../../engine/host';
import { step } from '../../engine/step';
import type { Step } from '../../engine/step';
import type { Change } from '../../engine/change';
import { ask, readText } from './ask';

const CONFIG = '/etc/selinux/config';

interface Observed {
  /** "Enforcing", "Permissive", "Disabled"; undefined where the host has no SELinux. */
  readonly mode: string | undefined;
  readonly config: string | undefined;
  readonly configMode: number;
  /** What the file says of the next boot, as libselinux reads it; undefined where it says nothing, which is permissive. */
  readonly atBoot: 'enforcing' | 'permissive' | 'disabled' | undefined;
  /** What the kernel is told at this boot, or at the next one, where that wins over the file. */
  readonly kernel: 'selinux=0' | 'enforcing=1' | undefined;
}

/** SELinux permissive, now and after a boot: the volumes of Kubernetes' static pods carry no labels on EL7 (kubeadm's instructions ask for the same). Disabled stays disabled. */
export function selinux(): Step {
  return step<Observed>({
    id: 'selinux',
    title: 'Set SELinux permissive',
    after: [],
    probe: readSelinux,
    plan: observed => {
      const changes: Change[] = [];
      if (observed.config !== undefined) {
        const content = permissive(observed.config);
        if (content !== observed.config) {
          changes.push({
            kind: 'write',
            path: CONFIG,
            content: withView(content, variablesView),
            mode: observed.configMode,
          });
        }
      }
      if (observed.mode === 'Enforcing') {
        changes.push({
          kind: 'run',
          title: 'Set SELinux permissive until the next boot',
          command: { file: 'setenforce', args: ['0'] },
          timeoutMs: 30_000,
          undo: [
            {
              kind: 'run',
              title: 'Set SELinux enforcing',
              command: { file: 'setenforce', args: ['1'] },
              timeoutMs: 30_000,
              needed: { command: { file: 'getenforce', args: [] }, matches: '^Permissive' },
            },
          ],
        });
      }
      return changes;
    },
  });
}

/** The running mode and the file that decides the next boot's. */
export async function readSelinux(host: HostReader): Promise<Observed> {
  const { code, stdout } = await ask(host, 'getenforce', []);
  const config = await host.read(CONFIG);
  const running = await readText(host, '/proc/cmdline');
  const next = await ask(host, 'grubby', ['--info=DEFAULT']);
  return {
    mode: code === 0 ? stdout.trim() : undefined,
    config: config?.toString('utf8'),
    configMode: (await host.stat(CONFIG))?.mode ?? 0o644,
    atBoot: modeOf(config?.toString('utf8') ?? ''),
    kernel: parameterOf(next.code === 0 ? (/^args="(.*)"$/m.exec(next.stdout)?.[1] ?? running) : running),
  };
}

/**
 * A line counts that begins with SELINUX= and then with one of three words, in capitals or not and whatever follows; of several the first (libselinux: selinux_config.c, selinux_getenforcemode).
 * Blanks before the word are passed over by some versions only.
 */
const LINE = /^(SELINUX=\s*)([A-Za-z]+)/;
const ENFORCING = /^(SELINUX=\s*)enforcing/i;
const WORDS = ['enforcing', 'permissive', 'disabled'] as const;

function wordOf(line: string): (typeof WORDS)[number] | undefined {
  const found = LINE.exec(line)?.[2]?.toLowerCase() ?? '';
  return WORDS.find(word => found.startsWith(word));
}

function modeOf(config: string): Observed['atBoot'] {
  return config
    .split('\n')
    .map(wordOf)
    .find(word => word !== undefined);
}

/** Every such line: which of them counts depends on the version. What else stands on it stays. */
function permissive(config: string): string {
  return config
    .split('\n')
    .map(line => (wordOf(line) === 'enforcing' ? line.replace(ENFORCING, '$1permissive') : line))
    .join('\n');
}

/** Of several the last counts, and any number but 0 is a yes (libselinux: load_policy.c, selinux_init_load_policy). */
function parameterOf(cmdline: string): Observed['kernel'] {
  const last = (name: string): string | undefined =>
    [...cmdline.matchAll(new RegExp(`(?<!\\S)${name}=(\\S*)`, 'g'))].pop()?.[1];
  if (/^0+$/.test(last('selinux') ?? '')) return 'selinux=0';
  return /^[+-]?0*[1-9]/.test(last('enforcing') ?? '') ? 'enforcing=1' : undefined;
}
