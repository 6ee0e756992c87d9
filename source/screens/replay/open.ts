import type { Event } from '../../engine/event';
import type { App } from '../app';
import { Terminal, type TerminalPorts } from '../terminal/terminal';
import { ReplaySession } from './replay-session';

interface ReplayScreensOptions {
  readonly events: readonly Event[];
  readonly leftOut: number;
  readonly product: string;
  /** How many times as fast as it was. */
  readonly speed: number;
  /** False where it waits for a key at its first event. */
  readonly playing: boolean;
  /** Aborted on a signal from outside. */
  readonly signal: AbortSignal;
  /** The terminal of the process unless given. */
  readonly ports?: TerminalPorts;
  /** ms since 1970; Date.now unless given. */
  readonly clock?: () => number;
}

/** Plays a recording on the screens; resolves to the number of events that were shown, after the terminal has been given back. */
export async function openReplay(options: ReplayScreensOptions): Promise<number> {
  const { signal, clock = Date.now } = options;
  const ports = options.ports ?? {
    input: process.stdin,
    output: process.stdout,
    env: process.env,
    program: process,
  };
  const terminal = new Terminal(ports);
  const session = new ReplaySession({ ...options, size: terminal.size, clock });
  signal.addEventListener('abort', session.quit);
  terminal.enter({
    onKey: key => {
      session.press(key);
    },
    onResize: size => {
      session.resize(size);
    },
    onGone: session.quit,
  });
  let app: App | undefined;
  try {
    const { show } = await import('../app');
    app = show(session, terminal);
    session.open();
    await session.exit;
    return session.at;
  } finally {
    signal.removeEventListener('abort', session.quit);
    session.close();
    terminal.leave();
    app?.close();
  }
}
