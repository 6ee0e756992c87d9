import { createHash } from 'node:crypto';
import type { Change } from '../../engine/change';
import type { FileStat, HostReader } from '../../engine/host';
import { SecretBytes } from '../../engine/secret';
import { LARGE, type Former } from '../../changes/undo/inverse';

/** Some gigabytes on a slow disk. */
const LARGE_MS = 10 * 60_000;

/** A path as it was, and what is needed to bring that about. */
export interface FormerPath {
  readonly path: string;
  readonly former: Former;
  /** A file's bytes, and where this host has them; another host gets them written. */
  readonly bytes?: Buffer;
  readonly kept?: string;
  readonly wrote: readonly string[];
}

/** How a path differs from what it was; undefined where it does not. */
export interface Difference {
  readonly now: FileStat['kind'] | undefined;
  /** Neither as it was nor as it was written: somebody else has changed it. */
  readonly changedSince: boolean;
}

/** Directories that were not there are looked at last of all, when everything in them is gone. */
export async function differs(host: HostReader, wanted: FormerPath): Promise<Difference | undefined> {
  const { path, former, wrote } = wanted;
  const stat = await host.stat(path);
  if (former.was === 'absent' && (stat === undefined || stat.kind === 'directory')) return undefined;
  const isFile = stat?.kind === 'file';
  const asItWas = former.was === 'file' && isFile && (await isSame(host, wanted, stat.size));
  if (asItWas && stat.mode === former.mode) return undefined;
  if (former.was === 'directory' && stat?.kind === 'directory' && stat.mode === former.mode) return undefined;
  if (former.was === 'link' && stat?.kind === 'link') {
    const { stdout } = await host.query({ file: 'readlink', args: ['--', path] });
    if (stdout.replace(/\n$/, '') === former.target) return undefined;
  }
  const changedSince =
    isFile && wrote.length > 0 && !asItWas && !wrote.includes(await digestOf(host, path, stat.size));
  return { now: stat?.kind, changedSince };
}

/** Whether a file is what was kept of it; what is large is compared by a program. */
async function isSame(host: HostReader, { path, bytes, kept }: FormerPath, size: number): Promise<boolean> {
  if (bytes !== undefined) return size === bytes.length && (await host.read(path))?.equals(bytes) === true;
  if (kept === undefined) return false;
  const command = { file: 'cmp', args: ['--silent', '--', path, kept] };
  return (await host.query(command, { timeoutMs: LARGE_MS })).code === 0;
}

async function digestOf(host: HostReader, path: string, size: number): Promise<string> {
  if (size > LARGE) {
    const command = { file: 'sha256sum', args: ['--', path] };
    return (await host.query(command, { timeoutMs: LARGE_MS })).stdout.slice(0, 64);
  }
  const found = await host.read(path);
  return found === undefined ? '' : createHash('sha256').update(found).digest('hex');
}

/** Brings a path back to what it was; what somebody else has made of it is kept aside. */
export function putBack(wanted: FormerPath, { changedSince }: Difference, aside: string): readonly Change[] {
  const { path, former } = wanted;
  const saved = changedSince ? [setAside(path, aside)] : [];
  switch (former.was) {
    case 'absent':
      return [...saved, { kind: 'remove', path }];
    case 'link':
      return [{ kind: 'link', path, target: former.target }];
    case 'directory':
      return [{ kind: 'directory', path, mode: former.mode }];
    case 'file':
      return [...saved, ...file(wanted, former.mode)];
  }
}

function file({ path, bytes, kept }: FormerPath, mode: number): readonly Change[] {
  if (kept === undefined) {
    return [{ kind: 'write', path, content: new SecretBytes(bytes ?? Buffer.alloc(0)), mode }];
  }
  const half = `${path.replace(/[^/]+$/, '')}.kube-el7-install-undo.new`;
  const run = (title: string, command: string, ...args: readonly string[]): Change => ({
    ...{ kind: 'run', title, timeoutMs: LARGE_MS },
    command: { file: command, args },
  });
  return [
    run(
      `Take ${path} as it was out of ${kept}`,
      ...(['install', '-D', `--mode=0${mode.toString(8)}`, '--no-target-directory', kept, half] as const),
    ),
    run(`Put back ${path}`, 'mv', '--force', '--no-target-directory', half, path),
  ];
}

function setAside(path: string, aside: string): Change {
  const to = `${aside}/${path.slice(1).replace(/\//g, '.')}`;
  return {
    kind: 'run',
    title: `Keep ${path} as it is now, which somebody has changed since, as ${to}`,
    command: { file: 'install', args: ['-D', '--mode=0600', '--no-target-directory', path, to] },
    timeoutMs: 60_000,
  };
}
