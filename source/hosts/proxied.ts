import { request } from 'node:http';
import type { Socket } from 'node:net';
import type { Secret } from '../engine/secret';

interface Through {
  readonly host: string;
  readonly port: number;
  readonly headers: Readonly<Record<string, string>>;
}

/** Where a proxy listens, and what it is sent of a login. Only plain proxies are known here. */
export function through(proxy: Secret): Through {
  const url = new URL(proxy.reveal());
  if (url.protocol !== 'http:') throw new Error(`a proxy by ${url.protocol}// is not known here`);
  const login = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: Number(url.port || 80),
    headers: login === ':' ? {} : { 'Proxy-Authorization': `Basic ${Buffer.from(login).toString('base64')}` },
  };
}

/** A connection to a server by way of a proxy (CONNECT). */
export function tunnel(proxy: Secret, to: URL, timeoutMs: number): Promise<Socket> {
  const target = `${to.hostname}:${to.port || 443}`;
  const { headers, ...where } = through(proxy);
  return new Promise((resolve, reject) => {
    const asked = request({
      ...where,
      method: 'CONNECT',
      path: target,
      headers: { ...headers, Host: target },
    });
    asked.setTimeout(timeoutMs, () => asked.destroy(new Error(`no answer within ${timeoutMs / 1000} s`)));
    asked.once('error', reject);
    asked.once('connect', (answer, socket) => {
      socket.setTimeout(0);
      if (answer.statusCode === 200) resolve(socket);
      else {
        socket.destroy();
        reject(new Error(`the proxy answers ${answer.statusCode ?? 0} to CONNECT ${target}`));
      }
    });
    asked.end();
  });
}
