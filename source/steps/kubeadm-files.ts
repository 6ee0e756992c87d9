import { createPublicKey, type KeyObject, type X509Certificate } from 'node:crypto';
import type { HostReader } from '../engine/host';
import { apiEndpoint, certSans, localEndpoint } from '../kubernetes/endpoint';
import { kubeconfigShortcoming } from '../kubernetes/kubeconfig';
import { certificateFacts, isSignedBy, parseCertificate, parseKey } from '../pki/read';
import type { Master } from '../variables/master';
import type { Settings } from '../variables/settings';
import { CLUSTER_CA, PKI, type Pair } from './paths';

/** How one thing that kubeadm makes is on the host. kubeadm writes files in place, so a power cut may leave one cut short, and it refuses to go on with those. */
export interface KubeadmFile {
  /** The files it is made of. */
  readonly paths: readonly string[];
  readonly state: 'good' | 'absent' | 'broken';
  /** Why it is broken. */
  readonly reason?: string;
  /** Others are derived from it: a CA or the key of the service accounts. */
  readonly root: boolean;
}

/** What is observed of all of them. */
export interface KubeadmFiles {
  readonly files: readonly KubeadmFile[];
  /** The public key that belongs to sa.key, where sa.pub does not hold it. */
  readonly publicKey?: string;
}

const SIGNED = ['apiserver', 'apiserver-kubelet-client'];
/** Which of them may name the master's own apiserver: kubeadm turned to that in 1.20, and either does. */
const KUBECONFIGS = [
  { name: 'admin', local: false },
  { name: 'kubelet', local: false },
  { name: 'controller-manager', local: true },
  { name: 'scheduler', local: true },
];
const SA_KEY = `${PKI}/sa.key`;
export const SA_PUBLIC = `${PKI}/sa.pub`;

/** Reads every certificate, key and kubeconfig of kubeadm's. */
export async function readKubeadmFiles(
  host: HostReader,
  settings: Settings,
  master: Master,
): Promise<KubeadmFiles> {
  const ca = await readCa(host, CLUSTER_CA);
  const proxyCa = await readCa(host, pairOf('front-proxy-ca'));
  const signed = await Promise.all([
    ...SIGNED.map(name =>
      readSigned(host, pairOf(name), ca.certificate, name === 'apiserver' ? certSans(settings, master) : []),
    ),
    readSigned(host, pairOf('front-proxy-client'), proxyCa.certificate),
  ]);
  const endpoint = apiEndpoint(settings, master);
  const kubeconfigs = await Promise.all(
    KUBECONFIGS.map(({ name, local }) => {
      const servers = local ? [endpoint, localEndpoint(master)] : [endpoint];
      return readKubeconfig(host, `/etc/kubernetes/${name}.conf`, ca.certificate, servers);
    }),
  );
  const accounts = await readAccountKeys(host);
  return {
    files: [ca.file, proxyCa.file, accounts.file, ...signed, ...kubeconfigs],
    ...(accounts.publicKey === undefined ? {} : { publicKey: accounts.publicKey }),
  };
}

function pairOf(name: string): Pair {
  return { certPath: `${PKI}/${name}.crt`, keyPath: `${PKI}/${name}.key` };
}

function stateOf(paths: readonly string[], reason: string | undefined, root = false): KubeadmFile {
  if (reason === undefined) return { paths, state: 'good', root };
  return reason === ABSENT ? { paths, state: 'absent', root } : { paths, state: 'broken', reason, root };
}

const ABSENT = 'absent';

interface ReadPair {
  readonly certificate?: X509Certificate | undefined;
  readonly reason?: string | undefined;
}

async function readPair(host: HostReader, pair: Pair): Promise<ReadPair> {
  const [certPem, keyPem] = await Promise.all([host.read(pair.certPath), host.read(pair.keyPath)]);
  if (certPem === undefined && keyPem === undefined) return { reason: ABSENT };
  const certificate = certPem && parseCertificate(certPem);
  const key: KeyObject | undefined = keyPem && parseKey(keyPem);
  if (!certificate) return { reason: `${pair.certPath} is missing or cannot be read` };
  if (!key) return { reason: `${pair.keyPath} is missing or cannot be read` };
  if (!certificate.checkPrivateKey(key))
    return { reason: `${pair.keyPath} does not belong to its certificate` };
  return { certificate };
}

async function readCa(
  host: HostReader,
  pair: Pair,
): Promise<{ readonly file: KubeadmFile; readonly certificate: X509Certificate | undefined }> {
  const { certificate, reason } = await readPair(host, pair);
  return { file: stateOf([pair.certPath, pair.keyPath], reason, true), certificate };
}

async function readSigned(
  host: HostReader,
  pair: Pair,
  ca: X509Certificate | undefined,
  names: readonly string[] = [],
): Promise<KubeadmFile> {
  const { certificate, reason } = await readPair(host, pair);
  return stateOf(
    [pair.certPath, pair.keyPath],
    reason ?? (certificate && signatureShortcoming(certificate, ca, names)),
  );
}

function signatureShortcoming(
  certificate: X509Certificate,
  ca: X509Certificate | undefined,
  names: readonly string[],
): string | undefined {
  if (ca === undefined || !isSignedBy(certificate, ca)) return 'it is not signed by the CA that is there';
  const { dnsNames, addresses } = certificateFacts(certificate);
  const missing = names.filter(name => !dnsNames.includes(name) && !addresses.includes(name));
  return missing.length === 0 ? undefined : `it does not name ${missing.join(', ')}`;
}

async function readKubeconfig(
  host: HostReader,
  path: string,
  ca: X509Certificate | undefined,
  servers: readonly string[],
): Promise<KubeadmFile> {
  const text = (await host.read(path))?.toString('utf8');
  if (text === undefined) return stateOf([path], ABSENT);
  if (ca === undefined) return stateOf([path], 'its CA is not there');
  return stateOf([path], kubeconfigShortcoming(text, { ca, servers }));
}

async function readAccountKeys(
  host: HostReader,
): Promise<{ readonly file: KubeadmFile; readonly publicKey?: string }> {
  const paths = [SA_KEY, SA_PUBLIC];
  const [privatePem, publicPem] = await Promise.all([host.read(SA_KEY), host.read(SA_PUBLIC)]);
  if (privatePem === undefined) return { file: stateOf(paths, publicPem && `${SA_KEY} is missing`, true) };
  const key = parseKey(privatePem);
  if (key === undefined) return { file: stateOf(paths, `${SA_KEY} cannot be read`, true) };
  const wanted = createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString();
  const holds = publicPem?.toString('utf8').trim() === wanted.trim();
  return { file: stateOf(paths, undefined, true), ...(holds ? {} : { publicKey: wanted }) };
}
