import { generateKeyPair, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import type forgeModule from 'node-forge';
import type { CertificateSpec } from '../engine/change';
import { Failure } from '../engine/failure';
import { Secret } from '../engine/secret';

/** A CA as it is needed to sign. */
export interface Issuer {
  readonly cert: string;
  readonly key: Secret;
}

/** A certificate (PEM) and its key (PKCS #1 PEM, as kubeadm writes them). */
export interface MadeCertificate {
  readonly cert: string;
  readonly key: Secret;
}

const DAY_MS = 24 * 60 * 60 * 1000;
const CLOCK_SKEW_MS = 60 * 60 * 1000;

/**
 * Makes what a specification asks for: RSA 2048, SHA-256. A given key is used instead of a new one.
 * Key usages are those of kubeadm (client-go util/cert); servers may also be clients, since etcd's gateway dials itself.
 */
export async function makeCertificate(
  spec: CertificateSpec,
  options: { readonly issuer?: Issuer; readonly key?: Secret; readonly now?: Date } = {},
): Promise<MadeCertificate> {
  const { default: forge } = await import('node-forge');
  const key = options.key ?? (await makeKey());
  const now = options.now ?? new Date();
  const privateKey = privateKeyOf(forge, key, spec.keyPath);
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = forge.pki.setRsaPublicKey(privateKey.n, privateKey.e);
  certificate.serialNumber = serial();
  const subject = subjectOf(forge, spec);
  certificate.setSubject(subject);

  let signer = privateKey;
  let issuerSubject = subject;
  let notAfter = now.getTime() + spec.days * DAY_MS;
  let authority: string | undefined;
  if (spec.usage !== 'ca') {
    const issuer = issuerOf(forge, spec, options.issuer);
    signer = issuer.key;
    issuerSubject = issuer.certificate.subject.attributes;
    notAfter = Math.min(notAfter, issuer.certificate.validity.notAfter.getTime());
    authority = keyIdentifier(forge, issuer.certificate);
  }
  certificate.setIssuer(issuerSubject);
  certificate.validity.notBefore = new Date(now.getTime() - CLOCK_SKEW_MS);
  certificate.validity.notAfter = new Date(notAfter);
  certificate.setExtensions(extensions(spec, authority));
  certificate.sign(signer, forge.md.sha256.create());
  return { cert: forge.pki.certificateToPem(certificate).replace(/\r\n/g, '\n'), key };
}

async function makeKey(): Promise<Secret> {
  const pair = await promisify(generateKeyPair)('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'pkcs1', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  });
  return new Secret(pair.privateKey);
}

/** RFC 5280, 4.1.2.2: positive and at most 20 octets; 16 random ones with the top bit cleared and never a leading zero. */
function serial(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes.toString('hex');
}

function subjectOf(forge: typeof forgeModule, spec: CertificateSpec): forgeModule.pki.CertificateField[] {
  const parts = [
    ...(spec.organization === undefined ? [] : [['organizationName', spec.organization] as const]),
    ['commonName', spec.commonName] as const,
  ];
  // X.680: a PrintableString admits these characters only, and Go refuses others in one.
  return parts.map(([name, value]) => ({
    name,
    value,
    valueTagClass: (/^[A-Za-z0-9 '()+,\-./:=?]*$/.test(value)
      ? forge.asn1.Type.PRINTABLESTRING
      : forge.asn1.Type.UTF8) as unknown as forgeModule.asn1.Class,
  }));
}

function extensions(spec: CertificateSpec, authority: string | undefined): object[] {
  const isCa = spec.usage === 'ca';
  const names = [
    ...spec.dnsNames.map(value => ({ type: 2, value })),
    ...spec.addresses.map(ip => ({ type: 7, ip })),
  ];
  return [
    { name: 'basicConstraints', critical: true, cA: isCa },
    {
      name: 'keyUsage',
      critical: true,
      digitalSignature: true,
      keyEncipherment: true,
      ...(isCa ? { keyCertSign: true } : {}),
    },
    ...(isCa ? [] : [{ name: 'extKeyUsage', clientAuth: true, serverAuth: spec.usage !== 'client' }]),
    ...(isCa ? [{ name: 'subjectKeyIdentifier' }] : []),
    ...(authority === undefined ? [] : [{ name: 'authorityKeyIdentifier', keyIdentifier: authority }]),
    ...(names.length === 0 ? [] : [{ name: 'subjectAltName', altNames: names }]),
  ];
}

function issuerOf(forge: typeof forgeModule, spec: CertificateSpec, issuer: Issuer | undefined) {
  if (issuer === undefined || spec.issuer === undefined) {
    throw new Error(`${spec.certPath} has no CA to sign it`);
  }
  try {
    return {
      certificate: forge.pki.certificateFromPem(issuer.cert),
      key: privateKeyOf(forge, issuer.key, spec.issuer.keyPath),
    };
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure({
      code: 'ca-unreadable',
      message: `${spec.issuer.certPath} cannot be used to sign ${spec.certPath}: it is not an RSA certificate in PEM.`,
      hint: `Put the CA's certificate and key at ${spec.issuer.certPath} and ${spec.issuer.keyPath}, or move both away to have new ones made.`,
    });
  }
}

function privateKeyOf(forge: typeof forgeModule, key: Secret, path: string): forgeModule.pki.rsa.PrivateKey {
  try {
    return forge.pki.privateKeyFromPem(key.reveal());
  } catch {
    throw new Failure({
      code: 'key-unreadable',
      message: `${path} cannot be used to sign: it is not an RSA key in PEM without a passphrase.`,
      hint: `Put the right key at ${path}, or move it and its certificate away to have new ones made.`,
    });
  }
}

/** The issuer's own key identifier, undefined where it carries none: a computed one might differ from what verifiers expect. */
function keyIdentifier(forge: typeof forgeModule, issuer: forgeModule.pki.Certificate): string | undefined {
  const extension = issuer.getExtension('subjectKeyIdentifier') as
    { readonly subjectKeyIdentifier?: string } | undefined;
  const hex = extension?.subjectKeyIdentifier;
  return hex === undefined ? undefined : forge.util.hexToBytes(hex);
}
