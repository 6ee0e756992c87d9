import { make } from '../support/certificates';
import type { Made } from '../support/certificates';

/** One way in which a site has its certificates, and what Go makes of it. */
export interface CertificateCase {
  /** What the server sends. */
  readonly sent: readonly Made[];
  /** What stands in DOCKER_REGISTRY_CA. */
  readonly anchors: readonly Made[];
  /** "reg.example" where left out. */
  readonly server?: string;
  /** Why a Go of today refuses it; undefined where it does not. */
  readonly refused?: RegExp;
  /** Where a Go before 1.15 answers otherwise. */
  readonly old?: 'takes it';
}

const NAME = 'reg.example';
const root = make({ name: 'Site Root CA', ca: true, signs: true });
const issuing = make({ name: 'Site Issuing CA', ca: true, signs: true, issuer: root });
const other = make({ name: 'Other CA', ca: true });
const impostor = make({ name: 'Site Root CA', ca: true, key: other.key });
const leaf = make({ name: 'server', for: [NAME, '10.0.0.5'], issuer: issuing, ca: false });
const byRoot = (form: Partial<Parameters<typeof make>[0]>) =>
  make({ name: 'server', for: [NAME], ca: false, issuer: root, ...form });
const own = (form: Partial<Parameters<typeof make>[0]>) => make({ name: NAME, for: [NAME], ...form });
const selfSigned = own({ ca: false });
const selfNamed = own({ for: [] });
const selfExpired = own({ until: '2021-01-01' });
/** Signed by a CA of the given form that the root signed. */
const below = (form: Partial<Parameters<typeof make>[0]>): readonly Made[] => {
  const between = make({ name: 'Between', ca: true, issuer: root, ...form });
  return [make({ name: 'server', for: [NAME], issuer: between }), between];
};

export const CERTIFICATE_CASES: Readonly<Record<string, CertificateCase>> = {
  'root; leaf and issuing CA sent': { sent: [leaf, issuing], anchors: [root] },
  'root; the whole chain sent': { sent: [leaf, issuing, root], anchors: [root] },
  'root; chain out of order': { sent: [leaf, root, issuing], anchors: [root] },
  'root; issuing CA not sent': {
    sent: [leaf],
    anchors: [root],
    refused: /unknown authority "Site Issuing CA"/,
  },
  'issuing CA alone': { sent: [leaf], anchors: [issuing] },
  'issuing CA, which is sent, too': { sent: [leaf, issuing], anchors: [issuing] },
  'root and issuing CA in one file': { sent: [leaf], anchors: [root, issuing] },
  'the leaf itself, signed by another': { sent: [leaf], anchors: [leaf] },
  'self-signed leaf, renewed with the same key': {
    sent: [own({ ca: false })],
    anchors: [own({ ca: false, key: make({ name: NAME }).key })],
    refused: /no CA|unknown authority/,
  },
  'self-signed leaf': { sent: [selfSigned], anchors: [selfSigned] },
  'self-signed leaf, common name alone': {
    sent: [selfNamed],
    anchors: [selfNamed],
    refused: /as common name only/,
    old: 'takes it',
  },
  'self-signed leaf, expired': { sent: [selfExpired], anchors: [selfExpired], refused: /has expired/ },
  'by an address': { sent: [leaf, issuing], anchors: [root], server: '10.0.0.5' },
  'by another address': {
    sent: [leaf, issuing],
    anchors: [root],
    server: '10.0.0.6',
    refused: /does not match.*10\.0\.0\.5/,
  },
  'by another name': {
    sent: [leaf, issuing],
    anchors: [root],
    server: 'www.example',
    refused: /does not match.*reg\.example/,
  },
  'by name in capitals': { sent: [leaf, issuing], anchors: [root], server: 'REG.example' },
  wildcard: { sent: [byRoot({ for: ['*.example'] })], anchors: [root] },
  'wildcard for two labels': {
    sent: [byRoot({ for: ['*.example'] })],
    anchors: [root],
    server: 'a.reg.example',
    refused: /does not match/,
  },
  'wildcard for part of a label': {
    sent: [byRoot({ for: ['r*.example'] })],
    anchors: [root],
    refused: /does not match/,
  },
  'common name alone': {
    sent: [byRoot({ name: NAME, for: [] })],
    anchors: [root],
    refused: /as common name only/,
    old: 'takes it',
  },
  'common name alone, an address': {
    sent: [byRoot({ name: '10.0.0.5', for: [] })],
    anchors: [root],
    server: '10.0.0.5',
    refused: /does not match/,
  },
  'common name right, alternative name not': {
    sent: [byRoot({ name: NAME, for: ['www.example'] })],
    anchors: [root],
    refused: /does not match/,
  },
  'another CA of the same name': { sent: [byRoot({})], anchors: [impostor], refused: /unknown authority/ },
  'another CA of the same name beside the right one': { sent: [byRoot({})], anchors: [impostor, root] },
  'no CA at all': { sent: [byRoot({})], anchors: [], refused: /unknown authority "Site Root CA"/ },
  'leaf expired': {
    sent: [byRoot({ until: '2021-01-01' })],
    anchors: [root],
    refused: /"server" has expired/,
  },
  'leaf of tomorrow': { sent: [byRoot({ from: '2048-01-01' })], anchors: [root], refused: /not yet valid/ },
  'issuing CA expired': {
    sent: below({ until: '2021-01-01' }),
    anchors: [root],
    refused: /"Between" has expired/,
  },
  'root expired': {
    sent: [make({ name: 'server', for: [NAME], issuer: make({ name: 'Old Root', ca: true }) })],
    anchors: [make({ name: 'Old Root', ca: true, until: '2021-01-01' })],
    refused: /"Old Root" has expired/,
  },
  'signed with SHA-1': {
    sent: [byRoot({ hash: 'sha1' })],
    anchors: [root],
    refused: /signed with SHA-1/,
    old: 'takes it',
  },
  'signed with MD5': { sent: [byRoot({ hash: 'md5' })], anchors: [root], refused: /MD5/ },
  'root that signed itself with SHA-1': {
    sent: [make({ name: 'server', for: [NAME], issuer: make({ name: 'SHA-1 Root', ca: true }) })],
    anchors: [make({ name: 'SHA-1 Root', ca: true, hash: 'sha1' })],
  },
  'leaf for clients alone': {
    sent: [byRoot({ usages: ['clientAuth'] })],
    anchors: [root],
    refused: /not for servers/,
  },
  'leaf for both': { sent: [byRoot({ usages: ['clientAuth', 'serverAuth'] })], anchors: [root] },
  'issuing CA for clients alone': {
    sent: below({ usages: ['clientAuth'] }),
    anchors: [root],
    refused: /"Between" is not for servers/,
  },
  'issuing CA without basic constraints': {
    sent: below({ ca: undefined as never }),
    anchors: [root],
    refused: /says that it is no CA/,
  },
  'root without basic constraints': {
    sent: [make({ name: 'server', for: [NAME], issuer: make({ name: 'Bare Root' }) })],
    anchors: [make({ name: 'Bare Root', signs: true })],
    refused: /says that it is no CA/,
  },
  'root of version 1': {
    sent: [make({ name: 'server', for: [NAME], issuer: make({ name: 'Ancient Root', version: 1 }) })],
    anchors: [make({ name: 'Ancient Root', version: 1 })],
  },
  'issuing CA that may not sign': { sent: below({ signs: false }), anchors: [root], refused: /key usage/ },
  'root that allows for no CA below': {
    sent: [leafBelow(make({ name: 'Short Root', ca: true, pathLength: 0 }))].flat(),
    anchors: [make({ name: 'Short Root', ca: true, pathLength: 0 })],
    refused: /fewer CAs/,
  },
  'constraints that allow for it': { sent: below({ allows: ['example'] }), anchors: [root] },
  'constraints that do not': {
    sent: below({ allows: ['example.org'] }),
    anchors: [root],
    refused: /name constraints/,
  },
  'an extension that nobody knows': {
    sent: [byRoot({ strange: true })],
    anchors: [root],
    refused: /1\.2\.3\.4/,
  },
};

function leafBelow(top: Made): readonly Made[] {
  const between = make({ name: 'Between', ca: true, issuer: top });
  return [make({ name: 'server', for: [NAME], issuer: between }), between];
}
