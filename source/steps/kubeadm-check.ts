import type { Change } from '../engine/change';
import type { HostReader } from '../engine/host';
import { kubeadmConfig, TOKEN_PLACE } from '../kubernetes/kubeadm-config';
import type { Master } from '../variables/master';
import type { Settings } from '../variables/settings';
import { cgroupDriver } from './kubeadm-config';
import { BOOTSTRAP_TOKEN, STATE } from './paths';

const CONFIG = `${STATE}/kubeadm-check.yaml`;
const TIMEOUT_MS = 10 * 60_000;

/**
 * The configuration that kubeadm's checks are to read where they cannot read the real one: of etcd's members only this
 * host's runs yet, and the check of each of the others takes 15 seconds, also where its outcome is ignored
 * (cmd/kubeadm/app/preflight/checks.go, getEtcdVersionResponse). Undefined where there are no others.
 */
export async function configToCheck(
  host: HostReader,
  settings: Settings,
  master: Master,
): Promise<string | undefined> {
  if (settings.others.length === 0) return undefined;
  return kubeadmConfig({ ...settings, others: [] }, { ...master, cgroupDriver: await cgroupDriver(host) });
}

/** kubeadm's own checks apart from the rest of it, with a configuration of their own that goes again. */
export function checkApart(template: string, passing: string): readonly Change[] {
  const files = { [TOKEN_PLACE]: { path: BOOTSTRAP_TOKEN, encoding: 'text', secret: true } } as const;
  return [
    { kind: 'write', path: CONFIG, content: { template, files }, mode: 0o600 },
    {
      kind: 'run',
      title: 'Let kubeadm check this host',
      command: { file: 'kubeadm', args: ['init', 'phase', 'preflight', `--config=${CONFIG}`, passing] },
      timeoutMs: TIMEOUT_MS,
      undo: [],
    },
    { kind: 'remove', path: CONFIG },
  ];
}
