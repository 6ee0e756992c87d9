import { open } from 'node:fs/promises';
import { constants, gunzip } from 'node:zlib';
import { promisify } from 'node:util';
import type { Event } from '../engine/event';
import { LARGEST_JOURNAL, parseJournal } from '../engine/journal';
import type { Problem } from '../variables/settings';
import { drawable } from './drawable';

/** A journal as it can be played: its events, safe to draw, and how many of its lines were left out. */
export interface Recording {
  readonly events: readonly Event[];
  readonly skipped: number;
  readonly newer: number;
}

const PIECE = 1024 * 1024;
const RIGHT = 'a journal of this program, such as /var/lib/kube-el7-install/journal.jsonl';
const LARGEST_MIB = LARGEST_JOURNAL / PIECE;

/** Reads a journal, also a gzipped one or what comes through a pipe; what cannot be played is a problem that says why. */
export async function readRecording(
  path: string,
): Promise<{ readonly recording: Recording } | { readonly problem: Problem }> {
  const refused = (wrong: string) => ({
    problem: { field: 'journal', value: path.slice(0, 200), where: 'argument', wrong, right: RIGHT },
  });
  let bytes: Buffer | undefined;
  try {
    bytes = await readAtMost(path, LARGEST_JOURNAL);
  } catch (error) {
    return refused(reasonOf(error));
  }
  if (bytes === undefined) return refused(`is larger than ${LARGEST_MIB} MiB, which no journal is`);
  if (bytes.length === 0) return refused('is empty');
  const text = await unpacked(bytes);
  if (text === undefined) return refused('is compressed, and cannot be unpacked');
  const { events, skipped, newer } = parseJournal(text);
  if (events.length > 0) return { recording: { events: events.map(drawable), skipped, newer } };
  if (newer > 0) return refused('was written by a later version of this program');
  return refused(`is no journal: none of its ${lineCount(skipped)} is an event`);
}

/** What was left out of a recording, in a sentence; empty where nothing was. */
export function leftOut({ skipped, newer }: Recording): string {
  if (skipped === 0) return '';
  const [are, say] = skipped === 1 ? ['is', 'says'] : ['are', 'say'];
  const late = newer === 0 ? '' : `; ${newer} of them ${newer === 1 ? 'is' : 'are'} of a later version`;
  return `${lineCount(skipped)} ${are} left out, which ${say} nothing: cut off, or altered${late}.`;
}

function lineCount(lines: number): string {
  return `${lines} ${lines === 1 ? 'line' : 'lines'}`;
}

async function readAtMost(path: string, most: number): Promise<Buffer | undefined> {
  const file = await open(path, 'r');
  try {
    const pieces: Buffer[] = [];
    let length = 0;
    for (;;) {
      const piece = Buffer.alloc(PIECE);
      const { bytesRead } = await file.read(piece, 0, PIECE, null);
      if (bytesRead === 0) return Buffer.concat(pieces);
      length += bytesRead;
      if (length > most) return undefined;
      pieces.push(piece.subarray(0, bytesRead));
    }
  } finally {
    await file.close();
  }
}

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return 'is not there';
    case 'EISDIR':
      return 'is a folder';
    case 'EACCES':
    case 'EPERM':
      return 'may not be read by this user';
    default:
      return `cannot be read: ${message}`;
  }
}

/** A gzipped file that was cut short gives what is whole in it. */
async function unpacked(bytes: Buffer): Promise<string | undefined> {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes.toString('utf8');
  try {
    const options = { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: LARGEST_JOURNAL };
    return (await promisify(gunzip)(bytes, options)).toString('utf8');
  } catch {
    return undefined;
  }
}
