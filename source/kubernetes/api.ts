import type { Question } from '../engine/change';
import type { HostReader, HttpRequest } from '../engine/host';

/** How the apiserver of a cluster is asked: its address, and the pair that is shown to it. */
export interface ApiAccess {
  readonly address: string;
  readonly caFile: string;
  readonly certFile: string;
  readonly keyFile: string;
}

/** What the apiserver answers to one GET: an object or list, that there is none, or nothing that can be used (with the reason). */
export type ApiAnswer =
  | { readonly kind: 'found'; readonly body: unknown }
  | { readonly kind: 'absent' }
  | { readonly kind: 'silent'; readonly reason: string };

/** The request for a path of the API, such as "/api/v1/nodes". */
export function apiRequest(access: ApiAccess, path: string): HttpRequest {
  const { address, caFile, certFile, keyFile } = access;
  return { url: `https://${address}:6443${path}`, caFile, certFile, keyFile, timeoutMs: 10_000 };
}

/** Asks without kubectl: no process, and no cache of kubectl's that a look at the host would leave behind. */
export async function askApi(host: HostReader, access: ApiAccess, path: string): Promise<ApiAnswer> {
  const answer = await host.request(apiRequest(access, path));
  if ('error' in answer) return { kind: 'silent', reason: answer.error };
  if (answer.status === 404) return { kind: 'absent' };
  if (answer.status !== 200) return { kind: 'silent', reason: `the apiserver answers ${answer.status}` };
  try {
    return { kind: 'found', body: JSON.parse(answer.body) as unknown };
  } catch {
    return { kind: 'silent', reason: 'the apiserver answers with something other than JSON' };
  }
}

/** The items of a list, undefined where the answer holds none. Their shape is the API's own: the caller names it. */
export function items(answer: ApiAnswer): readonly unknown[] | undefined {
  if (answer.kind !== 'found') return undefined;
  const list = answer.body as { readonly items?: unknown } | null;
  return Array.isArray(list?.items) ? (list.items as readonly unknown[]) : [];
}

/** A watch ends by itself after that; whoever hears nothing until somewhat later has lost the connection. */
const WATCH_S = 10;
const CHANGED = '^\\{"type":"(?:ADDED|MODIFIED|DELETED)"';

/**
 * That what the API lists at a path is as it should be. While it is not, the API itself says when something has changed
 * (a watch from the list's own revision on, so that nothing is missed in between): asking again and again would cost more, and come later.
 */
export function listed(
  title: string,
  access: ApiAccess,
  { path, query }: { readonly path: string; readonly query?: Readonly<Record<string, string>> },
  lacks: (items: readonly unknown[]) => string | undefined,
): Question {
  const at = (more: Readonly<Record<string, string>>): string => {
    const words = Object.entries({ ...query, ...more }).map(
      ([name, value]) => `${name}=${encodeURIComponent(value)}`,
    );
    return words.length === 0 ? path : `${path}?${words.join('&')}`;
  };
  return {
    kind: 'request',
    title,
    request: apiRequest(access, at({})),
    status: 200,
    lacks: body => lacks(items({ kind: 'found', body }) ?? []),
    changed: body => {
      const resourceVersion = revisionOf(body);
      if (resourceVersion === undefined) return undefined;
      const request = apiRequest(
        access,
        at({ watch: '1', resourceVersion, timeoutSeconds: String(WATCH_S) }),
      );
      return { request: { ...request, timeoutMs: (WATCH_S + 2) * 1000, firstLine: true }, matches: CHANGED };
    },
  };
}

function revisionOf(list: unknown): string | undefined {
  const { metadata } = list as { readonly metadata?: { readonly resourceVersion?: string } };
  return metadata?.resourceVersion;
}

/** The parts of metadata that are looked at. */
export interface Metadata {
  readonly name: string;
  /** What a controller has named it after. */
  readonly generateName?: string;
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly deletionTimestamp?: string;
}

/** The parts of a node that are looked at. */
export interface Node {
  readonly metadata: Metadata;
  readonly status: {
    readonly addresses?: readonly { readonly type: string; readonly address: string }[];
    readonly conditions?: readonly {
      readonly type: string;
      readonly status: string;
      readonly message?: string;
    }[];
    readonly nodeInfo?: { readonly kubeletVersion?: string };
  };
}

/** Whether a condition of that type stands at "True". */
export function isTrue(
  conditions: readonly { readonly type: string; readonly status: string }[] | undefined,
  type: string,
): boolean {
  return conditions?.some(condition => condition.type === type && condition.status === 'True') ?? false;
}
