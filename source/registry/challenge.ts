/** What a registry asks for with 401 (RFC 7235; docker's registry token authentication). */
export interface Challenge {
  /** "basic", "bearer" */
  readonly scheme: string;
  /** By name in lower case. */
  readonly parameters: ReadonlyMap<string, string>;
}

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+/;
const QUOTED = /^"((?:[^"\\]|\\[\s\S])*)"/;

/**
 * Reads WWW-Authenticate headers, one a line, as docker does (docker/distribution challenge.parseAuthHeader):
 * one challenge for each header, so what stands behind a second scheme in the same one is not read.
 */
export function parseChallenges(header: string | undefined): readonly Challenge[] {
  return (header ?? '').split('\n').flatMap(line => {
    const scheme = TOKEN.exec(line.trimStart())?.[0];
    if (scheme === undefined) return [];
    return [
      { scheme: scheme.toLowerCase(), parameters: parametersIn(line.trimStart().slice(scheme.length)) },
    ];
  });
}

function parametersIn(text: string): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>();
  let rest = `,${text.trimStart()}`;
  while (rest.startsWith(',')) {
    rest = rest.slice(1).trimStart();
    const name = TOKEN.exec(rest)?.[0] ?? '';
    if (name === '' || rest[name.length] !== '=') return parameters;
    rest = rest.slice(name.length + 1);
    const quoted = QUOTED.exec(rest);
    const value = quoted?.[1]?.replace(/\\([\s\S])/g, '$1') ?? TOKEN.exec(rest)?.[0] ?? '';
    if (value === '') return parameters;
    parameters.set(name.toLowerCase(), value);
    rest = rest.slice(quoted?.[0].length ?? value.length).trimStart();
  }
  return parameters;
}
