import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { until } from '../lab';
import type { LabHost } from '../lab';
import { home } from './support';

const execute = promisify(execFile);
let opened = 0;

/** A text as a screen may show it, over several lines and within a frame. */
export function wrapped(text: string): RegExp {
  const words = text.split(' ').map(word => word.replace(/[.*+?()[\]{}|^$\\]/g, '\\$&'));
  return new RegExp(words.join('[\\s│]+'));
}

/** A terminal of 80×24 on this machine, in which somebody has opened ssh to a host: keys go in, what stands on the screen comes out. */
export class Terminal {
  private constructor(private readonly socket: string) {}

  /** Opens ssh to the host in a new terminal and runs the command there. */
  static async open(host: LabHost, command: string): Promise<Terminal> {
    opened += 1;
    const terminal = new Terminal(`kube-el7-install-lab-${String(process.pid)}-${String(opened)}`);
    const size = ['-x', '80', '-y', '24'];
    await terminal.tmux('new-session', '-d', ...size, 'ssh', ...host.terminal(command));
    await terminal.tmux('set-option', '-g', 'remain-on-exit', 'on');
    return terminal;
  }

  /** Opens ssh to the host in a new terminal and starts the installer there. */
  static openInstaller(host: LabHost, words: string): Promise<Terminal> {
    return Terminal.open(host, `cd ${home} && ./kube-el7-install ${words}`);
  }

  /** Presses keys, named as tmux names them ("Enter", "C-u", "Down"). */
  async press(...keys: readonly string[]): Promise<void> {
    await this.tmux('send-keys', ...keys);
  }

  /** Types a text. */
  async type(text: string): Promise<void> {
    await this.tmux('send-keys', '-l', text);
  }

  /** The 24 lines of the screen. */
  async screen(): Promise<string> {
    return (await this.tmux('capture-pane', '-p')).stdout;
  }

  /** Everything that scrolled by, too. */
  async scrollback(): Promise<string> {
    return (await this.tmux('capture-pane', '-p', '-S', '-2000')).stdout;
  }

  /** Waits until the screen shows something, and returns the screen. */
  async shows(what: RegExp, timeoutMs = 30_000): Promise<string> {
    return this.waits(`the screen to show ${String(what)}`, what, timeoutMs, () => this.screen());
  }

  /** Waits until something was printed, and returns all that was: what is said last may scroll by as the terminal ends. */
  async said(what: RegExp, timeoutMs = 30_000): Promise<string> {
    return this.waits(`${String(what)} to be said`, what, timeoutMs, () => this.scrollback());
  }

  private async waits(
    title: string,
    what: RegExp,
    timeoutMs: number,
    read: () => Promise<string>,
  ): Promise<string> {
    let text = '';
    await until(title, timeoutMs, async () => {
      text = await read();
      if (!what.test(text)) throw new Error(`there stands\n${text}`);
    });
    return text;
  }

  async close(): Promise<void> {
    await this.tmux('kill-server');
  }

  private tmux(...parameters: readonly string[]): Promise<{ stdout: string; stderr: string }> {
    return execute('tmux', ['-L', this.socket, ...parameters], {
      env: { ...process.env, LC_ALL: 'C.UTF-8' },
    });
  }
}
