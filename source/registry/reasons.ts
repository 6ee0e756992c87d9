import type { HttpOutcome } from '../engine/host';

const KNOWN: readonly (readonly [RegExp, string])[] = [
  [
    /self.signed certificate|unable to (get|verify)|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|unknown authority/i,
    "its certificate is signed by an authority that this host does not know; give the CA's PEM file in DOCKER_REGISTRY_CA",
  ],
  [
    /wrong version number|http request|packet length too long|EPROTO/i,
    'it answers over plain HTTP; set DOCKER_REGISTRY_PLAIN_HTTP=yes to accept that images come unencrypted',
  ],
  [/altname|does not match certificate/i, 'its certificate is for another name'],
  [/CERT_HAS_EXPIRED|certificate has expired/i, 'its certificate has expired'],
  [/CERT_NOT_YET_VALID|not yet valid/i, "its certificate is not valid yet; look at this host's clock"],
  [/ECONNREFUSED/, 'nothing listens there'],
  [
    /socket hang up|ECONNRESET/,
    'it closes the connection without an answer; it may speak TLS where plain HTTP is expected, or a proxy stands between',
  ],
  [/ENOTFOUND|EAI_/, 'its name does not resolve on this host'],
  [/EHOSTUNREACH|ENETUNREACH/, 'there is no route to it'],
  [
    /ETIMEDOUT|timed? ?out|no answer within/i,
    'it does not answer in time; a firewall may drop what is sent to it',
  ],
];

/** Why there was no answer, in words that say what to do; the original reason stands behind, without OpenSSL's addresses. */
export function connectionReason(error: string): string {
  const known = KNOWN.find(([pattern]) => pattern.test(error));
  const detail = error.replace(/[0-9A-Fa-f]+:error:[0-9A-Fa-f]+:/, '').replace(/:\.\.\/deps\/.*$/, '');
  return known === undefined ? detail : `${known[1]} (${detail})`;
}

/** Why an answer is not the one of a registry; undefined where it may be one. */
export function answerReason(outcome: Exclude<HttpOutcome, { error: string }>): string | undefined {
  if (outcome.status === 400 && /HTTP request to an HTTPS server/i.test(outcome.body)) {
    return 'it speaks TLS, but DOCKER_REGISTRY_PLAIN_HTTP=yes says that it does not; leave that out';
  }
  if (outcome.status === 404) return 'it is no docker registry: /v2/ is not there';
  if (outcome.status === 429) return 'it answers 429: too many requests; try again later, or with a login';
  if (outcome.status >= 500) return `it answers ${outcome.status}, a fault of its own; look at its log`;
  return undefined;
}
