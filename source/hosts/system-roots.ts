import { readFile } from 'node:fs/promises';
import { rootCertificates } from 'node:tls';

/** Where systems keep the roots that their administrators trust: EL7 first. */
const PATHS = ['/etc/pki/tls/certs/ca-bundle.crt', '/etc/ssl/certs/ca-certificates.crt'];

/** The roots that this host trusts, in PEM form; Node's own where it names none. */
export async function systemRoots(): Promise<Buffer | string[]> {
  for (const path of PATHS) {
    try {
      return await readFile(path);
    } catch {
      // The next one.
    }
  }
  return [...rootCertificates];
}
