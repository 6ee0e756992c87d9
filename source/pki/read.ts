import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { isIPv6 } from 'node:net';

/** What a certificate says, in the words of CertificateSpec. */
export interface CertificateFacts {
  readonly commonName: string;
  readonly organization: string;
  readonly dnsNames: readonly string[];
  readonly addresses: readonly string[];
  readonly isCa: boolean;
  readonly serverAuth: boolean;
  readonly clientAuth: boolean;
  readonly notBefore: Date;
  readonly expires: Date;
}

// RFC 5280, 4.2.1.12
const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';
const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';

/** The certificate in a PEM text, undefined where there is none that can be read. */
export function parseCertificate(pem: string | Buffer): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}

/** The key in a PEM text, undefined where there is none that can be read. */
export function parseKey(pem: string | Buffer): KeyObject | undefined {
  try {
    return createPrivateKey(pem);
  } catch {
    return undefined;
  }
}

/** Reads what a certificate says. */
export function certificateFacts(certificate: X509Certificate): CertificateFacts {
  const subject = subjectParts(certificate.subject);
  const names = alternativeNames(certificate.subjectAltName);
  // Node types it as always there; it is undefined where the certificate has no such extension.
  const usage = (certificate.keyUsage as readonly string[] | undefined) ?? [];
  return {
    commonName: subject.get('CN') ?? '',
    organization: subject.get('O') ?? '',
    dnsNames: names.filter(([kind]) => kind === 'DNS').map(([, name]) => name),
    addresses: names.filter(([kind]) => kind === 'IP Address').map(([, name]) => normalAddress(name)),
    isCa: certificate.ca,
    serverAuth: usage.includes(SERVER_AUTH),
    clientAuth: usage.includes(CLIENT_AUTH),
    notBefore: new Date(certificate.validFrom),
    expires: new Date(certificate.validTo),
  };
}

/** True where `issuer` signed the certificate and is named as its issuer. */
export function isSignedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  try {
    return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
  } catch {
    return false;
  }
}

/** One spelling per address, so that ::1 and 0:0:0:0:0:0:0:1 compare equal. */
export function normalAddress(address: string): string {
  if (!isIPv6(address)) return address;
  return new URL(`http://[${address}]/`).hostname.slice(1, -1);
}

function subjectParts(subject: string | undefined): Map<string, string> {
  const parts = new Map<string, string>();
  for (const line of (subject ?? '').split('\n')) {
    const at = line.indexOf('=');
    if (at > 0) parts.set(line.slice(0, at), line.slice(at + 1));
  }
  return parts;
}

function alternativeNames(text: string | undefined): [string, string][] {
  return (text ?? '').split(', ').flatMap(part => {
    const at = part.indexOf(':');
    return at > 0 ? [[part.slice(0, at), part.slice(at + 1)] as [string, string]] : [];
  });
}
