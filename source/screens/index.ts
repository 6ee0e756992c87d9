import type { App } from './app';
import { farewell } from './farewell';
import type { Offers, Opening } from './state/offers';
import type { Subject } from './session/effects';
import { Session } from './session/session';
import { Terminal, type TerminalPorts } from './terminal/terminal';
import { needsAscii, toAscii } from './terminal/glyphs';
import { characterWidth } from './terminal/width';
import { openingFrame } from './wizard/opening';

type ScreensOptions = Subject & {
  /** Name and version, for the head line: "kube-el7-install 0.1.0". */
  readonly product: string;
  /** Aborted on a signal from outside: a run then stops after the current change. */
  readonly signal: AbortSignal;
  /** Aborted where it is to be stopped at once. */
  readonly now?: AbortSignal;
  /** What they begin with: the wizard unless given. */
  readonly opening?: Opening;
  /** What can be had from them beside the installer. */
  readonly offers?: Offers;
  /** The terminal of the process unless given. */
  readonly ports?: TerminalPorts;
  /** ms since 1970; Date.now unless given. */
  readonly clock?: () => number;
};

/** Opens the screens; resolves to the exit code after the terminal has been given back, and rejects only for a bug. */
export async function openScreens(options: ScreensOptions): Promise<number> {
  const { code, attaching } = await untilLeft(options);
  return attaching ? ((await options.offers?.attach?.()) ?? code) : code;
}

async function untilLeft(
  options: ScreensOptions,
): Promise<{ readonly code: number; readonly attaching: boolean }> {
  const { signal, now, clock = Date.now } = options;
  const ports = options.ports ?? {
    input: process.stdin,
    output: process.stdout,
    env: process.env,
    program: process,
  };
  const terminal = new Terminal(ports);
  const session = new Session({ ...options, size: terminal.size, clock });
  const stop = () => {
    session.dispatch({ type: 'stop' });
  };
  const stopNow = () => {
    session.dispatch({ type: 'stop-now' });
  };
  const gone = () => {
    session.dispatch({ type: 'gone' });
  };
  signal.addEventListener('abort', stop);
  now?.addEventListener('abort', stopNow);
  ports.program.on('SIGHUP', gone);
  terminal.enter({
    onKey: key => {
      session.dispatch({ type: 'key', key });
    },
    onResize: size => {
      session.dispatch({ type: 'resized', size });
    },
    onGone: gone,
  });
  let app: Promise<App> | undefined;
  try {
    const wizard = session.state.screen === 'wizard';
    const first = wizard ? openingFrame(session.state, terminal.colour) : undefined;
    if (first !== undefined) {
      terminal.draw(first);
    }
    session.open();
    app = import('./app').then(({ show }) => show(session, terminal));
    app.catch(session.fail);
    const code = await session.exit;
    return { code, attaching: session.state.attaching === true };
  } finally {
    signal.removeEventListener('abort', stop);
    now?.removeEventListener('abort', stopNow);
    ports.program.off('SIGHUP', gone);
    const last = farewell(session.state);
    session.close();
    terminal.leave();
    ports.output.write(needsAscii(ports.env) ? toAscii(last, characterWidth) : last);
    (await app?.catch(() => undefined))?.close();
  }
}
