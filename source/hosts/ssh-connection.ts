import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '../engine/failure';
import type { Command, CommandResult, ExecuteOptions } from '../engine/host';
import { runProgram } from './program';
import { scratchDirectory } from './scratch';
import { loginFailure, shellFailure, SSH_FAILED, sudoFailure } from './ssh-failure';
import { Frame } from './ssh-frame';
import { remoteLine, type Manner } from './ssh-words';

/** Whom to log in as, and where. */
export interface SshTarget {
  /** What the host is called. */
  readonly name: string;
  readonly address: string;
  readonly user: string;
  /** A private key's file; ssh's own choice where absent. */
  readonly keyFile?: string;
}

const CONNECT_SECONDS = 10;
const LOGIN_MS = 30_000;
/** The shared connection ends by itself when nobody has used it for so long, also when the installer was killed. */
const PERSIST_SECONDS = 60;
/** sshd allows ten sessions on a connection (MaxSessions). */
const SESSIONS = 6;
/** What the other host takes longer to end a command than it was given. */
const MARGIN_MS = 15_000;

/** One connection that all commands on a host go through, so that only the first of them costs a login. */
export class SshConnection {
  readonly #waiting: (() => void)[] = [];
  #free = SESSIONS;
  #directory: Promise<string> | undefined;
  #opening: Promise<void> | undefined;

  /** `ssh` is the program's name; tests have one of their own. */
  constructor(
    readonly target: SshTarget,
    private readonly ssh = 'ssh',
  ) {}

  /** Runs a command on the other host. Throws a Failure where ssh does not get there; what the command does is told by the result. */
  async run(
    command: Command,
    options: ExecuteOptions & Omit<Manner, 'user'> & { readonly outlive?: boolean },
  ): Promise<CommandResult> {
    await this.#session();
    try {
      const socket = await this.#open();
      const frame = new Frame();
      const line = frame.line(remoteLine(command, { user: this.target.user, run: options.run }));
      const onLine = frame.lines(options.onLine);
      const result = await runProgram(
        {
          file: this.ssh,
          args: [...this.#arguments(socket, 'no'), '--', line],
          ...(command.input === undefined ? {} : { input: command.input }),
        },
        { ...options, ...(onLine && { onLine }), timeoutMs: options.timeoutMs + MARGIN_MS },
      );
      if (result.code === 255 && !frame.ended(result) && SSH_FAILED.test(result.stderr)) {
        throw loginFailure(this.target, result.stderr, 'during');
      }
      return frame.begun(result) ? frame.result(result) : result;
    } finally {
      this.#free += 1;
      this.#waiting.shift()?.();
    }
  }

  /** Logs out, and leaves nothing behind on this host. */
  async close(): Promise<void> {
    if (this.#directory === undefined) return;
    const directory = await this.#directory;
    this.#directory = undefined;
    await runProgram(
      { file: this.ssh, args: ['-O', 'exit', ...this.#arguments(join(directory, 'ssh'), 'no')] },
      { timeoutMs: 5000 },
    );
    await rm(directory, { recursive: true, force: true });
  }

  /** Waits for its turn. */
  async #session(): Promise<void> {
    while (this.#free === 0) await new Promise<void>(resolve => this.#waiting.push(resolve));
    this.#free -= 1;
  }

  /** The socket of the shared connection, which is opened where it is not, or no longer. */
  async #open(): Promise<string> {
    this.#directory ??= scratchDirectory();
    const socket = join(await this.#directory, 'ssh');
    if (!existsSync(socket)) {
      this.#opening ??= this.#login(socket).finally(() => (this.#opening = undefined));
      await this.#opening;
    }
    return socket;
  }

  /** Logs in, and sees to it that the user can act as root. The connection is no program of the run: nobody waits for it when the run was killed. */
  async #login(socket: string): Promise<void> {
    const { user } = this.target;
    const frame = new Frame();
    const line = frame.line(remoteLine({ file: 'true', args: [] }, { user }));
    const result = await runProgram(
      { file: this.ssh, args: [...this.#arguments(socket, 'auto'), '--', line] },
      { timeoutMs: LOGIN_MS },
    );
    const { code, stderr } = result;
    const begun = frame.begun(result);
    if (code === 0 && begun) return;
    // A shell over there says which program it does not find; here nobody says anything.
    if (code === 127 && stderr === '') {
      throw new Failure({
        code: 'ssh-program',
        message: 'This host has no ssh program, so other hosts cannot be reached.',
        hint: 'yum install openssh-clients',
      });
    }
    if (begun) throw sudoFailure(this.target, frame.result(result).stderr);
    if (code !== 255 && code !== 124) throw shellFailure(this.target, result);
    throw loginFailure(this.target, stderr, 'login');
  }

  #arguments(socket: string, master: 'auto' | 'no'): readonly string[] {
    const { user, address, keyFile } = this.target;
    const options = [
      'BatchMode=yes',
      'StrictHostKeyChecking=yes',
      `ConnectTimeout=${CONNECT_SECONDS}`,
      'ServerAliveInterval=5',
      'ServerAliveCountMax=3',
      'ClearAllForwardings=yes',
      'ForwardAgent=no',
      'LogLevel=ERROR',
      `ControlMaster=${master}`,
      `ControlPath=${socket}`,
      `ControlPersist=${PERSIST_SECONDS}`,
    ];
    return [
      '-T',
      ...options.flatMap(option => ['-o', option]),
      ...(keyFile === undefined ? [] : ['-i', keyFile, '-o', 'IdentitiesOnly=yes']),
      `${user}@${address}`,
    ];
  }
}
