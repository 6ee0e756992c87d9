import { BlockList, isIP } from 'node:net';
import { Secret } from '../engine/secret';

/** The proxies that docker has from its environment; they may hold a login. */
export interface Proxies {
  readonly http: Secret | undefined;
  readonly https: Secret | undefined;
  /** NO_PROXY */
  readonly none: string;
}

/** By which proxy docker goes to an address (Go's httpproxy.Config; up to Go 1.15 HTTP_PROXY counts for HTTPS, too). */
export function proxyFor(url: URL, proxies: Proxies | undefined, go: number): Secret | undefined {
  if (proxies === undefined) return undefined;
  const encrypted = url.protocol === 'https:';
  const proxy = encrypted ? (proxies.https ?? (go < 16 ? proxies.http : undefined)) : proxies.http;
  return proxy === undefined || goesDirectly(url, proxies.none) ? undefined : proxy;
}

function goesDirectly(url: URL, none: string): boolean {
  const host = url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  if (host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))) return true;
  return none
    .split(',')
    .map(entry => entry.trim().toLowerCase())
    .some(entry => entry === '*' || (entry !== '' && fits(entry, host, port)));
}

function fits(entry: string, host: string, port: string): boolean {
  const [, address = '', length] = /^([^/]+)\/(\d+)$/.exec(entry) ?? [];
  if (length !== undefined) return isWithin(host, address, Number(length));
  const [, name = entry, only] = /^(\[[^\]]+\]|[^:]+):(\d+)$/.exec(entry) ?? [];
  if (only !== undefined && only !== port) return false;
  const wanted = name.replace(/^\[|\]$/g, '');
  if (isIP(wanted) !== 0) return wanted === host;
  const domain = wanted.replace(/^\*\./, '.');
  return domain.startsWith('.') ? host.endsWith(domain) : host === domain || host.endsWith(`.${domain}`);
}

function isWithin(host: string, address: string, length: number): boolean {
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
  if (isIP(address) === 0 || isIP(address) !== isIP(host) || length > (family === 'ipv6' ? 128 : 32)) {
    return false;
  }
  const network = new BlockList();
  network.addSubnet(address, length, family);
  return network.check(host, family);
}

/** Reads them from names and values, as an environment has them. */
export function proxiesIn(environment: ReadonlyMap<string, string>): Proxies {
  const value = (name: string): string => environment.get(name) ?? environment.get(name.toLowerCase()) ?? '';
  const url = (name: string): Secret | undefined => {
    const given = value(name);
    if (given === '') return undefined;
    return new Secret(/^[a-z0-9]+:\/\//i.test(given) ? given : `http://${given}`);
  };
  return { http: url('HTTP_PROXY'), https: url('HTTPS_PROXY'), none: value('NO_PROXY') };
}
