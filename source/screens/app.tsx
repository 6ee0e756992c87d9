import { EventEmitter } from 'node:events';
import { render } from 'ink';
import { Screens } from './screens';
import type { ShownSession } from './session/shown-session';
import type { Terminal } from './terminal/terminal';

/** Ink at work. */
export interface App {
  close(): void;
}

/** What Ink takes for a terminal: it hands each whole frame on, and never sees the cursor or the resizing of the real one. */
class FrameStream extends EventEmitter {
  readonly #terminal: Terminal;

  constructor(terminal: Terminal) {
    super();
    this.#terminal = terminal;
  }

  get columns(): number {
    return this.#terminal.size.columns;
  }

  write(frame: string): boolean {
    this.#terminal.draw(frame);
    return true;
  }
}

/** Draws the session's state on the terminal from now on. This module is loaded after the first frame: it brings Ink and React. */
export function show(session: ShownSession, terminal: Terminal): App {
  const stream = new FrameStream(terminal) as unknown as NodeJS.WriteStream;
  const app = render(<Screens session={session} colour={terminal.colour} />, {
    stdout: stream,
    stderr: stream,
    stdin: session.listKeys as unknown as NodeJS.ReadStream,
    debug: true,
    exitOnCtrlC: false,
    patchConsole: false,
  });
  app.waitUntilExit().catch(session.fail);
  return { close: app.unmount };
}
