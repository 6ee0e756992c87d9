import { createHash, type X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { addressBytes, hostNameFits, inConstraints, shownNames } from './names';
import { takeApart } from './x509';
import type { Certificate } from './x509';

/** What differs between releases of Go, and so of docker. */
export interface ChainRules {
  /** Up to Go 1.14 the common name counts where a certificate has no alternative names (golang/go#24151, #39568). */
  readonly commonName: boolean;
  /** Up to Go 1.17 signatures with SHA-1 count (golang/go#41682). */
  readonly sha1: boolean;
}

interface Question extends ChainRules {
  /** The server's name or address. */
  readonly server: string;
  readonly now: Date;
}

/** Certificates that are trusted as they stand, by subject: roots, issuing CAs, or a server's own. */
export class Anchors {
  readonly #bySubject = new Map<string, Certificate[]>();
  readonly #fingerprints = new Set<string>();

  constructor(certificates: readonly X509Certificate[]) {
    for (const certificate of certificates) {
      const apart = takeApart(certificate);
      if (apart === undefined) continue;
      this.#fingerprints.add(fingerprint(certificate));
      this.#bySubject.set(apart.subject, [...(this.#bySubject.get(apart.subject) ?? []), apart]);
    }
  }

  named(subject: string): readonly Certificate[] {
    return this.#bySubject.get(subject) ?? [];
  }

  has({ certificate }: Certificate): boolean {
    return this.#fingerprints.has(fingerprint(certificate));
  }
}

const LONGEST = 10;
/** RFC 8017 and RFC 5758; MD2 and MD5 are refused by every Go. */
const MD = ['1.2.840.113549.1.1.2', '1.2.840.113549.1.1.4'];
const SHA1 = ['1.2.840.113549.1.1.5', '1.2.840.10045.4.1', '1.2.840.10040.4.3', '1.3.14.3.2.29'];
/** serverAuth, anyExtendedKeyUsage, and what Microsoft and Netscape had before there was serverAuth. */
const SERVES = [
  ...['1.3.6.1.5.5.7.3.1', '2.5.29.37.0'],
  ...['1.3.6.1.4.1.311.10.3.3', '2.16.840.1.113730.4.1'],
];

/**
 * Why Go's crypto/x509 (Certificate.Verify and VerifyHostname) would refuse a server; undefined where it would not.
 * OpenSSL's own answer differs: Node takes no chain that ends in an issuing CA, and the common name in every case.
 */
export function serverFault(
  sent: readonly X509Certificate[],
  anchors: Anchors,
  question: Question,
): string | undefined {
  const [leaf, ...others] = sent.flatMap(certificate => takeApart(certificate) ?? []);
  if (leaf === undefined) return 'it sends no certificate that can be read';
  return (
    faultOfOne(leaf, question.now) ??
    nameFault(leaf, question) ??
    (anchors.has(leaf) ? chainFault([leaf]) : chainsFault([leaf], { others, anchors }, question))
  );
}

interface Pool {
  readonly others: readonly Certificate[];
  readonly anchors: Anchors;
}

/** Looks for a way from the last certificate to an anchor, and tells the fault of the last one that was tried. */
function chainsFault(chain: readonly Certificate[], pool: Pool, question: Question): string | undefined {
  const child = chain[chain.length - 1];
  if (child === undefined || chain.length > LONGEST) return 'its chain of certificates is too long';
  let fault: string | undefined;
  const tryWith = (parent: Certificate, anchor: boolean): boolean => {
    const next = [...chain, parent];
    const found =
      signatureFault(child, parent, question) ??
      faultOfOne(parent, question.now) ??
      placeFault(parent, chain.length, anchor) ??
      (anchor ? chainFault(next) : chainsFault(next, pool, question));
    fault ??= found;
    return found === undefined;
  };
  for (const anchor of pool.anchors.named(child.issuer)) if (tryWith(anchor, true)) return undefined;
  const between = pool.others.filter(one => one.subject === child.issuer && !chain.includes(one));
  for (const parent of between) if (tryWith(parent, false)) return undefined;
  return fault ?? `certificate signed by unknown authority "${issuerName(child)}"`;
}

function faultOfOne({ certificate, strange }: Certificate, now: Date): string | undefined {
  const named = shownName(certificate);
  if (now < new Date(certificate.validFrom)) {
    return `certificate of "${named}" is not yet valid, but from ${certificate.validFrom} on`;
  }
  if (now > new Date(certificate.validTo)) {
    return `certificate of "${named}" has expired on ${certificate.validTo}`;
  }
  return strange.length === 0
    ? undefined
    : `certificate of "${named}" has an extension that docker has to know and does not (${strange.join(', ')})`;
}

function signatureFault(child: Certificate, parent: Certificate, { sha1 }: ChainRules): string | undefined {
  const named = shownName(child.certificate);
  const by = shownName(parent.certificate);
  if ((parent.version === 3 || parent.basic !== undefined) && parent.basic?.authority !== true) {
    return `certificate of "${named}" is signed by "${by}", whose certificate says that it is no CA`;
  }
  if (parent.signs === false) {
    return `certificate of "${named}" is signed by "${by}", whose key usage does not allow that`;
  }
  if (MD.includes(child.algorithm)) return `certificate of "${named}" is signed with MD5 or MD2`;
  if (!sha1 && SHA1.includes(child.algorithm)) return `certificate of "${named}" is signed with SHA-1`;
  return verifies(child.certificate, parent.certificate)
    ? undefined
    : `certificate signed by unknown authority "${by}", which has the name of a known one, and another key`;
}

function verifies(child: X509Certificate, parent: X509Certificate): boolean {
  try {
    return child.verify(parent.publicKey);
  } catch {
    return false;
  }
}

/** `below` counts the certificates that stand under this one, the server's among them. */
function placeFault({ certificate, basic }: Certificate, below: number, anchor: boolean): string | undefined {
  const named = shownName(certificate);
  if (!anchor && basic?.authority !== true) return `certificate of "${named}" is not one of a CA`;
  return basic?.pathLength !== undefined && below - 1 > basic.pathLength
    ? `certificate of "${named}" allows for fewer CAs below it`
    : undefined;
}

/** What is asked of the whole chain: every usage allows for servers, and the names are within every constraint. */
function chainFault(chain: readonly Certificate[]): string | undefined {
  const unfit = chain.find(
    ({ usages }) => usages.length > 0 && !usages.some(usage => SERVES.includes(usage)),
  );
  if (unfit !== undefined) {
    return `certificate of "${shownName(unfit.certificate)}" is not for servers (extended key usage)`;
  }
  const [leaf, ...authorities] = chain;
  const bound = authorities.find(
    ({ constraints }) => constraints !== undefined && !inConstraints(leaf?.names, constraints),
  );
  return bound === undefined
    ? undefined
    : `certificate of "${shownName(bound.certificate)}" does not allow for the name of the server (name constraints)`;
}

function nameFault({ names, commonName }: Certificate, question: Question): string | undefined {
  const { server } = question;
  if (isIP(server) !== 0) {
    const wanted = addressBytes(server);
    if (names?.addresses.some(address => address.equals(wanted)) === true) return undefined;
  } else if (names !== undefined) {
    if (names.dns.some(pattern => hostNameFits(pattern, server))) return undefined;
  } else if (hostNameFits(commonName, server)) {
    if (question.commonName) return undefined;
    return `certificate has ${server} as common name only, not as subject alternative name`;
  }
  const shown = shownNames(names) || `"${commonName}" (common name)`;
  return `certificate does not match: it is for ${shown}, not for ${server}`;
}

function shownName({ subject }: X509Certificate): string {
  return lastName(subject);
}

function issuerName({ certificate }: Certificate): string {
  return lastName(certificate.issuer);
}

/** The common name of a distinguished name, else all of it. Node gives undefined for an empty one. */
function lastName(name: string | undefined): string {
  const lines = (name ?? '').split('\n');
  return lines.find(line => line.startsWith('CN='))?.slice(3) ?? lines.join(', ');
}

function fingerprint(certificate: X509Certificate): string {
  return createHash('sha256').update(certificate.raw).digest('hex');
}
