import type { Change } from '../engine/change';
import type { HostReader } from '../engine/host';
import { step, type Step } from '../engine/step';
import { askApi, items, type Metadata } from '../kubernetes/api';
import { kubeadmConfig, TOKEN_PLACE } from '../kubernetes/kubeadm-config';
import type { Settings } from '../variables/settings';
import { apiAccess } from './access';
import { newToken } from './bootstrap-token';
import { cgroupDriver } from './kubeadm-config';
import type { Master } from '../variables/master';
import { BOOTSTRAP_TOKEN, JOIN_TOKEN, STATE } from './paths';

const CONFIG = `${STATE}/kubeadm-token.yaml`;
/** A token that expires while a worker is being set up is of no use. */
const LEAST_LEFT_MS = 60 * 60_000;

interface Observed {
  readonly valid: boolean;
  readonly template: string;
}

interface TokenSecret {
  readonly metadata: Metadata;
  readonly data?: { readonly expiration?: string };
}

/** Makes sure that the cluster takes the token of the join command for an hour at least; where it does not, a new one takes its place. */
export function joinToken(settings: Settings, master: Master): Step {
  const token = newToken();
  return step<Observed>({
    id: 'join-token',
    title: 'Make a token for workers to join',
    after: [],
    probe: async host => {
      const template = kubeadmConfig(settings, { ...master, cgroupDriver: await cgroupDriver(host) });
      return { template, valid: await isValid(host, master) };
    },
    plan: ({ valid, template }): readonly Change[] => {
      if (valid) return [];
      const files = { [TOKEN_PLACE]: { path: JOIN_TOKEN, encoding: 'text', secret: true } } as const;
      return [
        { kind: 'write', path: JOIN_TOKEN, content: token, mode: 0o600 },
        { kind: 'write', path: CONFIG, content: { template, files }, mode: 0o600 },
        {
          kind: 'run',
          title: 'Tell the cluster the new token',
          command: {
            file: 'kubeadm',
            args: ['init', 'phase', 'bootstrap-token', `--config=${CONFIG}`, '--skip-token-print'],
          },
          timeoutMs: 60_000,
        },
        { kind: 'remove', path: CONFIG },
      ];
    },
  });
}

async function isValid(host: HostReader, master: Master): Promise<boolean> {
  const bytes = (await host.read(JOIN_TOKEN)) ?? (await host.read(BOOTSTRAP_TOKEN));
  const id = bytes?.toString('utf8').split('.')[0];
  const path = '/api/v1/namespaces/kube-system/secrets?fieldSelector=type%3Dbootstrap.kubernetes.io%2Ftoken';
  const secrets = (items(await askApi(host, apiAccess(master), path)) ?? []) as readonly TokenSecret[];
  const secret = secrets.find(one => one.metadata.name === `bootstrap-token-${id ?? ''}`);
  if (secret === undefined) return false;
  const expiration = Buffer.from(secret.data?.expiration ?? '', 'base64').toString('utf8');
  return expiration === '' || Date.parse(expiration) - Date.now() > LEAST_LEFT_MS;
}
