import { variablesView, withView } from '../../disclosure/files';
import type { HostReader } from '../../engine/host';
import { step } from '../../engine/step';
import type { Step } from '../../engine/step';
import type { Change } from '../../engine/change';
import { ask } from './ask';

const CONFIG = '/etc/selinux/config';

interface Observed {
  /** "Enforcing", "Permissive", "Disabled"; undefined where the host has no SELinux. */
  readonly mode: string | undefined;
  readonly config: string | undefined;
  readonly configMode: number;
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
  return {
    mode: code === 0 ? stdout.trim() : undefined,
    config: config?.toString('utf8'),
    configMode: (await host.stat(CONFIG))?.mode ?? 0o644,
  };
}

function permissive(config: string): string {
  return config.replace(/^([ \t]*SELINUX[ \t]*=[ \t]*)enforcing[ \t]*$/gim, '$1permissive');
}
