import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import forge from 'node-forge';

/** What a certificate of a test says; whatever is left out, it has not. */
export interface Form {
  readonly name: string;
  /** Itself where left out. */
  readonly issuer?: Made;
  /** Basic constraints. */
  readonly ca?: boolean;
  readonly pathLength?: number;
  readonly signs?: boolean;
  /** "host.example", "*.example", "10.0.0.5" */
  readonly for?: readonly string[];
  readonly usages?: readonly ('serverAuth' | 'clientAuth')[];
  readonly hash?: 'sha256' | 'sha1' | 'md5';
  readonly from?: string;
  readonly until?: string;
  /** Name constraints: DNS names that are allowed. */
  readonly allows?: readonly string[];
  /** A critical extension that nobody knows. */
  readonly strange?: boolean;
  /** Version 1 has no extensions at all. */
  readonly version?: 1 | 3;
  readonly key?: Pair;
}

type Pair = forge.pki.rsa.KeyPair & { readonly pem: string };

export interface Made {
  readonly form: Form;
  readonly pem: string;
  readonly key: Pair;
  readonly certificate: X509Certificate;
}

const keys = new Map<string, Pair>();

/** A key by name: the same one whenever it is asked for. */
export function keyFor(name: string): Pair {
  const known = keys.get(name);
  if (known !== undefined) return known;
  const { privateKey: pem } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'pkcs1', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  });
  const privateKey = forge.pki.privateKeyFromPem(pem);
  const pair = { privateKey, publicKey: forge.pki.setRsaPublicKey(privateKey.n, privateKey.e), pem };
  keys.set(name, pair);
  return pair;
}

let serial = 0;

export function make(form: Form): Made {
  const key = form.key ?? keyFor(form.name);
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = key.publicKey;
  serial += 1;
  certificate.serialNumber = `40${serial.toString(16).padStart(6, '0')}`;
  certificate.validity.notBefore = new Date(form.from ?? '2020-01-01');
  certificate.validity.notAfter = new Date(form.until ?? '2049-01-01');
  const name = (commonName: string) => [{ name: 'commonName', value: commonName }];
  certificate.setSubject(name(form.name));
  certificate.setIssuer(name(form.issuer?.form.name ?? form.name));
  certificate.setExtensions(extensions(form));
  if (form.version === 1) certificate.version = 0;
  certificate.sign((form.issuer?.key ?? key).privateKey, forge.md[form.hash ?? 'sha256'].create());
  const pem = forge.pki.certificateToPem(certificate).replace(/\r\n/g, '\n');
  return { form, pem, key, certificate: new X509Certificate(pem) };
}

function extensions(form: Form): object[] {
  const { asn1 } = forge;
  const allowed = (form.allows ?? []).map(domain =>
    asn1.create(asn1.Class.UNIVERSAL, asn1.Type.SEQUENCE, true, [
      asn1.create(asn1.Class.CONTEXT_SPECIFIC, asn1.Type.INTEGER, false, domain),
    ]),
  );
  // Context-specific tags are plain numbers: 2 is a DNS name, 0 what is permitted.
  const constraints = asn1.create(asn1.Class.UNIVERSAL, asn1.Type.SEQUENCE, true, [
    asn1.create(asn1.Class.CONTEXT_SPECIFIC, asn1.Type.NONE, true, allowed),
  ]);
  const names = (form.for ?? []).map(one =>
    /^[\d.]+$/.test(one) ? { type: 7, ip: one } : { type: 2, value: one },
  );
  const usage = Object.fromEntries((form.usages ?? []).map(one => [one, true]));
  return [
    ...(form.ca === undefined
      ? []
      : [
          {
            name: 'basicConstraints',
            cA: form.ca,
            critical: true,
            ...(form.pathLength === undefined ? {} : { pathLenConstraint: form.pathLength }),
          },
        ]),
    ...(form.signs === undefined
      ? []
      : [{ name: 'keyUsage', keyCertSign: form.signs, digitalSignature: true, critical: true }]),
    ...(names.length === 0 ? [] : [{ name: 'subjectAltName', altNames: names }]),
    ...(form.usages === undefined ? [] : [{ name: 'extKeyUsage', ...usage }]),
    ...(allowed.length === 0
      ? []
      : [{ id: '2.5.29.30', critical: true, value: asn1.toDer(constraints).getBytes() }]),
    ...(form.strange === true ? [{ id: '1.2.3.4', critical: true, value: '\x05\x00' }] : []),
  ];
}
