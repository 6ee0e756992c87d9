import { readFile } from 'node:fs/promises';
import { request as plainRequest, type IncomingMessage } from 'node:http';
import { request as tlsRequest, type RequestOptions } from 'node:https';
import { urlToHttpOptions } from 'node:url';
import type { HttpOutcome, HttpRequest, ServerTrust } from '../engine/host';
import { Secret } from '../engine/secret';
import { connectionsFor } from './connections';
import { through, tunnel } from './proxied';
import { systemRoots } from './system-roots';

const TIMEOUT_MS = 10_000;
/** What is said of a connection that the other side has closed: by its end, or while something was written to it. */
const CLOSED: ReadonlySet<string | undefined> = new Set(['ECONNRESET', 'EPIPE']);
const LONGEST_BODY = 16 * 1024 * 1024;

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
      ...(tls || asked.proxy === undefined ? {} : byProxy(asked, asked.proxy)),
      ...(tls ? await (asked.trust === undefined ? verified(asked) : asDocker(asked, asked.trust)) : {}),
    };
    const ask = (how: RequestOptions): Promise<Answer> => answer(tls ? tlsRequest : plainRequest, how, asked);
    // One whose answer is cut off cannot be used again, and the wait for it would keep others from it.
    const first = await ask(asked.firstLine === true ? { ...options, agent: false } : options);
    // The other side may close a connection at the moment in which it is used again: that tells nothing of it.
    return (first.stale ? await ask({ ...options, agent: false }) : first).outcome;
  } catch (error) {
    return { error: oneLine(error) };
  }
}

/** Verification is switched on in so many words, so that NODE_TLS_REJECT_UNAUTHORIZED cannot switch it off. Node leaves SNI out for addresses and checks the certificate against them. */
async function verified(asked: HttpRequest): Promise<RequestOptions> {
  const [ca, pair] = await Promise.all([
    asked.caFile === undefined ? systemRoots() : readFile(asked.caFile),
    ownPair(asked),
  ]);
  return { rejectUnauthorized: true, ...connectionsFor({ ca, ...pair }) };
}

/** A connection of its own for each request, as docker has it. */
async function asDocker(asked: HttpRequest, trust: ServerTrust): Promise<RequestOptions> {
  const [{ verifiedConnection }, pair] = await Promise.all([import('./verified-connection'), ownPair(asked)]);
  const timeoutMs = asked.timeoutMs ?? TIMEOUT_MS;
  const url = new URL(asked.url);
  const socket = asked.proxy === undefined ? undefined : await tunnel(asked.proxy, url, timeoutMs);
  const verified = await verifiedConnection({ url, trust, timeoutMs, ...pair, socket });
  return { agent: undefined, createConnection: () => verified };
}

/** A proxy is asked for the whole address over plain HTTP. */
function byProxy(asked: HttpRequest, proxy: Secret): RequestOptions {
  const { headers, ...where } = through(proxy);
  const all = { ...revealed(asked.headers ?? {}), ...headers, host: new URL(asked.url).host };
  return { ...where, hostname: where.host, path: asked.url, headers: all };
}

async function ownPair({ certFile, keyFile }: HttpRequest) {
  const cert = certFile === undefined ? undefined : await readFile(certFile);
  const key = keyFile === undefined ? undefined : await readFile(keyFile);
  return { cert, key };
}

interface Answer {
  readonly outcome: HttpOutcome;
  /** The connection had been used before and was closed by the other side. */
  readonly stale: boolean;
}

function answer(
  request: typeof tlsRequest,
  options: RequestOptions,
  { body, timeoutMs = TIMEOUT_MS, firstLine }: HttpRequest,
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
        if (firstLine !== true || !chunk.includes('\n')) return;
        told();
        sent.destroy();
      });
      response.on('error', fail);
      response.on('end', told);
      function told(): void {
        clearTimeout(timer);
        const body = Buffer.concat(chunks).toString('utf8');
        const outcome = {
          status: response.statusCode ?? 0,
          headers: flat(response.rawHeaders),
          body: firstLine === true ? body.replace(/\n[^]*$/, '') : body,
          roundTripMs: Number(process.hrtime.bigint() - began) / 1e6,
        };
        resolve({ outcome, stale: false });
      }
    });
    const timer = setTimeout(() => {
      sent.destroy(new Error(`no answer within ${timeoutMs / 1000} s`));
    }, timeoutMs);
    if (firstLine === true) {
      // What may come at any time keeps no process from ending.
      timer.unref();
      sent.on('socket', socket => socket.unref());
    }
    const fail = (error: unknown) => {
      clearTimeout(timer);
      const closed = CLOSED.has((error as NodeJS.ErrnoException).code);
      resolve({ outcome: { error: oneLine(error) }, stale: sent.reusedSocket && closed });
    };
    sent.on('error', fail);
    sent.end(body);
  });
}

type Headers = NonNullable<HttpRequest['headers']>;

function revealed(headers: Headers): Record<string, string | string[]> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => {
      if (value instanceof Secret) return [name, value.reveal()];
      return [name, typeof value === 'string' ? value : [...value]];
    }),
  );
}

/** Node's own object leaves out where one line ends and the next begins. */
function flat(raw: readonly string[]): Record<string, string> {
  const lines = new Map<string, string>();
  for (let at = 0; at < raw.length; at += 2) {
    const name = raw[at]?.toLowerCase() ?? '';
    const before = lines.get(name);
    lines.set(name, before === undefined ? (raw[at + 1] ?? '') : `${before}\n${raw[at + 1] ?? ''}`);
  }
  return Object.fromEntries(lines);
}

/** Node 20 gathers the errors of several addresses in one without a message of its own. */
function oneLine(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { errors } = error as { readonly errors?: readonly unknown[] };
  if (error.message === '' && errors && errors.length > 0) return errors.map(oneLine).join('; ');
  return error.message.split('\n')[0] ?? error.name;
}
