import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { chmod, lstat, mkdir, open, readdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import type {
  Command,
  CommandResult,
  ExecuteOptions,
  FileStat,
  Host,
  HttpOutcome,
  HttpRequest,
} from '../engine/host';
import { localRequest } from './local-request';
import { runProgram } from './program';
import { isTemporaryOf } from './temporary';

const QUERY_MS = 30_000;

/** The host that the installer runs on. */
export class LocalHost implements Host {
  readonly name: string;
  readonly #run: string | undefined;

  /** `run` marks the programs that it starts, so that those of a killed run can be found again. */
  constructor(options: { readonly name?: string; readonly run?: string } = {}) {
    this.name = options.name ?? hostname();
    this.#run = options.run;
  }

  async read(path: string): Promise<Buffer | undefined> {
    return unlessAbsent(readFile(path));
  }

  async stat(path: string): Promise<FileStat | undefined> {
    const found = await unlessAbsent(lstat(path));
    if (!found) return undefined;
    const kind = found.isFile()
      ? 'file'
      : found.isDirectory()
        ? 'directory'
        : found.isSymbolicLink()
          ? 'link'
          : 'other';
    return { kind, mode: found.mode & 0o7777, size: found.size };
  }

  async list(path: string): Promise<readonly string[] | undefined> {
    return (await unlessAbsent(readdir(path)))?.sort();
  }

  query(command: Command, options: { readonly timeoutMs?: number } = {}): Promise<CommandResult> {
    return runProgram(command, { timeoutMs: options.timeoutMs ?? QUERY_MS, run: this.#run });
  }

  request(request: HttpRequest): Promise<HttpOutcome> {
    return localRequest(request);
  }

  async write(path: string, content: Buffer, mode: number): Promise<void> {
    await this.#replace(path, async temporary => {
      const file = await open(temporary, constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY, mode);
      try {
        // The mode given to open is cut by the umask.
        await file.chmod(mode);
        await file.writeFile(content);
        await file.sync();
      } finally {
        await file.close();
      }
    });
  }

  async makeDirectory(path: string, mode: number): Promise<void> {
    await mkdir(path, { recursive: true, mode: 0o755 });
    await chmod(path, mode);
    await syncDirectory(dirname(path));
  }

  async link(path: string, target: string): Promise<void> {
    await this.#replace(path, temporary => symlink(target, temporary));
  }

  async remove(path: string): Promise<void> {
    const found = await unlessAbsent(lstat(path));
    if (!found) return;
    await rm(path, { force: true });
    await syncDirectory(dirname(path));
  }

  execute(command: Command, options: ExecuteOptions): Promise<CommandResult> {
    return runProgram(command, { ...options, run: this.#run, outlive: true });
  }

  /** Temporary files end in a name that neither the kubelet's manifest directory (a leading dot) nor systemd takes for its own. */
  async #replace(path: string, make: (temporary: string) => Promise<void>): Promise<void> {
    const directory = dirname(path);
    await mkdir(directory, { recursive: true, mode: 0o755 });
    const name = path.slice(directory.length).replace(/^\//, '');
    await removeLeftovers(directory, name);
    const temporary = `${directory}/.${name}.${randomBytes(6).toString('hex')}.new`;
    try {
      await make(temporary);
      await rename(temporary, path);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
    await syncDirectory(directory);
  }
}

/** What a run that was killed in the middle of writing this file left beside it. */
async function removeLeftovers(directory: string, name: string): Promise<void> {
  for (const other of await readdir(directory)) {
    if (isTemporaryOf(name, other)) await rm(`${directory}/${other}`, { force: true });
  }
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

/** Undefined where there is nothing at the path: no such file, or a parent that is none or is a file. */
async function unlessAbsent<Value>(found: Promise<Value>): Promise<Value | undefined> {
  try {
    return await found;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}
