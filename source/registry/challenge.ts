/** What a registry asks for with 401 (RFC 7235; docker's registry token authentication). */
type Challenge =
  | { readonly scheme: 'basic' }
  | { readonly scheme: 'bearer'; readonly realm: string; readonly service?: string; readonly scope?: string };

const PARAMETER = /([a-z_]+)\s*=\s*(?:"([^"]*)"|([^\s",]+))/gi;

/** Reads a WWW-Authenticate header; undefined where it asks for something else. */
export function parseChallenge(header: string | undefined): Challenge | undefined {
  const match = /^\s*(basic|bearer)\b\s*(.*)$/is.exec(header ?? '');
  if (match === null) return undefined;
  if (match[1]?.toLowerCase() === 'basic') return { scheme: 'basic' };
  const parameters = new Map<string, string>();
  for (const [, name = '', quoted, bare] of (match[2] ?? '').matchAll(PARAMETER)) {
    parameters.set(name.toLowerCase(), quoted ?? bare ?? '');
  }
  const realm = parameters.get('realm');
  if (realm === undefined || !/^https?:\/\//i.test(realm)) return undefined;
  const service = parameters.get('service');
  const scope = parameters.get('scope');
  return {
    scheme: 'bearer',
    realm,
    ...(service === undefined ? {} : { service }),
    ...(scope === undefined ? {} : { scope }),
  };
}

/** Where a token is had for a challenge. */
export function tokenUrl(
  challenge: Extract<Challenge, { scheme: 'bearer' }>,
  scope: string | undefined,
): string {
  const url = new URL(challenge.realm);
  if (challenge.service !== undefined) url.searchParams.set('service', challenge.service);
  const wanted = challenge.scope ?? scope;
  if (wanted !== undefined) url.searchParams.set('scope', wanted);
  return url.href;
}
