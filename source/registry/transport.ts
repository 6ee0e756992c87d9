import type { HostReader, HttpOutcome, HttpRequest } from '../engine/host';
import type { Secret } from '../engine/secret';
import { connectionReason } from './reasons';
import { refusal } from './refusal';

export type Answer = Exclude<HttpOutcome, { error: string }>;
export type Headers = NonNullable<HttpRequest['headers']>;

/** What every request to one registry is made with, to whatever host it leads: docker has one transport for all of them. */
export interface Manner extends Pick<HttpRequest, 'trust' | 'certFile' | 'keyFile'> {
  /** The proxy that leads to an address. */
  readonly proxyTo?: ((url: URL) => Secret | undefined) | undefined;
}

const TIMEOUT_MS = 15_000;
const REDIRECTS = [301, 302, 303, 307, 308];
/** Go's http.Client makes ten requests. */
const MOST_REDIRECTS = 9;

/** A request, and what it is redirected to. `headersFor` is asked for each address, so that logins go nowhere else. */
export async function get(
  host: HostReader,
  manner: Manner,
  from: URL,
  headersFor: (url: URL) => Promise<Headers> | Headers,
  method: 'GET' | 'HEAD' = 'GET',
): Promise<{ readonly answer: Answer; readonly url: URL }> {
  const { proxyTo, ...same } = manner;
  let url = from;
  for (let left = MOST_REDIRECTS; ; left -= 1) {
    const proxy = proxyTo?.(url);
    const outcome = await host.request({
      url: url.href,
      method,
      headers: await headersFor(url),
      timeoutMs: TIMEOUT_MS,
      ...same,
      ...(proxy && { proxy }),
    });
    const where = [
      url.host === from.host ? '' : `it redirects to ${url.host}: `,
      proxy === undefined ? '' : "by docker's proxy: ",
    ].join('');
    if ('error' in outcome) throw refusal('registry', `${where}${connectionReason(outcome.error)}`);
    if (!REDIRECTS.includes(outcome.status)) return { answer: outcome, url };
    const next = locationOf(outcome, url);
    if (left === 0) throw refusal('registry', 'it redirects again and again');
    if (next === undefined) throw refusal('registry', `${where}it redirects to no usable address`);
    url = next;
  }
}

function locationOf(answer: Answer, from: URL): URL | undefined {
  const [location] = answer.headers['location']?.split('\n') ?? [];
  if (location === undefined) return undefined;
  try {
    const next = new URL(location, from);
    return /^https?:$/.test(next.protocol) ? next : undefined;
  } catch {
    return undefined;
  }
}
