import { X509Certificate } from 'node:crypto';

/** The certificates of a PEM text, as Go finds them (encoding/pem Decode, x509 AppendCertsFromPEM): markers begin a line, no headers, what cannot be read is passed over. */
export function certificatesIn(pem: string): readonly X509Certificate[] {
  const blocks = pem.matchAll(
    /(?:^|\n)-----BEGIN CERTIFICATE-----[ \t]*\r?\n([A-Za-z0-9+/=\s]+?)-----END CERTIFICATE-----/g,
  );
  return [...blocks].flatMap(([, base64 = '']) => {
    try {
      return [new X509Certificate(Buffer.from(base64, 'base64'))];
    } catch {
      return [];
    }
  });
}
