import type { CertificateSpec, Change, Content } from '../engine/change';
import { Failure } from '../engine/failure';
import type { FileStat, HostReader } from '../engine/host';
import { shortcomings } from '../pki/holds';
import { contentBytes, filesOf, isComposed } from './compose';

/** What shall be on the host; order matters where one is made from another: a CA stands before what it signs. */
export type Desired =
  | { readonly kind: 'file'; readonly path: string; readonly content: Content; readonly mode: number }
  | { readonly kind: 'directory'; readonly path: string; readonly mode: number }
  | { readonly kind: 'link'; readonly path: string; readonly target: string }
  | { readonly kind: 'absent'; readonly path: string }
  | { readonly kind: 'certificate'; readonly certificate: CertificateSpec };

interface ObservedPath {
  readonly stat: FileStat | undefined;
  /** Whether a file's bytes are the desired ones, or a link's target is. */
  readonly same: boolean;
}

/** What is on the host of what is desired; it holds verdicts, never contents. */
export interface ObservedDesired {
  readonly paths: ReadonlyMap<string, ObservedPath>;
  /** By the certificate's path: why it does not hold. */
  readonly certificates: ReadonlyMap<string, readonly string[]>;
}

/** Modes of what a certificate change writes. */
export const CERTIFICATE_MODE = 0o644;
export const KEY_MODE = 0o600;

/** Reads the host, and nothing else. */
export async function observe(host: HostReader, desired: readonly Desired[]): Promise<ObservedDesired> {
  const paths = new Map<string, ObservedPath>();
  const certificates = new Map<string, readonly string[]>();
  for (const one of desired) {
    if (one.kind === 'certificate') {
      const spec = one.certificate;
      certificates.set(spec.certPath, await certificateShortcomings(host, spec));
      paths.set(spec.keyPath, { stat: await host.stat(spec.keyPath), same: true });
    } else {
      const stat = await host.stat(one.path);
      paths.set(one.path, { stat, same: await isSame(host, one, stat) });
    }
  }
  return { paths, certificates };
}

/** The changes that bring about what is desired, in its order; [] where all of it holds. */
export function difference(desired: readonly Desired[], observed: ObservedDesired): readonly Change[] {
  const touched = new Set<string>();
  return desired.flatMap(one => {
    const changes = changesFor(one, observed, touched);
    for (const change of changes) for (const path of pathsOf(change)) touched.add(path);
    return changes;
  });
}

function changesFor(
  one: Desired,
  observed: ObservedDesired,
  touched: ReadonlySet<string>,
): readonly Change[] {
  if (one.kind === 'certificate') return certificateChanges(one.certificate, observed, touched);
  const { stat, same } = observed.paths.get(one.path) ?? { stat: undefined, same: false };
  switch (one.kind) {
    case 'file': {
      const stale = isComposed(one.content) && filesOf(one.content).some(path => touched.has(path));
      const holds = stat?.kind === 'file' && same && stat.mode === one.mode && !stale;
      return holds ? [] : [{ kind: 'write', path: one.path, content: one.content, mode: one.mode }];
    }
    case 'directory': {
      const holds = stat?.kind === 'directory' && stat.mode === one.mode;
      return holds ? [] : [{ kind: 'directory', path: one.path, mode: one.mode }];
    }
    case 'link':
      return stat?.kind === 'link' && same ? [] : [{ kind: 'link', path: one.path, target: one.target }];
    case 'absent':
      return stat === undefined ? [] : [{ kind: 'remove', path: one.path }];
  }
}

function certificateChanges(
  spec: CertificateSpec,
  observed: ObservedDesired,
  touched: ReadonlySet<string>,
): readonly Change[] {
  const reasons = observed.certificates.get(spec.certPath) ?? ['absent'];
  const newIssuer = spec.issuer !== undefined && touched.has(spec.issuer.certPath);
  if (reasons.length > 0 || newIssuer) {
    if (spec.usage === 'ca') refuseToReplace(spec, reasons);
    return [{ kind: 'certificate', certificate: spec }];
  }
  const key = observed.paths.get(spec.keyPath)?.stat;
  if (key === undefined || key.mode === KEY_MODE) return [];
  return [
    {
      kind: 'run',
      title: `Let only root read ${spec.keyPath}`,
      command: { file: 'chmod', args: [KEY_MODE.toString(8), spec.keyPath] },
      timeoutMs: 10_000,
      undo: [{ kind: 'paths', paths: [spec.keyPath] }],
    },
  ];
}

/** A CA that is there in whole or in part may have signed what others hold, so it is never written over; a key alone is taken up again. */
function refuseToReplace(spec: CertificateSpec, reasons: readonly string[]): void {
  if (reasons[0] === 'absent' || reasons[0] === 'the certificate is absent') return;
  throw new Failure({
    code: 'ca-unusable',
    message: `The CA at ${spec.certPath} cannot be used: ${reasons.join(', ')}. It is not replaced, because other hosts may trust it.`,
    hint: `Put the right pair at ${spec.certPath} and ${spec.keyPath}, or move both away to have a new CA made.`,
  });
}

async function certificateShortcomings(host: HostReader, spec: CertificateSpec): Promise<readonly string[]> {
  const [cert, key, issuer] = await Promise.all([
    host.read(spec.certPath),
    host.read(spec.keyPath),
    spec.issuer && host.read(spec.issuer.certPath),
  ]);
  return shortcomings(spec, { cert, key, issuer }, new Date());
}

async function isSame(
  host: HostReader,
  one: Exclude<Desired, { kind: 'certificate' }>,
  stat: FileStat | undefined,
): Promise<boolean> {
  if (one.kind === 'file' && stat?.kind === 'file') {
    const { bytes: wanted } = await contentBytes(host, one.content);
    const found = await host.read(one.path);
    return wanted !== undefined && found !== undefined && found.equals(wanted);
  }
  if (one.kind === 'link' && stat?.kind === 'link') {
    const { code, stdout } = await host.query({ file: 'readlink', args: ['--', one.path] });
    return code === 0 && stdout.replace(/\n$/, '') === one.target;
  }
  return false;
}

function pathsOf(change: Change): readonly string[] {
  if (change.kind === 'certificate') return [change.certificate.certPath, change.certificate.keyPath];
  return 'path' in change ? [change.path] : [];
}
