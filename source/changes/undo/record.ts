import { constants } from 'node:fs';
import { chmod, copyFile, mkdir, open, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ChangeContext, PerformableChange } from '../../engine/apply';
import { Failure } from '../../engine/failure';
import type { HostReader } from '../../engine/host';
import type { Inverse, UndoEntry, UndoHeader } from './inverse';
import { subjectOf } from './inverse';
import { inversesOf, type Found } from './look';

/** Where a record is kept: lines, and the former bytes of files beside them. What has been given is on the disk once the promise resolves. */
export interface UndoStore {
  append(line: string): Promise<void>;
  keep(name: string, bytes: Buffer): Promise<void>;
  /** The same of a file of this host that is too large for memory. */
  copy(name: string, path: string): Promise<void>;
}

/** Of these a record says only that they were: their way back is another one. */
const MARKED_ONLY = ['reset', 'readd-member'];

/** What takes back the changes of one run, written before each of them. Nothing is written for a run that changes nothing. */
export class UndoRecord {
  readonly #known = new Set<string>();
  #count = 0;
  #begun = false;
  #last: Promise<void> = Promise.resolve();

  constructor(
    private readonly store: UndoStore,
    private readonly header: UndoHeader,
  ) {}

  /** To be called, and awaited, before the change is made; `place` is the other host that it is made on. */
  async before(
    host: HostReader,
    change: PerformableChange,
    context: Pick<ChangeContext, 'step'>,
    place?: string,
  ): Promise<void> {
    const found = MARKED_ONLY.includes(this.header.command) ? [] : await inversesOf(host, change);
    const written = this.#last.then(() => this.#write(found, context, place));
    this.#last = written.catch(() => undefined);
    await written.catch((error: unknown) => {
      throw new Failure({
        code: 'undo-not-written',
        message: `What takes a change back could not be written down, so the change is not made.`,
        hint: 'Make room on the file system of /var/lib/kube-el7-install, or mend it, and try again.',
        seen: [error instanceof Error ? error.message : String(error)],
      });
    });
  }

  /** One at a time, in order; what has been written down about the same thing before is what counts. */
  async #write(
    found: readonly Found[],
    { step }: Pick<ChangeContext, 'step'>,
    place: string | undefined,
  ): Promise<void> {
    const lines: string[] = [];
    const subjects: string[] = [];
    if (!this.#begun) lines.push(JSON.stringify(this.header));
    const begun = this.#known.has(`${place ?? ''} cluster`);
    for (const one of found) {
      const { inverse, bytes, beforeCluster } = one;
      if (beforeCluster === true && begun) continue;
      const subject = `${place ?? ''} ${subjectOf(inverse)}`;
      const known = this.#known.has(subject) || subjects.includes(subject);
      // What was written later is noted too: by that it is known whether somebody else has changed it since.
      const wrote =
        inverse.kind === 'path' && inverse.wrote !== undefined ? `${subject} ${inverse.wrote}` : '';
      if (known && (wrote === '' || this.#known.has(wrote))) continue;
      this.#count += 1;
      const name = String(this.#count);
      if (bytes !== undefined && !known) await this.store.keep(name, bytes);
      if (one.large !== undefined && !known) await this.#copy(one, name, place);
      const entry: UndoEntry = {
        n: this.#count,
        ...(place === undefined ? {} : { host: place }),
        step: step?.id ?? 'changes',
        title: step?.title ?? 'Changes',
        inverse: named(inverse, name),
        ...(beforeCluster === undefined ? {} : { beforeCluster }),
      };
      subjects.push(subject, wrote);
      lines.push(JSON.stringify(entry));
    }
    if (lines.length === 0) return;
    await this.store.append(lines.map(line => `${line}\n`).join(''));
    this.#begun = true;
    for (const subject of subjects) this.#known.add(subject);
  }

  async #copy({ inverse, large = 0 }: Found, name: string, place: string | undefined): Promise<void> {
    if (inverse.kind !== 'path') return;
    if (place !== undefined) throw tooLarge(inverse.path, place, large);
    await this.store.copy(name, inverse.path);
  }
}

/** Its bytes would have to come through this program's memory. */
function tooLarge(path: string, place: string, bytes: number): Error {
  const size = `${Math.ceil(bytes / 2 ** 20)} MiB`;
  return new Error(
    `${path} on ${place} has ${size}, which is too much to be kept here. Move it away there first.`,
  );
}

function named(inverse: Inverse, name: string): Inverse {
  if (inverse.kind === 'packages') return { ...inverse, before: name };
  if (inverse.kind !== 'path' || inverse.former.was !== 'file') return inverse;
  return { ...inverse, former: { ...inverse.former, kept: name } };
}

/** A record in files of this host that only root reads: RUN.jsonl, and the former bytes in RUN/. */
export class UndoFiles implements UndoStore {
  #lines: FileHandle | undefined;

  constructor(
    private readonly directory: string,
    private readonly run: string,
  ) {}

  async append(line: string): Promise<void> {
    if (this.#lines === undefined) {
      await makeDirectory(this.directory);
      this.#lines = await open(join(this.directory, `${this.run}.jsonl`), 'a', 0o600);
      await syncDirectory(this.directory);
    }
    await this.#lines.writeFile(line);
    await this.#lines.sync();
  }

  async keep(name: string, bytes: Buffer): Promise<void> {
    const folder = join(this.directory, this.run);
    await makeDirectory(folder);
    const { O_CREAT, O_TRUNC, O_WRONLY } = constants;
    const file = await open(join(folder, name), O_CREAT | O_TRUNC | O_WRONLY, 0o600);
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await syncDirectory(folder);
  }

  async copy(name: string, path: string): Promise<void> {
    const folder = join(this.directory, this.run);
    await makeDirectory(folder);
    const to = join(folder, name);
    // The kernel copies, or shares the blocks where the file system can.
    await copyFile(path, to, constants.COPYFILE_FICLONE);
    const file = await open(to, 'r+');
    try {
      await file.chmod(0o600);
      await file.sync();
    } finally {
      await file.close();
    }
    await syncDirectory(folder);
  }

  async close(): Promise<void> {
    await this.#lines?.close();
    this.#lines = undefined;
  }
}

async function makeDirectory(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  await chmod(path, 0o700);
  await syncDirectory(dirname(path));
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
