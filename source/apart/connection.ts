import { createConnection, type Socket } from 'node:net';
import type { Event } from '../engine/event';
import { encode, Lines, readToClient, type Final, type Hello, type ToEngine } from './protocol';

/** How long an engine may take to say who it is. It has much to do when it starts on a busy host. */
const PATIENCE_MS = 30_000;

/** A client's side of the socket, once the engine has said who it is. */
export class EngineConnection {
  #hello: Hello | undefined;
  readonly #socket: Socket;
  readonly #kept: Event[] = [];
  #listener: ((event: Event) => void) | undefined;
  /** How it ended; undefined where the engine was gone without a word. */
  readonly final: Promise<Final | undefined>;

  private constructor(socket: Socket, greeted: () => void) {
    this.#socket = socket;
    const lines = new Lines();
    let final: Final | undefined;
    socket.setEncoding('utf8');
    socket.on('error', () => undefined);
    socket.on('data', (piece: string) => {
      for (const message of lines.take(piece).map(readToClient)) {
        if (message?.kind === 'hello') {
          this.#hello = message;
          greeted();
        } else if (message?.kind === 'event') {
          if (this.#listener === undefined) this.#kept.push(message.event);
          else this.#listener(message.event);
        } else if (message !== undefined) {
          final = message;
        }
      }
    });
    this.final = new Promise(resolve => {
      socket.on('close', () => {
        resolve(final);
      });
    });
  }

  /** Undefined where no engine is met there. */
  static async to(path: string): Promise<EngineConnection | undefined> {
    const socket = createConnection(path);
    let connection: EngineConnection | undefined;
    const there = await new Promise<boolean>(resolve => {
      const timer = setTimeout(resolve, PATIENCE_MS, false);
      connection = new EngineConnection(socket, () => {
        clearTimeout(timer);
        resolve(true);
      });
      socket.on('close', () => {
        clearTimeout(timer);
        resolve(false);
      });
    });
    if (!there) socket.destroy();
    return there ? connection : undefined;
  }

  get hello(): Hello {
    if (this.#hello === undefined) throw new Error('the engine has not said who it is');
    return this.#hello;
  }

  /** Calls it with every event of the run from its start, those that have been first. */
  listen(listener: (event: Event) => void): void {
    for (const event of this.#kept.splice(0)) listener(event);
    this.#listener = listener;
  }

  send(message: ToEngine): void {
    if (this.#socket.writable) this.#socket.write(encode(message));
  }

  close(): void {
    this.#socket.destroy();
  }
}
