import { createHash } from 'node:crypto';
import { difference, observe, type Desired, type ObservedDesired } from '../changes/desired';
import type { HostReader } from '../engine/host';
import { step, type Step } from '../engine/step';
import { endpointHost } from '../kubernetes/endpoint';
import { kubeconfigServer } from '../kubernetes/kubeconfig';
import { parseCertificate } from '../pki/read';
import type { Master } from '../variables/master';
import type { Settings } from '../variables/settings';
import { BOOTSTRAP_TOKEN, CLUSTER_CA, JOIN_TOKEN, JOIN_WORKER } from './paths';

const ADMIN_CONF = '/etc/kubernetes/admin.conf';

interface Observed {
  readonly desired: readonly Desired[];
  readonly found: ObservedDesired;
}

/** Keeps the command that a worker runs to join, token and all, in a file that only root reads. */
export function joinCommand(settings: Settings, master: Master, after: readonly string[]): Step {
  return step<Observed>({
    id: 'join-command',
    title: 'Write the command that nodes join with',
    after,
    probe: async host => {
      const [ca, renewed, endpoint] = await Promise.all([
        caHash(host),
        host.stat(JOIN_TOKEN),
        joinEndpoint(host, settings, master),
      ]);
      const path = renewed === undefined ? BOOTSTRAP_TOKEN : JOIN_TOKEN;
      const template = `${joinLine(endpoint, '{{token}}', ca ?? 'sha256:<of the CA, once it is made>')}\n`;
      const files = { token: { path, encoding: 'text', secret: true } } as const;
      const desired: readonly Desired[] = [
        { kind: 'file', path: JOIN_WORKER, content: { template, files }, mode: 0o600 },
      ];
      return { desired, found: await observe(host, desired) };
    },
    plan: ({ desired, found }) => difference(desired, found),
  });
}

/** The command itself; the endpoint is "host:port". */
export function joinLine(endpoint: string, token: string, hash: string): string {
  return `kubeadm join ${endpoint} --token ${token} --discovery-token-ca-cert-hash ${hash}`;
}

/** Where nodes join: what the cluster's own kubeconfig names once there is one, so that a VIP need not be given again to get the command. */
export async function joinEndpoint(host: HostReader, settings: Settings, master: Master): Promise<string> {
  const text = (await host.read(ADMIN_CONF))?.toString('utf8') ?? '';
  return kubeconfigServer(text)?.replace(/^https:\/\//, '') ?? endpointHost(settings, master);
}

/** How a joining node knows the cluster: "sha256:" and the SHA-256 of the CA's public key (RFC 7469); undefined where there is no CA. */
export async function caHash(host: HostReader): Promise<string | undefined> {
  const pem = await host.read(CLUSTER_CA.certPath);
  const key = pem && parseCertificate(pem)?.publicKey.export({ type: 'spki', format: 'der' });
  return key && `sha256:${createHash('sha256').update(key).digest('hex')}`;
}
