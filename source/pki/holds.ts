import type { CertificateSpec } from '../engine/change';
import { certificateFacts, isSignedBy, normalAddress, parseCertificate, parseKey } from './read';

/** A certificate with less than this left is made anew. */
export const RENEWAL_DAYS = 30;

const DAY_MS = 24 * 60 * 60 * 1000;

/** The bytes that the paths of a specification hold; undefined where there is no file. */
export interface CertificateFiles {
  readonly cert?: Buffer | undefined;
  readonly key?: Buffer | undefined;
  readonly issuer?: Buffer | undefined;
}

/** Why the files do not satisfy the specification, in words for an operator; empty where they do. The modes of the files are not looked at. */
export function shortcomings(spec: CertificateSpec, files: CertificateFiles, now: Date): readonly string[] {
  if (files.cert === undefined && files.key === undefined) return ['absent'];
  if (files.cert === undefined) return ['the certificate is absent'];
  if (files.key === undefined) return ['the key is absent'];
  const certificate = parseCertificate(files.cert);
  if (certificate === undefined) return ['the certificate cannot be read'];
  const key = parseKey(files.key);
  if (key === undefined) return ['the key cannot be read'];
  if (!certificate.checkPrivateKey(key)) return ['the key does not belong to the certificate'];
  if (spec.usage === 'ca') {
    if (!certificate.ca) return ['it is not a CA'];
    const { expires } = certificateFacts(certificate);
    return expires <= now ? [`it expired ${expires.toISOString().slice(0, 10)}`] : [];
  }
  return [...namesMissing(spec, certificateFacts(certificate)), ...trustMissing(spec, files, now)];
}

function namesMissing(spec: CertificateSpec, facts: ReturnType<typeof certificateFacts>): string[] {
  const reasons: string[] = [];
  if (facts.commonName !== spec.commonName) reasons.push(`its name is ${facts.commonName}`);
  if (facts.organization !== (spec.organization ?? ''))
    reasons.push(`its organization is ${facts.organization || 'none'}`);
  for (const name of spec.dnsNames)
    if (!facts.dnsNames.includes(name)) reasons.push(`it does not name ${name}`);
  for (const address of spec.addresses)
    if (!facts.addresses.includes(normalAddress(address))) reasons.push(`it does not name ${address}`);
  if (facts.isCa) reasons.push('it is a CA');
  if (!facts.clientAuth) reasons.push('it is not for clients');
  if (spec.usage !== 'client' && !facts.serverAuth) reasons.push('it is not for servers');
  return reasons;
}

function trustMissing(spec: CertificateSpec, files: CertificateFiles, now: Date): string[] {
  const certificate = files.cert && parseCertificate(files.cert);
  if (!certificate) return [];
  const reasons: string[] = [];
  const issuer = files.issuer === undefined ? undefined : parseCertificate(files.issuer);
  if (!issuer || !isSignedBy(certificate, issuer)) {
    reasons.push(`it is not signed by ${spec.issuer?.certPath ?? 'its CA'}`);
  }
  const { expires, notBefore } = certificateFacts(certificate);
  // A certificate that ends with its CA cannot be made to last longer, and a short one is not renewed from its first day.
  const lastDays = Math.min(RENEWAL_DAYS, spec.days / 3) * DAY_MS;
  const endsWithIssuer = issuer !== undefined && expires >= certificateFacts(issuer).expires;
  if (expires <= now || (expires.getTime() - now.getTime() < lastDays && !endsWithIssuer)) {
    reasons.push(`it expires ${expires.toISOString().slice(0, 10)}`);
  }
  if (notBefore > now) reasons.push(`it is not valid before ${notBefore.toISOString()}`);
  return reasons;
}
