import type { CertificateSpec, Change, Content } from '../engine/change';
import type { ChangeContext, PerformableChange } from '../engine/apply';
import { reasonIn, sentenceOf } from '../engine/answer';
import { Failure } from '../engine/failure';
import type { Command, CommandResult, Host } from '../engine/host';
import { Secret } from '../engine/secret';
import { commandLine } from '../engine/watch';
import { makeCertificate } from '../pki/make';
import { parseKey } from '../pki/read';
import { contentBytes } from './compose';
import { CERTIFICATE_MODE, KEY_MODE } from './desired';
import { yumCommand } from './yum';

const INSTALL_MS = 20 * 60 * 1000;
const SERVICE_MS = 3 * 60 * 1000;
const LINES_SHOWN = 15;

const FILE_ERRORS: Readonly<Record<string, string>> = {
  ENOSPC: 'the file system is full',
  EDQUOT: 'the disk quota is used up',
  EROFS: 'the file system is read-only',
  EACCES: 'permission is denied',
  EPERM: 'it is not permitted (is the file immutable? see lsattr)',
  EISDIR: 'a directory stands in its place',
  ENOTDIR: 'a file stands where a directory must be',
  EEXIST: 'something else stands in its place',
};

type ServiceChange = Extract<Change, { kind: 'service' }>;

/** Makes one change; every kind can be made twice with the same end. A command that fails is the Failure "command-failed". */
export async function perform(host: Host, change: PerformableChange, context: ChangeContext): Promise<void> {
  await legible(placeOf(change), () => performKind(host, change, context));
}

async function performKind(host: Host, change: PerformableChange, context: ChangeContext): Promise<void> {
  switch (change.kind) {
    case 'write':
      await host.write(change.path, await contentOf(host, change.path, change.content, context), change.mode);
      return;
    case 'directory':
      await host.makeDirectory(change.path, change.mode);
      return;
    case 'link':
      await host.link(change.path, change.target);
      return;
    case 'remove':
      await host.remove(change.path);
      return;
    case 'install':
      await install(host, change.packages, context);
      return;
    case 'service':
      await execute(host, serviceTitle(change), serviceCommand(change), SERVICE_MS, context);
      return;
    case 'certificate':
      await certify(host, change.certificate, context);
      return;
    case 'run': {
      const { title, command, timeoutMs, already, keepOutput: kept } = change;
      const { stdout } = await execute(host, title, command, timeoutMs, context, already);
      if (kept) await host.write(kept.path, Buffer.from(stdout), kept.mode);
    }
  }
}

/** What a file system refuses (full, read-only, something else in the way) is foreseen, and no fault of the installer. */
async function legible(place: string | undefined, change: () => Promise<void>): Promise<void> {
  try {
    await change();
  } catch (error) {
    const { code, path, syscall } = error as NodeJS.ErrnoException;
    if (
      !(error instanceof Error) ||
      error instanceof Failure ||
      code === undefined ||
      syscall === undefined
    ) {
      throw error;
    }
    throw new Failure({
      code: 'file-not-written',
      message: `${place ?? path ?? 'A file'} cannot be changed: ${FILE_ERRORS[code] ?? code}.`,
      hint: 'Mend that and retry; what was there before is untouched.',
      seen: [error.message],
    });
  }
}

/** What a change writes; an error of a file that is open does not name it, and that of a new one names it as it is called until it is whole. */
function placeOf(change: PerformableChange): string | undefined {
  if (change.kind === 'certificate') return `${change.certificate.certPath} or its key`;
  if (change.kind === 'run') return change.keepOutput?.path;
  return 'path' in change ? change.path : undefined;
}

/** The command behind a service change. */
export function serviceCommand(change: ServiceChange): Command {
  const args = change.action === 'reload-units' ? ['daemon-reload'] : [change.action, change.unit];
  return { file: 'systemctl', args };
}

function serviceTitle(change: ServiceChange): string {
  return commandLine(serviceCommand(change));
}

/** yum ends with 0 also where it left a package out, so rpm is asked for each of them. */
async function install(host: Host, packages: readonly string[], context: ChangeContext): Promise<void> {
  await execute(
    host,
    `Installing ${packages.join(', ')}`,
    yumCommand('install', packages),
    INSTALL_MS,
    context,
  );
  const missing: string[] = [];
  for (const name of packages) {
    const { code } = await host.query({ file: 'rpm', args: ['-q', name] });
    // What yum takes may also be a name that another package provides.
    const named =
      code === 0 || (await host.query({ file: 'rpm', args: ['-q', '--whatprovides', name] })).code === 0;
    if (!named) missing.push(name);
  }
  if (missing.length === 0) return;
  throw new Failure({
    code: 'package-not-installed',
    message: `yum reported success, but ${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} not installed.`,
    hint: `See whether a repository offers ${missing.length === 1 ? 'it' : 'them'}: yum --showduplicates list ${missing.join(' ')}. Look for includepkgs= in /etc/yum.repos.d, and at yum versionlock list.`,
  });
}

async function execute(
  host: Host,
  title: string,
  command: Command,
  timeoutMs: number,
  context: ChangeContext,
  already?: string,
): Promise<CommandResult> {
  const last: string[] = [];
  context.note(`$ ${commandLine(command)}`);
  const result = await host.execute(command, {
    timeoutMs,
    onLine: (stream, line) => {
      context.output(stream, line);
      last.push(line);
      if (last.length > LINES_SHOWN) last.shift();
    },
  });
  context.note(`exit code ${result.code}`);
  const accepted = already !== undefined && new RegExp(already).test(last.join('\n'));
  if (result.code !== 0 && !accepted) throw commandFailed(title, command, timeoutMs, result, last);
  return result;
}

function commandFailed(
  title: string,
  command: Command,
  timeoutMs: number,
  { code, stderr }: CommandResult,
  last: readonly string[],
): Failure {
  const seen = (last.length > 0 ? last : stderr.split('\n'))
    .flatMap(line => sentenceOf(line) ?? [])
    .slice(-LINES_SHOWN);
  const why = reasonIn(seen);
  const what =
    code === 127
      ? `the program ${command.file} does not exist on this host`
      : code === 124
        ? `${command.file} did not end within ${Math.round(timeoutMs / 1000)} s and was stopped`
        : `${command.file} ended with exit code ${code}${why === undefined ? '' : `: ${why.replace(/[.\s]+$/, '')}`}`;
  return new Failure({
    code: 'command-failed',
    message: `${title}: ${what}.`,
    hint: `What its last lines name has to be mended; the log has all of them. The command was: ${commandLine(command)}`,
    ...(seen.length > 0 && { seen }),
  });
}

async function contentOf(
  host: Host,
  path: string,
  content: Content,
  context: ChangeContext,
): Promise<Buffer> {
  const { bytes, missing, secrets } = await contentBytes(host, content);
  for (const secret of secrets) context.secret(secret);
  if (bytes !== undefined) return bytes;
  throw new Failure({
    code: 'file-missing',
    message: `${path} is made from ${missing ?? 'a file'}, which does not exist.`,
    hint: 'An earlier step makes that file: go back to it.',
  });
}

/** The key first: a crash in between leaves a pair that does not hold and is made again, never a certificate whose key is lost. */
async function certify(host: Host, spec: CertificateSpec, context: ChangeContext): Promise<void> {
  const issuer = spec.issuer && {
    cert: await mustRead(host, spec.issuer.certPath, spec.certPath),
    key: new Secret(await mustRead(host, spec.issuer.keyPath, spec.certPath)),
  };
  const kept = spec.usage === 'ca' ? await keyLeftAlone(host, spec) : undefined;
  const made = await makeCertificate(spec, { ...(issuer && { issuer }), ...(kept && { key: kept }) });
  context.secret(made.key);
  await host.write(spec.keyPath, Buffer.from(made.key.reveal()), KEY_MODE);
  await host.write(spec.certPath, Buffer.from(made.cert), CERTIFICATE_MODE);
}

/** A CA's key that stands alone may have signed something: it is taken up again rather than replaced. */
async function keyLeftAlone(host: Host, spec: CertificateSpec): Promise<Secret | undefined> {
  const bytes = await host.read(spec.keyPath);
  if (bytes === undefined || parseKey(bytes) === undefined) return undefined;
  return new Secret(bytes.toString('utf8'));
}

async function mustRead(host: Host, path: string, wanted: string): Promise<string> {
  const bytes = await host.read(path);
  if (bytes !== undefined) return bytes.toString('utf8');
  throw new Failure({
    code: 'file-missing',
    message: `${wanted} cannot be signed: ${path} does not exist.`,
    hint: `Put the CA's certificate and key in place, or go back to the step that makes them.`,
  });
}
