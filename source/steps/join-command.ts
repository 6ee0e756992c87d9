import { createHash } from 'node:crypto';
import { difference, observe, type Desired, type ObservedDesired } from '../changes/desired';
import type { HostReader } from '../engine/host';
import { step, type Step } from '../engine/step';
import { parseCertificate } from '../pki/read';
import type { Master } from '../variables/master';
import { BOOTSTRAP_TOKEN, CLUSTER_CA, JOIN_TOKEN, JOIN_WORKER } from './paths';

interface Observed {
  readonly desired: readonly Desired[];
  readonly found: ObservedDesired;
}

/** Keeps the command that a worker runs to join, token and all, in a file that only root reads. */
export function joinCommand(master: Master, after: readonly string[]): Step {
  return step<Observed>({
    id: 'join-command',
    title: 'Write the command for workers to join',
    after,
    probe: async host => {
      const [ca, renewed] = await Promise.all([caHash(host), host.stat(JOIN_TOKEN)]);
      const path = renewed === undefined ? BOOTSTRAP_TOKEN : JOIN_TOKEN;
      const template = `${joinLine(master, '{{token}}', ca ?? 'sha256:<of the CA, once it is made>')}\n`;
      const files = { token: { path, encoding: 'text', secret: true } } as const;
      const desired: readonly Desired[] = [
        { kind: 'file', path: JOIN_WORKER, content: { template, files }, mode: 0o600 },
      ];
      return { desired, found: await observe(host, desired) };
    },
    plan: ({ desired, found }) => difference(desired, found),
  });
}

/** The command itself. */
export function joinLine(master: Master, token: string, hash: string): string {
  return `kubeadm join ${master.address}:6443 --token ${token} --discovery-token-ca-cert-hash ${hash}`;
}

/** How a joining node knows the cluster: "sha256:" and the SHA-256 of the CA's public key (RFC 7469); undefined where there is no CA. */
export async function caHash(host: HostReader): Promise<string | undefined> {
  const pem = await host.read(CLUSTER_CA.certPath);
  const key = pem && parseCertificate(pem)?.publicKey.export({ type: 'spki', format: 'der' });
  return key && `sha256:${createHash('sha256').update(key).digest('hex')}`;
}
