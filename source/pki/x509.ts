import type { X509Certificate } from 'node:crypto';
import forge from 'node-forge';

/** What decides whether a certificate may stand in a chain, beyond what node:crypto tells. */
export interface Certificate {
  readonly certificate: X509Certificate;
  /** DER, byte for byte: names are equal where these are. */
  readonly subject: string;
  readonly issuer: string;
  readonly commonName: string;
  /** 1 to 3 */
  readonly version: number;
  /** Object identifier of the algorithm that it is signed with. */
  readonly algorithm: string;
  /** Undefined where it has no basic constraints. */
  readonly basic: { readonly authority: boolean; readonly pathLength?: number } | undefined;
  /** Whether its key may sign certificates; undefined where nothing is said. */
  readonly signs: boolean | undefined;
  /** Extended key usages, empty for any. */
  readonly usages: readonly string[];
  readonly names: Names | undefined;
  readonly constraints: { readonly permitted: Names; readonly excluded: Names } | undefined;
  /** Extensions that are critical and not looked at here. */
  readonly strange: readonly string[];
}

/** DNS names, and addresses as bytes (with their mask, where they are ranges). */
export interface Names {
  readonly dns: readonly string[];
  readonly addresses: readonly Buffer[];
}

/** RFC 5280, 4.2.1 */
const SUBJECT_KEY = '2.5.29.14';
const KEY_USAGE = '2.5.29.15';
const ALTERNATIVE_NAMES = '2.5.29.17';
const BASIC_CONSTRAINTS = '2.5.29.19';
const NAME_CONSTRAINTS = '2.5.29.30';
const POLICIES = '2.5.29.32';
const AUTHORITY_KEY = '2.5.29.35';
const EXTENDED_USAGE = '2.5.29.37';
const KNOWN: readonly string[] = [
  ...[SUBJECT_KEY, KEY_USAGE, ALTERNATIVE_NAMES, BASIC_CONSTRAINTS, NAME_CONSTRAINTS],
  ...[POLICIES, AUTHORITY_KEY, EXTENDED_USAGE],
];
const SIGNS_BIT = 0x04;
const DNS = 2;
const ADDRESS = 7;

type Node = forge.asn1.Asn1;

const { asn1 } = forge;

const read = new WeakMap<X509Certificate, Certificate>();

/** Takes a certificate apart; undefined where it is none of X.509's. */
export function takeApart(certificate: X509Certificate): Certificate | undefined {
  const known = read.get(certificate);
  if (known !== undefined) return known;
  try {
    const apart = parts(certificate);
    read.set(certificate, apart);
    return apart;
  } catch {
    return undefined;
  }
}

function parts(certificate: X509Certificate): Certificate {
  const whole = parse(certificate.raw.toString('binary'));
  const [signed, algorithm] = children(whole);
  const fields = [...children(signed)];
  const version = isContext(fields[0], 0) ? integer(children(fields.shift())[0]) + 1 : 1;
  const [, , issuer, , subject] = fields;
  const extensions = readExtensions(fields.find(field => isContext(field, 3)));
  const value = (id: string): Node | undefined => {
    const found = extensions.find(one => one.id === id);
    return found && parse(found.value);
  };
  const usage = value(KEY_USAGE);
  const basic = value(BASIC_CONSTRAINTS);
  const names = value(ALTERNATIVE_NAMES);
  const constraints = value(NAME_CONSTRAINTS);
  return {
    certificate,
    subject: der(subject),
    issuer: der(issuer),
    commonName: commonName(subject),
    version,
    algorithm: identifier(children(algorithm)[0]),
    basic: basic && basicConstraints(basic),
    // The first octet of a BIT STRING counts the unused bits.
    signs: usage && (text(usage).charCodeAt(1) & SIGNS_BIT) !== 0,
    usages: children(value(EXTENDED_USAGE)).map(identifier),
    names: names && generalNames(children(names)),
    constraints: constraints && nameConstraints(constraints),
    strange: extensions
      .filter(one => one.critical && (!KNOWN.includes(one.id) || !isKnownConstraint(one)))
      .map(({ id }) => id),
  };
}

function readExtensions(field: Node | undefined) {
  return children(children(field)[0]).map(extension => {
    const [id, ...rest] = children(extension);
    return {
      id: identifier(id),
      critical: rest.length > 1 && text(rest[0]).charCodeAt(0) !== 0,
      value: text(rest[rest.length - 1]),
    };
  });
}

function basicConstraints(node: Node): Certificate['basic'] {
  const [first, second] = children(node);
  const flagged = first?.type === asn1.Type.BOOLEAN;
  const length = flagged ? second : first;
  return {
    authority: flagged && text(first).charCodeAt(0) !== 0,
    ...(length === undefined ? {} : { pathLength: integer(length) }),
  };
}

function nameConstraints(node: Node): Certificate['constraints'] {
  const list = (type: number): Names =>
    generalNames(
      children(children(node).find(one => isContext(one, type))).flatMap(tree => children(tree).slice(0, 1)),
    );
  return { permitted: list(0), excluded: list(1) };
}

/** Go looks at names of mail, DNS, URIs and addresses; a constraint of another kind is one that it cannot keep. */
function isKnownConstraint({ id, value }: { readonly id: string; readonly value: string }): boolean {
  if (id !== NAME_CONSTRAINTS) return true;
  const ranges = children(parse(value)).flatMap(children);
  return ranges.every(range => [1, DNS, 6, ADDRESS].some(type => isContext(children(range)[0], type)));
}

function generalNames(nodes: readonly Node[]): Names {
  const of = (type: number) => nodes.filter(node => isContext(node, type)).map(text);
  return { dns: of(DNS), addresses: of(ADDRESS).map(bytes => Buffer.from(bytes, 'binary')) };
}

/** The last one counts, as in Go's pkix.Name. */
function commonName(name: Node | undefined): string {
  const pairs = children(name).flatMap(children).map(children);
  const found = pairs.filter(([id]) => identifier(id) === '2.5.4.3').pop();
  return Buffer.from(text(found?.[1]), 'binary').toString('utf8');
}

function parse(bytes: string): Node {
  return asn1.fromDer(bytes, true);
}

function isContext(node: Node | undefined, type: number): node is Node {
  return node?.tagClass === asn1.Class.CONTEXT_SPECIFIC && (node.type as number) === type;
}

function children(node: Node | undefined): Node[] {
  return Array.isArray(node?.value) ? node.value : [];
}

function text(node: Node | undefined): string {
  return typeof node?.value === 'string' ? node.value : '';
}

function identifier(node: Node | undefined): string {
  return node === undefined ? '' : asn1.derToOid(text(node));
}

function integer(node: Node | undefined): number {
  return [...Buffer.from(text(node), 'binary')].reduce((sum, byte) => sum * 256 + byte, 0);
}

function der(node: Node | undefined): string {
  return node === undefined ? '' : asn1.toDer(node).getBytes();
}
