import { writeSync } from 'node:fs';
import {
  chmod,
  lstat,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  type FileHandle,
} from 'node:fs/promises';
import { join } from 'node:path';
import type { Event } from './event';
import { asEvent, isNewer } from './event-shape';
import { Failure } from './failure';
import { unfinishedIn, type Unfinished } from './unfinished';

/** Journals of earlier runs that are kept beside the current one. */
const KEPT = 10;
/** Far more than the journal of any run has; what is larger is none. */
export const LARGEST_JOURNAL = 64 * 1024 * 1024;
/** Of a run's id, in a file's name. */
const LONGEST_NAME = 60;
const CURRENT = 'journal.jsonl';
const EARLIER = /^journal-.+\.jsonl$/;

/** The run's own record: what is appended survives the process, what is synced survives the machine. */
export interface Journal {
  readonly path: string;
  /** True where the last run that started here did not end. */
  readonly resumed: boolean;
  /** What that run was writing when it was cut off. */
  readonly unfinished: readonly Unfinished[];
  append(event: Event): void;
  /** Resolves once all that was appended is on disk; a Failure where it could not be written. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** What a journal says, and how many of its lines say nothing: torn by a crash, altered, or (`newer`) of a later version. */
export interface JournalText {
  readonly events: readonly Event[];
  readonly skipped: number;
  readonly newer: number;
}

const NOTHING: JournalText = { events: [], skipped: 0, newer: 0 };
/** Something that is no journal lies where one should. */
const UNREADABLE: JournalText = { ...NOTHING, skipped: 1 };

/** Moves the journal of the run before aside and begins a new one. */
export async function openJournal(directory: string): Promise<Journal> {
  try {
    return await begun(directory);
  } catch (error) {
    throw notWritten(join(directory, CURRENT), error);
  }
}

async function begun(directory: string): Promise<Journal> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await chmod(directory, 0o700);
  const cutOff = await cutOffRun(directory);
  await moveAside(directory);
  const path = join(directory, CURRENT);
  const file = await open(path, 'a', 0o600);
  await syncDirectory(directory);
  return new JournalFile(path, cutOff, file);
}

/** Reads a journal; lines that are no event are counted and left out. An absent file is an empty journal. */
export async function readJournal(path: string): Promise<JournalText> {
  try {
    const found = await stat(path);
    if (!found.isFile() || found.size > LARGEST_JOURNAL) return UNREADABLE;
    return parseJournal(await readFile(path, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return NOTHING;
    throw error;
  }
}

/** The events in a journal's text, in its order. */
export function parseJournal(text: string): JournalText {
  const events: Event[] = [];
  let skipped = 0;
  let newer = 0;
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const value = parsed(line);
    const event = asEvent(value);
    if (event !== undefined) events.push(event);
    else skipped += 1;
    if (isNewer(value)) newer += 1;
  }
  return { events, skipped, newer };
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function notWritten(path: string, error: unknown): Failure {
  return new Failure({
    code: 'journal-not-written',
    message: `The journal ${path} cannot be written, so nothing further is changed.`,
    hint: 'Make room on the file system, or mend it, and try again.',
    seen: [error instanceof Error ? error.message : 'unknown error'],
  });
}

class JournalFile implements Journal {
  readonly resumed: boolean;
  readonly unfinished: readonly Unfinished[];
  readonly #file: FileHandle;
  readonly #waits = new Map<string, string>();
  #error: unknown;
  #torn = false;

  constructor(
    readonly path: string,
    cutOff: readonly Event[] | undefined,
    file: FileHandle,
  ) {
    this.resumed = cutOff !== undefined;
    this.unfinished = unfinishedIn(cutOff ?? []);
    this.#file = file;
  }

  append(event: Event): void {
    if (this.#repeats(event)) return;
    const line = Buffer.from(`${this.#torn ? '\n' : ''}${JSON.stringify(event)}\n`);
    try {
      let written = 0;
      while (written < line.length) written += writeSync(this.#file.fd, line, written);
      this.#torn = false;
    } catch (error) {
      this.#error = error;
      this.#torn = true;
    }
  }

  async sync(): Promise<void> {
    const error = this.#error ?? (await this.#flush());
    if (error === undefined) return;
    this.#error = undefined;
    throw notWritten(this.path, error);
  }

  async close(): Promise<void> {
    await this.#flush();
    await this.#file.close();
  }

  /** A wait that only goes on says nothing new. */
  #repeats(event: Event): boolean {
    if (event.type !== 'wait-progress') return false;
    const key = `${event.step}\n${event.title}`;
    if (this.#waits.get(key) === event.lastError) return true;
    this.#waits.set(key, event.lastError);
    return false;
  }

  async #flush(): Promise<unknown> {
    try {
      await this.#file.sync();
      return undefined;
    } catch (error) {
      return error;
    }
  }
}

/** Newest first; run ids sort by time. */
async function earlierJournals(directory: string): Promise<readonly string[]> {
  const names = await readdir(directory);
  return names
    .filter(name => EARLIER.test(name))
    .sort()
    .reverse();
}

/** The events of the last run, where it did not end. */
async function cutOffRun(directory: string): Promise<readonly Event[] | undefined> {
  for (const name of [CURRENT, ...(await earlierJournals(directory))]) {
    const { events } = await readJournal(join(directory, name));
    if (events.some(event => event.type === 'run-started')) {
      return events.some(event => event.type === 'run-finished') ? undefined : events;
    }
  }
  return undefined;
}

async function moveAside(directory: string): Promise<void> {
  const current = join(directory, CURRENT);
  const { events, skipped } = await readJournal(current);
  if (events.length > 0 || skipped > 0) await rename(current, join(directory, nameOf(events)));
  const own: string[] = [];
  for (const name of await earlierJournals(directory)) if (await isOwn(directory, name)) own.push(name);
  for (const name of own.slice(KEPT)) await rm(join(directory, name), { force: true });
}

/** What a journal is called once another run begins. */
function nameOf(events: readonly Event[]): string {
  const run = events[0]?.run.replace(/[^A-Za-z0-9-]/g, '').slice(0, LONGEST_NAME) ?? '';
  return `journal-${run === '' ? 'unreadable' : run}.jsonl`;
}

/** Whether it is a journal that was moved aside here: a file that tells of the run that its name has. Others' files stay. */
async function isOwn(directory: string, name: string): Promise<boolean> {
  const path = join(directory, name);
  if (!(await lstat(path)).isFile()) return false;
  const { events } = await readJournal(path);
  return events.length > 0 && nameOf(events) === name;
}

async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
