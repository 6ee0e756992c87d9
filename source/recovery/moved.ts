import type { CertificateSpec } from '../engine/change';
import {
  configurationHash,
  KEEPALIVED_CONFIGURATION,
  KEEPALIVED_HASH,
  KEEPALIVED_SCRIPTS,
} from '../kubernetes/keepalived';
import { keyOf, ownCopy } from '../kubernetes/master-files';
import { askingOwn } from '../kubernetes/own-etcd';
import { certificateFacts, parseCertificate } from '../pki/read';
import { LEAF_DAYS } from '../steps/lifetimes';
import { CLUSTER_CA, ETCD_CA, ETCD_PKI, KEEPALIVED_MANIFEST, STATIC_PODS } from '../steps/paths';
import type { StoredFile, StoredMaster } from './stored';

const APISERVER_MANIFEST = `${STATIC_PODS}/kube-apiserver.yaml`;

/** Masters' addresses that have changed: what each was, and what it is now. */
export type Moves = ReadonlyMap<string, string>;

/** A text with every moved address replaced, each as a whole and all at once. */
export function movedText(text: string, moves: Moves): string {
  if (moves.size === 0) return text;
  const any = [...moves.keys()].map(address => address.replace(/\./g, '\\.')).join('|');
  return text.replace(new RegExp(`(?<![\\d.])(?:${any})(?!\\.?\\d)`, 'g'), one => moves.get(one) ?? one);
}

/** What becomes of one master's files: texts by path, and certificates that are made anew. Only what differs, or is not stored yet. */
export interface MovedFiles {
  readonly texts: ReadonlyMap<string, string>;
  /** With the paths of the copies on the host that signs them. */
  readonly certificates: readonly CertificateSpec[];
}

/** The files of a master that are to be other than they are stored: where a moved address stands in them, or an apiserver asks other masters' etcd. A certificate that names one is made anew, by the same CA and with the same names else. */
export function movedFiles(stored: StoredMaster, moves: Moves): MovedFiles {
  const texts = new Map<string, string>();
  const certificates: CertificateSpec[] = [];
  for (const { path, key } of stored.files) {
    const content = stored.values.get(key);
    if (content === undefined || path.endsWith('.key')) continue;
    if (path.endsWith('.crt')) {
      const spec = certificateOf(stored.hostname, path, content, moves);
      if (spec !== undefined) certificates.push(spec);
      continue;
    }
    const before = content.toString('utf8');
    const moved = movedText(before, moves);
    const after = path === APISERVER_MANIFEST ? askingOwn(moved) : moved;
    if (after !== before || stored.lent?.includes(path) === true) texts.set(path, after);
  }
  return { texts: withHash(stored, texts), certificates };
}

/** Whether a file of a master must not be shown: a key, a kubeconfig with a key in it, keepalived's configuration, which may have a password. */
export function isSecretFile(path: string): boolean {
  return path.endsWith('.key') || path.endsWith('.conf') || path === KEEPALIVED_CONFIGURATION;
}

/** The two paths of a pair, of which the list of files names the certificate. */
export function keyPathOf(certPath: string): string {
  return certPath.replace(/\.crt$/, '.key');
}

function certificateOf(
  hostname: string,
  path: string,
  content: Buffer,
  moves: Moves,
): CertificateSpec | undefined {
  const certificate = parseCertificate(content);
  if (certificate === undefined) return undefined;
  const { commonName, organization, dnsNames, addresses, isCa } = certificateFacts(certificate);
  if (isCa || !addresses.some(address => moves.has(address))) return undefined;
  // The address is all of a master that is looked at here.
  const copy = ownCopy({ hostname, address: '' }, path);
  return {
    certPath: copy,
    keyPath: keyPathOf(copy),
    commonName,
    ...(organization === '' ? {} : { organization }),
    dnsNames,
    addresses: [...new Set(addresses.map(address => moves.get(address) ?? address))],
    usage: 'server',
    issuer: path.startsWith(`${ETCD_PKI}/`) ? ETCD_CA : CLUSTER_CA,
    days: LEAF_DAYS,
  };
}

/** keepalived's manifest knows its configuration by a hash: another configuration starts the pod anew. */
function withHash(stored: StoredMaster, texts: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const configuration = texts.get(KEEPALIVED_CONFIGURATION);
  const manifest = texts.get(KEEPALIVED_MANIFEST) ?? textOf(stored, KEEPALIVED_MANIFEST);
  if (configuration === undefined || manifest === '') return texts;
  const scripts = KEEPALIVED_SCRIPTS.map(path => textOf(stored, path));
  const hash = configurationHash(configuration, scripts);
  const line = new RegExp(`^(\\s*${KEEPALIVED_HASH}: ).*$`, 'm');
  return new Map([...texts, [KEEPALIVED_MANIFEST, manifest.replace(line, `$1${hash}`)]]);
}

function textOf({ values }: StoredMaster, path: string): string {
  return values.get(keyOf(path))?.toString('utf8') ?? '';
}

/** Files of a master with other contents; those that are in neither stay as they are. */
export function withSums(
  files: readonly StoredFile[],
  sums: ReadonlyMap<string, string>,
): readonly StoredFile[] {
  return files.map(file => ({ ...file, sum: sums.get(file.path) ?? file.sum }));
}
