import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';

/** A terminal of 80×24 that tmux keeps, with every byte that is written to it counted. */
export class Terminal {
  private constructor(
    private readonly socket: string,
    private readonly log: string,
  ) {}

  /** Opens it with a command in it; `folder` gets the log of its bytes and tmux's socket. */
  static async open(folder: string, command: readonly string[]): Promise<Terminal> {
    const terminal = new Terminal(join(folder, 'tmux'), join(folder, 'bytes'));
    await terminal.tmux(
      '-f',
      '/dev/null',
      'start-server',
      ';',
      'set-option',
      '-g',
      'status',
      'off',
      ';',
      ...[
        'new-session',
        ...['-d', '-x', '80', '-y', '24', '--'],
        // Nothing is written before the bytes are counted.
        ...['sh', '-c', 'read -r go && exec "$@"', 'sh', ...command],
      ],
    );
    await terminal.tmux('set-option', '-g', 'remain-on-exit', 'on');
    await terminal.tmux('pipe-pane', '-o', `exec cat >'${terminal.log}'`);
    await terminal.press('Enter');
    return terminal;
  }

  /** What is on it, as text or with its colours. */
  async screen(colours = false): Promise<string> {
    return this.tmux('capture-pane', '-p', ...(colours ? ['-e'] : []));
  }

  async press(key: string): Promise<void> {
    await this.tmux('send-keys', key);
  }

  /** How many bytes were written to it since it was opened. */
  async bytes(): Promise<number> {
    return (await stat(this.log)).size;
  }

  async close(): Promise<void> {
    await this.tmux('kill-server');
  }

  private async tmux(...words: readonly string[]): Promise<string> {
    const { stdout } = await execa('tmux', ['-S', this.socket, ...words], {
      env: { TERM: 'xterm-256color', LANG: 'C.UTF-8' },
      stripFinalNewline: false,
    });
    return stdout;
  }
}

/** What to press on a screen to get on with an installation whose answers are all offered; undefined where nothing is to be pressed. */
export function nextKey(screen: string): string | undefined {
  if (/enter (next|check this host)/.test(screen)) {
    return /asking the registry|asking yum|checking the answers/.test(screen) ? undefined : 'Enter';
  }
  if (screen.includes('enter plan')) return 'Enter';
  return screen.includes('y run it') ? 'y' : undefined;
}

/** Which screen of the installer this is; undefined while it is none of the run's. */
export function runScreen(screen: string): 'running' | 'waiting' | 'failed' | 'summary' | undefined {
  const foot = screen.trimEnd().split('\n').pop() ?? '';
  if (/\br retry/.test(foot)) return 'failed';
  if (/Ctrl-C stop/.test(foot)) return /^ Waiting until /m.test(screen) ? 'waiting' : 'running';
  return /^ q quit /.test(foot) ? 'summary' : undefined;
}
