import { readFile } from 'node:fs/promises';
import { request as plainRequest, type IncomingMessage } from 'node:http';
import { request as tlsRequest, type RequestOptions } from 'node:https';
import { rootCertificates } from 'node:tls';
import { urlToHttpOptions } from 'node:url';
import type { HttpOutcome, HttpRequest } from '../engine/host';
import { Secret } from '../engine/secret';
import { connectionsFor } from './connections';

const TIMEOUT_MS = 10_000;
const LONGEST_BODY = 16 * 1024 * 1024;
/** Where systems keep the roots that their administrators trust: EL7 first. */
const SYSTEM_ROOTS = ['/etc/pki/tls/certs/ca-bundle.crt', '/etc/ssl/certs/ca-certificates.crt'];

/** Asks over HTTP(S). Proxies of the environment are not used: the registry and the cluster are the site's own. Redirects are answers like others. */
export async function localRequest(asked: HttpRequest): Promise<HttpOutcome> {
  try {
    const url = new URL(asked.url);
    const tls = url.protocol === 'https:';
    const options: RequestOptions = {
      ...urlToHttpOptions(url),
      method: asked.method ?? 'GET',
      headers: revealed(asked.headers ?? {}),
      agent: false,
      ...(tls ? await trust(asked) : {}),
    };
    const ask = (how: RequestOptions): Promise<Answer> =>
      answer(tls ? tlsRequest : plainRequest, how, asked.body, asked.timeoutMs ?? TIMEOUT_MS);
    const first = await ask(options);
    // The other side may close a connection at the moment in which it is used again: that tells nothing of it.
    return (first.stale ? await ask({ ...options, agent: false }) : first).outcome;
  } catch (error) {
    return { error: oneLine(error) };
  }
}

/** Verification is switched on in so many words, so that NODE_TLS_REJECT_UNAUTHORIZED cannot switch it off. Node leaves SNI out for addresses and checks the certificate against them. */
async function trust(asked: HttpRequest): Promise<RequestOptions> {
  const [ca, cert, key] = await Promise.all([
    asked.caFile === undefined ? systemRoots() : readFile(asked.caFile),
    asked.certFile === undefined ? undefined : readFile(asked.certFile),
    asked.keyFile === undefined ? undefined : readFile(asked.keyFile),
  ]);
  return { rejectUnauthorized: true, ...connectionsFor({ ca, cert, key }) };
}

async function systemRoots(): Promise<Buffer | string[]> {
  for (const path of SYSTEM_ROOTS) {
    try {
      return await readFile(path);
    } catch {
      // The next one.
    }
  }
  return [...rootCertificates];
}

interface Answer {
  readonly outcome: HttpOutcome;
  /** The connection had been used before and was closed by the other side. */
  readonly stale: boolean;
}

function answer(
  request: typeof tlsRequest,
  options: RequestOptions,
  body: string | undefined,
  timeoutMs: number,
): Promise<Answer> {
  const began = process.hrtime.bigint();
  return new Promise(resolve => {
    const sent = request(options, (response: IncomingMessage) => {
      const chunks: Buffer[] = [];
      let length = 0;
      response.on('data', (chunk: Buffer) => {
        length += chunk.length;
        if (length > LONGEST_BODY) sent.destroy(new Error('the answer is longer than 16 MiB'));
        chunks.push(chunk);
      });
      response.on('error', fail);
      response.on('end', () => {
        clearTimeout(timer);
        const outcome = {
          status: response.statusCode ?? 0,
          headers: flat(response.headers),
          body: Buffer.concat(chunks).toString('utf8'),
          roundTripMs: Number(process.hrtime.bigint() - began) / 1e6,
        };
        resolve({ outcome, stale: false });
      });
    });
    const timer = setTimeout(() => {
      sent.destroy(new Error(`no answer within ${timeoutMs / 1000} s`));
    }, timeoutMs);
    const fail = (error: unknown) => {
      clearTimeout(timer);
      const reset = (error as NodeJS.ErrnoException).code === 'ECONNRESET';
      resolve({ outcome: { error: oneLine(error) }, stale: sent.reusedSocket && reset });
    };
    sent.on('error', fail);
    sent.end(body);
  });
}

function revealed(headers: Readonly<Record<string, string | Secret>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, value instanceof Secret ? value.reveal() : value]),
  );
}

function flat(headers: IncomingMessage['headers']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value]],
    ),
  );
}

/** Node 20 gathers the errors of several addresses in one without a message of its own. */
function oneLine(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { errors } = error as { readonly errors?: readonly unknown[] };
  if (error.message === '' && errors && errors.length > 0) return errors.map(oneLine).join('; ');
  return error.message.split('\n')[0] ?? error.name;
}
