import { createHash, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { isIP, type Socket } from 'node:net';
import { connect, type DetailedPeerCertificate, type TLSSocket } from 'node:tls';
import type { ServerTrust } from '../engine/host';
import { Anchors, serverFault } from '../pki/chain';
import { certificatesIn } from '../pki/pem';
import { systemRoots } from './system-roots';

/** What a connection is opened with. */
interface Peer {
  readonly url: URL;
  readonly trust: ServerTrust;
  readonly cert?: Buffer | undefined;
  readonly key?: Buffer | undefined;
  readonly timeoutMs: number;
  /** An open connection to the server, where one goes by way of a proxy. */
  readonly socket?: Socket | undefined;
}

/**
 * A TLS connection to a server that docker would trust. The chain is verified here before anything is sent:
 * OpenSSL's own verification is off, because Node cannot be told to trust an issuing CA (X509_V_FLAG_PARTIAL_CHAIN is in Node from 22 on).
 */
export async function verifiedConnection(peer: Peer): Promise<TLSSocket> {
  const { trust, timeoutMs } = peer;
  const server = peer.url.hostname.replace(/^\[|\]$/g, '');
  const anchors = trust === 'anyone' ? undefined : await anchorsOf(trust.files);
  const socket = connect({
    ...(peer.socket === undefined
      ? { host: server, port: Number(peer.url.port || 443) }
      : { socket: peer.socket }),
    ...(isIP(server) === 0 ? { servername: server } : {}),
    ...(peer.cert && { cert: peer.cert }),
    ...(peer.key && { key: peer.key }),
    rejectUnauthorized: false,
    // What docker speaks: go-connections/tlsconfig ServerDefault. Go has no bounds on keys as OpenSSL's levels are.
    ciphers: 'DEFAULT@SECLEVEL=0',
    minVersion: trust !== 'anyone' && trust.tls12 ? 'TLSv1.2' : 'TLSv1',
  });
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new Error(`no answer within ${timeoutMs / 1000} s`));
    }, timeoutMs);
    socket.once('secureConnect', resolve);
    socket.once('error', reject);
    socket.once('close', () => {
      reject(new Error('socket hang up'));
    });
    for (const event of ['secureConnect', 'error', 'close']) {
      socket.once(event, () => {
        clearTimeout(timer);
      });
    }
  }).catch((error: unknown) => {
    socket.destroy();
    throw error;
  });
  if (trust === 'anyone' || anchors === undefined) return socket;
  const fault = serverFault(sentBy(socket), anchors, { ...trust, server, now: new Date() });
  if (fault === undefined) return socket;
  socket.destroy();
  throw new Error(fault);
}

/** The server's certificate, and what it sent of those that signed it. */
function sentBy(socket: TLSSocket): readonly X509Certificate[] {
  const sent = new Map<string, X509Certificate>();
  let next: Partial<DetailedPeerCertificate> | undefined = socket.getPeerCertificate(true);
  // A self-signed one is its own issuer; without any there is an empty object.
  while (next?.raw !== undefined && !sent.has(next.fingerprint256 ?? '')) {
    sent.set(next.fingerprint256 ?? '', new X509Certificate(next.raw));
    next = next.issuerCertificate;
  }
  return [...sent.values()];
}

const known = new Map<string, Anchors>();

/** Taking the system's roots apart takes a while, so the last ones are kept, by what the files hold. */
async function anchorsOf(files: readonly string[]): Promise<Anchors> {
  const texts = await Promise.all([systemRoots(), ...files.map(path => readFile(path))]);
  const pem = texts
    .map(text => (Buffer.isBuffer(text) ? text.toString('latin1') : text.join('\n')))
    .join('\n');
  const digest = createHash('sha256').update(pem).digest('hex');
  const anchors = known.get(digest) ?? new Anchors(certificatesIn(pem));
  known.clear();
  known.set(digest, anchors);
  return anchors;
}
