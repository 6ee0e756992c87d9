import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTls, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { CONFIGURATION, digestOf } from './stored';
import type { Stored } from './stored';

/** How a registry of some make asks for logins, and what else is its own. */
export interface Make {
  /** WWW-Authenticate of an answer, by path, scope and what was sent; none where it asks for nothing. */
  challenges?(asked: Asked): readonly string[];
  /** Path of its token service. */
  readonly tokens?: string;
  /** What the token service answers without a login: a token, or a status. */
  anonymous?(scope: string): 'token' | number;
  /** What it does with an answer that it has. */
  answers?(asked: Asked, respond: Respond): boolean;
  /** Headers of every answer. */
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly base: string;
  /** "repository:k8s/etcd:pull", '' for /v2/ */
  readonly scope: string;
  /** "Basic …", "Bearer …", '' */
  readonly authorization: string;
  /** The Accept headers, one for each line. */
  readonly accepted: readonly string[];
}

export type Respond = (
  status: number,
  headers?: Readonly<Record<string, string | readonly string[]>>,
  body?: string,
) => void;

export interface StandInOptions {
  readonly make: Make;
  /** By "k8s/etcd:3.4.13-0"; "k8s/etcd" alone keeps what is found by digest. */
  readonly images: Readonly<Record<string, readonly Stored[]>>;
  /** Repositories that everybody may pull. */
  readonly open?: readonly string[];
  /** "puller:hunter2" */
  readonly login?: string;
  readonly tls?: ServerOptions;
  /** The address to listen on; 127.0.0.1 where left out, whose servers docker does not verify. */
  readonly listen?: string;
}

export interface StandIn {
  /** "127.0.0.1:40000" */
  readonly address: string;
  /** "GET /v2/ 401", in order. */
  readonly seen: readonly string[];
  close(): void;
}

const VERSION = { 'Docker-Distribution-Api-Version': 'registry/2.0' };

/** A registry that keeps images in memory, and asks for logins as one of a make does. */
export async function standIn(options: StandInOptions): Promise<StandIn> {
  const seen: string[] = [];
  let base = '';
  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    const url = new URL(request.url ?? '/', base);
    const respond: Respond = (status, headers = {}, body = '') => {
      seen.push(`${request.method ?? ''} ${url.pathname} ${status}`);
      const length = String(Buffer.byteLength(body));
      const all = { 'Content-Length': length, ...options.make.headers, ...headers };
      response.writeHead(
        status,
        Object.fromEntries(Object.entries(all).filter(([, value]) => value !== '')) as Record<string, string>,
      );
      response.end(request.method === 'HEAD' ? '' : body);
    };
    const repository = /^\/v2\/(.+)\/(?:manifests|blobs)\//.exec(url.pathname)?.[1];
    const asked: Asked = {
      method: request.method ?? '',
      path: url.pathname,
      base,
      scope:
        url.searchParams.get('scope') ?? (repository === undefined ? '' : `repository:${repository}:pull`),
      authorization: request.headers.authorization ?? '',
      accepted: request.rawHeaders.filter((_, at) => request.rawHeaders[at - 1]?.toLowerCase() === 'accept'),
    };
    answer(options, asked, respond);
  };
  const server: Server = options.tls === undefined ? createServer(handle) : createTls(options.tls, handle);
  const { listen = '127.0.0.1' } = options;
  server.listen(0, listen);
  await once(server, 'listening');
  const address = `${listen}:${(server.address() as AddressInfo).port}`;
  base = `${options.tls === undefined ? 'http' : 'https'}://${address}`;
  return { address, seen, close: () => server.close() };
}

function answer(options: StandInOptions, asked: Asked, respond: Respond): void {
  const { make, images } = options;
  if (asked.path === make.tokens) {
    giveToken(options, asked, respond);
    return;
  }
  if (make.answers?.(asked, respond) === true) return;
  const challenges = make.challenges?.(asked) ?? [];
  if (challenges.length > 0 && !allowed(options, asked)) {
    respond(
      401,
      { ...VERSION, 'WWW-Authenticate': challenges },
      error('UNAUTHORIZED', 'authentication required'),
    );
    return;
  }
  if (asked.path === '/v2/') {
    respond(200, VERSION, '{}');
    return;
  }
  const [, repository = '', kind, what = ''] = /^\/v2\/(.+)\/(manifests|blobs)\/(.+)$/.exec(asked.path) ?? [];
  if (kind === 'blobs' && what === digestOf(CONFIGURATION)) {
    respond(200, { 'Content-Type': 'application/octet-stream' }, CONFIGURATION);
    return;
  }
  const found =
    images[`${repository}:${what}`]?.[0] ??
    Object.entries(images)
      .filter(([name]) => name.startsWith(`${repository}:`))
      .flatMap(([, stored]) => stored)
      .find(({ body }) => digestOf(body) === what);
  if (kind === 'manifests' && found !== undefined) {
    respond(200, { ...VERSION, ...typed(found) }, found.body);
    return;
  }
  respond(404, VERSION, error('MANIFEST_UNKNOWN', 'manifest unknown'));
}

function typed({ type, body }: Stored): Record<string, string> {
  return { ...(type === '' ? {} : { 'Content-Type': type }), 'Docker-Content-Digest': digestOf(body) };
}

function giveToken({ make, login }: StandInOptions, asked: Asked, respond: Respond): void {
  const { authorization, scope } = asked;
  if (authorization === '') {
    const given = make.anonymous?.(scope) ?? 401;
    if (given === 'token')
      respond(200, {}, JSON.stringify({ token: `anonymous ${scope}`.replace(/ /g, '.') }));
    else respond(given, {}, error('DENIED', 'access forbidden'));
  } else if (authorization === basicOf(login)) {
    respond(200, {}, JSON.stringify({ access_token: `login ${scope}`.replace(/ /g, '.') }));
  } else respond(401, {}, error('UNAUTHORIZED', 'HTTP Basic: Access denied'));
}

function allowed({ open = [], login, make }: StandInOptions, { authorization, scope }: Asked): boolean {
  if (make.tokens === undefined) return login !== undefined && authorization === basicOf(login);
  if (authorization === `Bearer login.${scope}`) return true;
  const [, repository = ''] = scope.split(':');
  return open.includes(repository) && authorization === `Bearer anonymous.${scope}`;
}

function basicOf(login: string | undefined): string {
  return `Basic ${Buffer.from(login ?? '').toString('base64')}`;
}

export function error(code: string, message: string): string {
  return JSON.stringify({ errors: [{ code, message }] });
}
