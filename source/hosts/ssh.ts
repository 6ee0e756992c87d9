import { randomBytes } from 'node:crypto';
import { Failure } from '../engine/failure';
import type {
  Command,
  CommandResult,
  ExecuteOptions,
  FileStat,
  Host,
  HostReader,
  HttpOutcome,
  HttpRequest,
} from '../engine/host';
import { Secret } from '../engine/secret';
import { PATIENCE_MS } from './leftovers';
import { RUN_VARIABLE } from './program';
import * as scripts from './ssh-files';
import type { SshConnection } from './ssh-connection';
import { limited, outliving, script } from './ssh-words';

const QUERY_MS = 30_000;
const FILE_MS = 60_000;
const SETTLE_MS = PATIENCE_MS + 30_000;

export interface SshHostOptions {
  readonly run?: string | undefined;
  /** Files of the host that the installer runs on, by the paths that they are read at here. */
  readonly here?: { readonly host: HostReader; readonly files: ReadonlyMap<string, string> };
}

/** A host that is reached with ssh. What it is asked goes through one connection; what changes it goes on to its end there when the connection breaks or the installer is killed. */
export class SshHost implements Host {
  readonly name: string;
  #settled: Promise<void> | undefined;

  constructor(
    readonly connection: Pick<SshConnection, 'target' | 'run'>,
    private readonly options: SshHostOptions = {},
  ) {
    this.name = connection.target.name;
  }

  async read(path: string): Promise<Buffer | undefined> {
    const here = this.#here(path);
    if (here) return here.host.read(here.path);
    const found = await this.#ask(scripts.READ, path);
    return found === undefined ? undefined : Buffer.from(found, 'base64');
  }

  async stat(path: string): Promise<FileStat | undefined> {
    const here = this.#here(path);
    if (here) return here.host.stat(here.path);
    const found = await this.#ask(scripts.STAT, path);
    return found === undefined ? undefined : scripts.parseStat(found);
  }

  async list(path: string): Promise<readonly string[] | undefined> {
    const found = await this.#ask(scripts.LIST, path);
    return found
      ?.split('\0')
      .filter(name => name !== '')
      .sort();
  }

  query(command: Command, options: { readonly timeoutMs?: number } = {}): Promise<CommandResult> {
    const timeoutMs = options.timeoutMs ?? QUERY_MS;
    return this.connection.run(limited(command, timeoutMs), { timeoutMs, run: this.options.run });
  }

  /** Not made from another host: whoever needs an answer from there runs a program there. */
  request({ url }: HttpRequest): Promise<HttpOutcome> {
    return Promise.resolve({ error: `${url} is not asked from ${this.name}, which is reached with ssh` });
  }

  async write(path: string, content: Buffer, mode: number): Promise<void> {
    // Whatever it is, it may be secret, and it may be no text.
    const input = new Secret(content.toString('base64'));
    await this.#change(path, scripts.WRITE, [octal(mode), random(), String(content.length)], input);
  }

  async makeDirectory(path: string, mode: number): Promise<void> {
    await this.#change(path, scripts.DIRECTORY, [octal(mode)]);
  }

  async link(path: string, target: string): Promise<void> {
    await this.#change(path, scripts.LINK, [target, random()]);
  }

  async remove(path: string): Promise<void> {
    await this.#change(path, scripts.REMOVE, []);
  }

  async execute(command: Command, options: ExecuteOptions): Promise<CommandResult> {
    await this.#settle();
    return this.connection.run(outliving(limited(command, options.timeoutMs)), {
      ...options,
      run: this.options.run,
      outlive: true,
    });
  }

  #here(path: string): { readonly host: HostReader; readonly path: string } | undefined {
    const { here } = this.options;
    const found = here?.files.get(path);
    return here === undefined || found === undefined ? undefined : { host: here.host, path: found };
  }

  /** Before the first change of a run: what an interrupted one had begun there comes to its end, or two would be at work. */
  #settle(): Promise<void> {
    const { run } = this.options;
    if (run === undefined) return Promise.resolve();
    const last = `${PATIENCE_MS / 1000}`;
    this.#settled ??= this.query(script(scripts.SETTLE, RUN_VARIABLE, run, last), { timeoutMs: SETTLE_MS })
      .then(({ code, stdout }) => {
        if (code === 0) return;
        throw new Failure({
          code: 'ssh-busy',
          message: `${this.name} is still busy with what an interrupted run had begun there.`,
          hint: `See what it does (on ${this.name}: ps -ef), let it end or end it, then retry.`,
          seen: stdout.split('\n').filter(line => line !== ''),
        });
      })
      .catch((error: unknown) => {
        this.#settled = undefined;
        throw error;
      });
    return this.#settled;
  }

  /** What a script prints; undefined where it says that there is nothing at the path. */
  async #ask(text: string, path: string): Promise<string | undefined> {
    const result = await this.query(script(text, path), { timeoutMs: FILE_MS });
    if (result.code === scripts.ABSENT) return undefined;
    if (result.code !== 0) throw scripts.fileError(this.name, path, 'read', result);
    return result.stdout;
  }

  async #change(path: string, text: string, words: readonly string[], input?: Secret): Promise<void> {
    await this.#settle();
    const command = { ...script(text, path, ...words), ...(input && { input }) };
    const result = await this.connection.run(limited(command, FILE_MS), {
      timeoutMs: FILE_MS,
      run: this.options.run,
      outlive: true,
    });
    if (result.code !== 0) throw scripts.fileError(this.name, path, 'write', result);
  }
}

function octal(mode: number): string {
  return `0${mode.toString(8)}`;
}

function random(): string {
  return randomBytes(6).toString('hex');
}
