import { gzip } from 'node:zlib';
import { promisify } from 'node:util';

/** A file of an archive. */
export interface Entry {
  readonly name: string;
  readonly content: Buffer;
}

const BLOCK = 512;
/** Of the ustar format: what a name and the folder before it may have. */
const LONGEST_NAME = 100;
const LONGEST_FOLDER = 155;

/** An archive as tar writes it (ustar, POSIX 1003.1), gzipped; files belong to root and are for it alone. Made in memory, so that nothing unmasked ever lies on a disk. */
export async function tarball(entries: readonly Entry[], seconds: number): Promise<Buffer> {
  const blocks = entries.flatMap(entry => [
    header(entry, seconds),
    entry.content,
    Buffer.alloc((BLOCK - (entry.content.length % BLOCK)) % BLOCK),
  ]);
  return promisify(gzip)(Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK)]));
}

function header({ name, content }: Entry, seconds: number): Buffer {
  const block = Buffer.alloc(BLOCK);
  const [folder, file] = split(name);
  block.write(file, 0, LONGEST_NAME, 'latin1');
  block.write(octal(0o600, 8), 100, 'latin1');
  block.write(octal(0, 8), 108, 'latin1');
  block.write(octal(0, 8), 116, 'latin1');
  block.write(octal(content.length, 12), 124, 'latin1');
  block.write(octal(seconds, 12), 136, 'latin1');
  block.write(' '.repeat(8), 148, 'latin1');
  block.write('0', 156, 'latin1');
  block.write('ustar\0' + '00', 257, 'latin1');
  block.write(folder, 345, LONGEST_FOLDER, 'latin1');
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${octal(sum, 7)}\0 `, 148, 'latin1');
  return block;
}

function octal(value: number, width: number): string {
  return Math.max(0, Math.floor(value))
    .toString(8)
    .padStart(width - 1, '0');
}

/** The folder and the name in it, each short enough; what is too long for both loses its beginning. */
function split(name: string): readonly [string, string] {
  if (name.length <= LONGEST_NAME) return ['', name];
  const at = name.indexOf('/', name.length - LONGEST_NAME - 1);
  return at > 0 && at <= LONGEST_FOLDER
    ? [name.slice(0, at), name.slice(at + 1)]
    : ['', name.slice(-LONGEST_NAME)];
}
