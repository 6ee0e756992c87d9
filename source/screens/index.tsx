import { EventEmitter } from 'node:events';
import { render } from 'ink';
import { Screens } from './screens';
import { farewell } from './farewell';
import { Session } from './session/session';
import { Terminal, type TerminalPorts } from './terminal/terminal';
import { needsAscii, toAscii } from './terminal/glyphs';
import { characterWidth } from './terminal/width';
import type { Installer } from '../installer';

export interface ScreensOptions {
  readonly installer: Installer;
  /** Name and version, for the head line: "kube-el7-install 0.1.0". */
  readonly product: string;
  /** Aborted on a signal from outside: a run then stops after the current change. */
  readonly signal: AbortSignal;
  /** Writes the plan's text to a file and gives its path. */
  readonly savePlan: (text: string) => Promise<string>;
  /** The terminal of the process unless given. */
  readonly ports?: TerminalPorts;
  /** ms since 1970; Date.now unless given. */
  readonly clock?: () => number;
}

/** Closing the terminal or being told to end stops a run after its current change, as Ctrl-C and s do. */
const STOP_SIGNALS = ['SIGTERM', 'SIGHUP'] as const;

/** What Ink takes for a terminal: it hands each whole frame on, and never sees the keys, the cursor or the resizing of the real one. */
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

/** Opens the screens; resolves to the exit code after the terminal has been given back, and rejects only for a bug. */
export async function openScreens(options: ScreensOptions): Promise<number> {
  const { installer, product, signal, savePlan, clock = Date.now } = options;
  const ports = options.ports ?? {
    input: process.stdin,
    output: process.stdout,
    env: process.env,
    program: process,
  };
  const terminal = new Terminal(ports);
  const session = new Session({ installer, product, savePlan, size: terminal.size, clock });
  const stop = () => {
    session.dispatch({ type: 'stop' });
  };
  const stream = new FrameStream(terminal) as unknown as NodeJS.WriteStream;
  const ink = { stdout: stream, stderr: stream, stdin: new EventEmitter() as unknown as NodeJS.ReadStream };
  signal.addEventListener('abort', stop);
  STOP_SIGNALS.forEach(name => ports.program.on(name, stop));
  terminal.enter({
    onKey: key => {
      session.dispatch({ type: 'key', key });
    },
    onResize: size => {
      session.dispatch({ type: 'resized', size });
    },
  });
  let app: ReturnType<typeof render> | undefined;
  try {
    app = render(<Screens session={session} colour={terminal.colour} />, {
      ...ink,
      debug: true,
      exitOnCtrlC: false,
      patchConsole: false,
    });
    app.waitUntilExit().catch(session.fail);
    session.open();
    return await session.exit;
  } finally {
    signal.removeEventListener('abort', stop);
    STOP_SIGNALS.forEach(name => ports.program.off(name, stop));
    const last = farewell(session.state);
    session.close();
    terminal.leave();
    app?.unmount();
    ports.output.write(needsAscii(ports.env) ? toAscii(last, characterWidth) : last);
  }
}
