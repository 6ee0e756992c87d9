import { constants } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { scratchDirectory } from './scratch';

const PAUSE_MS = 200;
const PIECE = 16 * 1024;

/**
 * Where a program writes instead of into a pipe, so that it goes on to its end, and is not ended by SIGPIPE in the
 * middle of its work, when whoever started it is gone. The file has no name, so what is in it leaves nothing behind.
 */
export class Spool {
  readonly #piece = Buffer.alloc(PIECE);
  #position = 0;
  #following: Promise<void> | undefined;
  #ended = false;
  #wake: () => void = () => undefined;

  private constructor(
    private readonly file: FileHandle,
    private readonly take: (chunk: Buffer) => void,
  ) {}

  /** `take` gets what is written, piece by piece, in order. */
  static async open(take: (chunk: Buffer) => void): Promise<Spool> {
    const directory = await scratchDirectory();
    try {
      const { O_APPEND, O_CREAT, O_EXCL, O_RDWR } = constants;
      const file = await open(join(directory, 'output'), O_RDWR | O_CREAT | O_EXCL | O_APPEND, 0o600);
      const spool = new Spool(file, take);
      spool.#following = spool.#follow();
      return spool;
    } finally {
      await rm(directory, { recursive: true });
    }
  }

  /** The file descriptor to give to the program. */
  get descriptor(): number {
    return this.file.fd;
  }

  /** Takes what is left and closes the file. To be called once the program has ended. */
  async close(): Promise<void> {
    this.#ended = true;
    this.#wake();
    await this.#following;
    await this.#read();
    await this.file.close();
  }

  async #follow(): Promise<void> {
    while (!this.#ended) {
      await this.#read();
      await new Promise<void>(resolve => {
        const timer = setTimeout(resolve, PAUSE_MS);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
        if (this.#ended) this.#wake();
      });
    }
  }

  async #read(): Promise<void> {
    for (;;) {
      const { bytesRead, buffer } = await this.file.read(this.#piece, 0, PIECE, this.#position);
      if (bytesRead === 0) return;
      this.#position += bytesRead;
      this.take(buffer.subarray(0, bytesRead));
    }
  }
}
