import { chmod, mkdir, readdir, readlink, rename, rm, symlink } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { basename, join } from 'node:path';
import type { Ask, Listener, Question } from '../engine/event';
import { EngineConnection } from './connection';
import { engineSocket, runSocket } from './places';
import {
  encode,
  Lines,
  PROTOCOL_VERSION,
  readToEngine,
  type Final,
  type Hello,
  type ToEngine,
} from './protocol';

/** A client that takes nothing more than this is left behind until it does: what it has missed is kept once, for all. */
const AHEAD_BYTES = 256 * 1024;
const LONGEST_LINE = 64 * 1024;
/** How long the last words are waited for to be taken. */
const FAREWELL_MS = 3000;
/** How long whoever started the engine is waited for, where it has come to its end before anybody was there. */
const FIRST_MS = 20_000;

interface ServerOptions {
  readonly directory: string;
  readonly run: string;
  /** Whether questions wait for a client's answer. */
  readonly asks: boolean;
  readonly onStop: () => void;
  readonly onStopNow: () => void;
}

/** Removes what engines that were killed have left: sockets at which nobody is met. */
async function removeSilent(directory: string, run: string): Promise<void> {
  const own = [runSocket(directory, run), engineSocket(directory)];
  for (const name of await readdir(directory)) {
    const path = join(directory, name);
    if (!name.endsWith('.sock') || own.includes(path)) continue;
    const connection = await EngineConnection.to(path);
    if (connection === undefined) await rm(path, { force: true });
    else connection.close();
  }
}

/** Resolves once it has come about, or the time is over. */
async function within(ms: number, coming: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>(resolve => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([coming, late]);
  clearTimeout(timer);
}

/** One who takes part, and how far this one has been told. */
interface Client {
  readonly socket: Socket;
  told: number;
}

/** The engine's side of the socket: tells everybody everything from the run's start, and takes the first answer. Nobody who is slow, gone or talks nonsense is ever waited for. */
export class EngineServer {
  /** For the run's events. */
  readonly listener: Listener;
  readonly #options: ServerOptions;
  readonly #since = new Date().toISOString();
  readonly #server: Server;
  readonly #clients = new Set<Client>();
  /** Every message but the first, as it is sent. */
  readonly #lines: string[] = [];
  #open: { readonly question: Question; readonly answer: (choice: string) => void } | undefined;
  #published: Promise<void> | undefined;
  #ended = false;
  #met: () => void = () => undefined;
  readonly #first = new Promise<void>(resolve => {
    this.#met = resolve;
  });

  private constructor(options: ServerOptions) {
    this.#options = options;
    this.#server = createServer(socket => {
      this.#meet(socket);
    });
    this.listener = event => {
      // Events are heard only once the lock is held: from now on this is the engine at work.
      this.#published ??= this.#publish().catch(() => undefined);
      if (event.type === 'run-finished') this.#open = undefined;
      if (!this.#ended) this.#tell(encode({ kind: 'event', event }));
    };
  }

  /** Listens at the run's own socket. */
  static async open(options: ServerOptions): Promise<EngineServer> {
    const { directory, run } = options;
    await mkdir(directory, { recursive: true, mode: 0o700 });
    await chmod(directory, 0o700);
    const server = new EngineServer(options);
    const path = runSocket(directory, run);
    await rm(path, { force: true });
    await new Promise<void>((resolve, reject) => {
      server.#server.once('error', reject);
      server.#server.listen(path, resolve);
    });
    await chmod(path, 0o600);
    return server;
  }

  /** Resolves with the choice of whoever answers first; who attaches later finds the question among the events. */
  readonly ask: Ask = question =>
    new Promise(resolve => {
      this.#open = { question, answer: resolve };
    });

  /** Says how it ended, waits a little until everybody has heard, and is met no more. */
  async end(final: Final, patienceMs?: number): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    this.#tell(encode(final));
    await within(patienceMs ?? FIRST_MS, this.#first);
    const left = [...this.#clients].map(
      ({ socket }) => new Promise<void>(resolve => socket.once('close', resolve)),
    );
    await within(patienceMs ?? FAREWELL_MS, Promise.all(left));
    for (const { socket } of this.#clients) socket.destroy();
    this.#server.close();
    await this.#withdraw();
  }

  #meet(socket: Socket): void {
    const client: Client = { socket, told: 0 };
    const lines = new Lines(LONGEST_LINE);
    const { run, asks } = this.#options;
    const hello: Hello = {
      kind: 'hello',
      v: PROTOCOL_VERSION,
      ...{ run, asks, pid: process.pid, since: this.#since, past: this.#lines.length },
    };
    this.#clients.add(client);
    this.#met();
    socket.setEncoding('utf8');
    socket.on('error', () => undefined);
    socket.on('close', () => this.#clients.delete(client));
    socket.on('drain', () => {
      this.#pump(client);
    });
    socket.on('data', (piece: string) => {
      for (const line of lines.take(piece)) this.#hear(readToEngine(line));
    });
    socket.write(encode(hello));
    this.#pump(client);
  }

  #tell(line: string): void {
    this.#lines.push(line);
    for (const client of this.#clients) this.#pump(client);
  }

  /** Sends what this one has not been told, as far as it takes it; the rest follows once it has. */
  #pump(client: Client): void {
    const { socket } = client;
    while (client.told < this.#lines.length && socket.writable && socket.writableLength < AHEAD_BYTES) {
      socket.write(this.#lines[client.told] ?? '');
      client.told += 1;
    }
    if (this.#ended && client.told === this.#lines.length && socket.writable) socket.end();
  }

  #hear(message: ToEngine | undefined): void {
    switch (message?.kind) {
      case 'stop':
        this.#options.onStop();
        return;
      case 'stop-now':
        this.#options.onStopNow();
        return;
      case 'answer':
        this.#answered(message.id, message.choice);
        return;
      default:
    }
  }

  /** The first answer that is one counts; a later one, or one to another question, is heard by nobody. */
  #answered(id: string, choice: string): void {
    const open = this.#open;
    if (open?.question.id !== id || !open.question.choices.some(one => one.id === choice)) return;
    this.#open = undefined;
    open.answer(choice);
  }

  async #publish(): Promise<void> {
    const { directory, run } = this.#options;
    const link = `${engineSocket(directory)}.${run}`;
    await rm(link, { force: true });
    await symlink(basename(runSocket(directory, run)), link);
    await rename(link, engineSocket(directory));
    await removeSilent(directory, run);
  }

  async #withdraw(): Promise<void> {
    await this.#published;
    const { directory, run } = this.#options;
    const path = engineSocket(directory);
    const target = await readlink(path).catch(() => undefined);
    if (target === basename(runSocket(directory, run))) await rm(path, { force: true });
    await rm(runSocket(directory, run), { force: true });
  }
}
