import { parse } from './manifest';
import type { Answer } from './transport';

const KNOWN: readonly (readonly [RegExp, string])[] = [
  [
    /unknown authority/i,
    "its certificate is signed by an authority that this host does not know, and the server sends no certificate of that authority; give the CA's PEM file in DOCKER_REGISTRY_CA",
  ],
  [
    /wrong version number|http request|packet length too long|EPROTO/i,
    'it answers over plain HTTP; set DOCKER_REGISTRY_PLAIN_HTTP=yes to accept that images come unencrypted',
  ],
  [
    /as common name only/,
    'its certificate names it only as common name, which docker takes only up to 20.10.7 (Go up to 1.14); have one made with a subject alternative name',
  ],
  [/certificate does not match/i, 'its certificate is for another name'],
  [/certificate .*has expired/i, 'its certificate, or that of its CA, has expired'],
  [
    /certificate .*not yet valid/i,
    "its certificate, or that of its CA, is not valid yet; look at this host's clock",
  ],
  [
    /signed with SHA-1/,
    'its certificate, or that of its CA, is signed with SHA-1, which docker takes only up to 20.10.17 (Go up to 1.17); have one made with SHA-256',
  ],
  [/^certificate /, 'docker refuses its certificate'],
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
export function answerReason(answer: Answer): string | undefined {
  if (
    answer.status === 400 &&
    /HTTP request to an HTTPS server|plain HTTP request was sent to HTTPS/i.test(answer.body)
  ) {
    return 'it speaks TLS and was asked over plain HTTP';
  }
  if (answer.status === 429) {
    return `it answers 429: too many requests${said(answer)}; try again later, or with a login`;
  }
  if (answer.status >= 500) {
    return `it answers ${answer.status}${said(answer)}, a fault of its own; look at its log`;
  }
  return undefined;
}

const LONGEST = 200;

/** What a registry says of an error, in parentheses; '' where it says nothing in the registry API's form. */
export function said({ body }: Pick<Answer, 'body'>): string {
  const content = parse(body);
  const [first] = Array.isArray(content?.['errors']) ? (content['errors'] as readonly unknown[]) : [];
  const message =
    typeof first === 'object' && first !== null
      ? (first as { readonly message?: unknown }).message
      : content?.['details'];
  if (typeof message !== 'string' || message.trim() === '') return '';
  const line = message.replace(/[^\x20-\x7e]+/g, ' ').trim();
  return ` (${line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line})`;
}
