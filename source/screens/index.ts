import type { App } from './app';
import { farewell } from './farewell';
import { Session } from './session/session';
import { Terminal, type TerminalPorts } from './terminal/terminal';
import { needsAscii, toAscii } from './terminal/glyphs';
import { characterWidth } from './terminal/width';
import { openingFrame } from './wizard/opening';
import type { Installer } from '../installer';

interface ScreensOptions {
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
  signal.addEventListener('abort', stop);
  STOP_SIGNALS.forEach(name => ports.program.on(name, stop));
  terminal.enter({
    onKey: key => {
      session.dispatch({ type: 'key', key });
    },
    onResize: size => {
      session.dispatch({ type: 'resized', size });
    },
    onGone: stop,
  });
  let app: Promise<App> | undefined;
  try {
    const first = openingFrame(session.state, terminal.colour);
    if (first !== undefined) {
      terminal.draw(first);
    }
    session.open();
    app = import('./app').then(({ show }) => show(session, terminal));
    app.catch(session.fail);
    return await session.exit;
  } finally {
    signal.removeEventListener('abort', stop);
    STOP_SIGNALS.forEach(name => ports.program.off(name, stop));
    const last = farewell(session.state);
    session.close();
    terminal.leave();
    ports.output.write(needsAscii(ports.env) ? toAscii(last, characterWidth) : last);
    (await app?.catch(() => undefined))?.close();
  }
}
