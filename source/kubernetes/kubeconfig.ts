import type { X509Certificate } from 'node:crypto';
import { isSignedBy, parseCertificate, parseKey } from '../pki/read';
import { fromYaml } from './yaml';

/** The parts of a kubeconfig that are looked at. */
interface Kubeconfig {
  readonly clusters?: readonly { readonly cluster?: Readonly<Record<string, string>> }[];
  readonly users?: readonly { readonly user?: Readonly<Record<string, string>> }[];
}

/** Why a kubeconfig does not do for a cluster, in words for an operator; undefined where it does. A user may have the pair in the file or name it by path. */
export function kubeconfigShortcoming(
  text: string,
  cluster: { readonly ca: X509Certificate; readonly servers: readonly string[] },
): string | undefined {
  const [document] = fromYaml(text) ?? [];
  if (typeof document !== 'object' || document === null) return 'it is not a kubeconfig';
  const { clusters, users } = document as Kubeconfig;
  const entry = clusters?.[0]?.cluster;
  const user = users?.[0]?.user;
  if (entry === undefined || user === undefined) return 'it is cut short';
  if (!cluster.servers.includes(entry['server'] ?? ''))
    return `its server is ${entry['server'] ?? 'missing'}`;
  const ca = parseCertificate(decoded(entry['certificate-authority-data']));
  if (ca?.fingerprint256 !== cluster.ca.fingerprint256) return 'it trusts another CA';
  if (user['client-certificate'] !== undefined) return undefined;
  const certificate = parseCertificate(decoded(user['client-certificate-data']));
  const key = parseKey(decoded(user['client-key-data']));
  if (certificate === undefined || key === undefined) return 'its client certificate or key cannot be read';
  if (!certificate.checkPrivateKey(key)) return 'its key does not belong to its certificate';
  return isSignedBy(certificate, cluster.ca) ? undefined : 'its client certificate is of another CA';
}

/** The server that a kubeconfig names: "https://10.0.0.100:6443"; undefined where it names none. */
export function kubeconfigServer(text: string): string | undefined {
  const [document] = fromYaml(text) ?? [];
  if (typeof document !== 'object' || document === null) return undefined;
  return (document as Kubeconfig).clusters?.[0]?.cluster?.['server'];
}

/** A kubeconfig with places for base64 of the CA, the certificate and the key. */
export function kubeconfigTemplate(user: string, server: string): object {
  return {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'kubernetes', cluster: { 'certificate-authority-data': '{{ca}}', server } }],
    contexts: [{ name: `${user}@kubernetes`, context: { cluster: 'kubernetes', user } }],
    'current-context': `${user}@kubernetes`,
    preferences: {},
    users: [
      { name: user, user: { 'client-certificate-data': '{{certificate}}', 'client-key-data': '{{key}}' } },
    ],
  };
}

function decoded(base64: string | undefined): Buffer {
  return Buffer.from(base64 ?? '', 'base64');
}
