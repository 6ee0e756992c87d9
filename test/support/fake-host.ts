import { posix } from 'node:path';
import type {
  Command,
  CommandResult,
  ExecuteOptions,
  FileStat,
  Host,
  HttpOutcome,
  HttpRequest,
} from '../../source/engine/host';

/** What a scripted command answers; what is left out is 0 and empty. */
export type Answer = Partial<CommandResult> | string;

type Matches<Asked> = string | RegExp | ((asked: Asked) => boolean);

/** One thing that was asked of the host, in order. Commands are spelled as "file arg arg". */
export interface Call {
  readonly kind:
    'read' | 'stat' | 'list' | 'query' | 'request' | 'write' | 'directory' | 'link' | 'remove' | 'execute';
  readonly what: string;
}

interface Entry {
  readonly kind: 'file' | 'directory' | 'link';
  readonly content: Buffer;
  readonly mode: number;
}

interface Script<Asked, Answered> {
  readonly matches: Matches<Asked>;
  readonly answer: (asked: Asked, host: FakeHost) => Answered | Promise<Answered>;
}

const CHANGING: readonly Call['kind'][] = ['write', 'directory', 'link', 'remove', 'execute'];

/**
 * A stand-in for a host: files in memory, scripted answers, a record of every call.
 * A command or request that no script answers throws an error that names it. Later scripts win over earlier ones.
 * `readlink -- PATH` is answered from the files unless scripted.
 */
export class FakeHost implements Host {
  readonly calls: Call[] = [];
  readonly #entries = new Map<string, Entry>();
  readonly #commands: Script<Command, Answer>[] = [];
  readonly #requests: Script<HttpRequest, HttpOutcome>[] = [];

  /** Files by path: text or bytes (mode 0644), or with a mode of their own. */
  constructor(
    files: Readonly<Record<string, string | Buffer | { content: string | Buffer; mode: number }>> = {},
    readonly name = 'master1',
  ) {
    for (const [path, file] of Object.entries(files)) {
      if (typeof file === 'string' || Buffer.isBuffer(file)) this.put(path, file);
      else this.put(path, file.content, file.mode);
    }
  }

  /** Puts a file there without recording a call. */
  put(path: string, content: string | Buffer, mode = 0o644): this {
    this.#entries.set(path, { kind: 'file', content: Buffer.from(content), mode });
    return this;
  }

  /** Takes a path away without recording a call. */
  drop(path: string): this {
    this.#entries.delete(path);
    return this;
  }

  /** Takes over the files of another stand-in, without recording a call. */
  adopt(other: FakeHost): this {
    for (const [path, entry] of other.#entries) this.#entries.set(path, entry);
    return this;
  }

  /** Every path with its mode, by path. */
  modes(): readonly (readonly [string, number])[] {
    return [...this.#entries]
      .map(([path, { mode }]) => [path, mode] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1));
  }

  /** A file's text, undefined where there is none. */
  text(path: string): string | undefined {
    return this.#entries.get(path)?.content.toString('utf8');
  }

  /** Scripts queries and executed commands: the whole spelling, a pattern over it, or a predicate. */
  answer(
    matches: Matches<Command>,
    answer: Answer | ((command: Command, host: FakeHost) => Answer | Promise<Answer>) = {},
  ): this {
    this.#commands.unshift({ matches, answer: typeof answer === 'function' ? answer : () => answer });
    return this;
  }

  /** Scripts requests by URL, a pattern over it, or a predicate. */
  respond(
    matches: Matches<HttpRequest>,
    answer: HttpOutcome | ((request: HttpRequest, host: FakeHost) => HttpOutcome | Promise<HttpOutcome>),
  ): this {
    this.#requests.unshift({ matches, answer: typeof answer === 'function' ? answer : () => answer });
    return this;
  }

  /** The calls that may have changed the host. */
  get changes(): readonly Call[] {
    return this.calls.filter(call => CHANGING.includes(call.kind));
  }

  /** The spellings of all executed commands. */
  get executed(): readonly string[] {
    return this.calls.filter(call => call.kind === 'execute').map(call => call.what);
  }

  read(path: string): Promise<Buffer | undefined> {
    this.calls.push({ kind: 'read', what: path });
    const entry = this.#entries.get(path);
    if (entry?.kind === 'link')
      return this.read(posix.resolve(posix.dirname(path), entry.content.toString()));
    return Promise.resolve(entry?.kind === 'file' ? Buffer.from(entry.content) : undefined);
  }

  stat(path: string): Promise<FileStat | undefined> {
    this.calls.push({ kind: 'stat', what: path });
    const entry = this.#entries.get(path);
    if (entry) return Promise.resolve({ kind: entry.kind, mode: entry.mode, size: entry.content.length });
    const implied = [...this.#entries.keys()].some(other => other.startsWith(`${path}/`));
    return Promise.resolve(implied ? { kind: 'directory', mode: 0o755, size: 0 } : undefined);
  }

  list(path: string): Promise<readonly string[] | undefined> {
    this.calls.push({ kind: 'list', what: path });
    const prefix = path.endsWith('/') ? path : `${path}/`;
    const names = [...this.#entries.keys()]
      .filter(other => other.startsWith(prefix))
      .map(other => other.slice(prefix.length).split('/')[0] ?? '');
    if (names.length === 0 && this.#entries.get(path)?.kind !== 'directory')
      return Promise.resolve(undefined);
    return Promise.resolve([...new Set(names)].sort());
  }

  query(command: Command): Promise<CommandResult> {
    this.calls.push({ kind: 'query', what: spelled(command) });
    return this.#run(command);
  }

  async request(request: HttpRequest): Promise<HttpOutcome> {
    this.calls.push({ kind: 'request', what: `${request.method ?? 'GET'} ${request.url}` });
    const script = this.#requests.find(one => fits(one.matches, request, request.url));
    if (!script) throw new Error(`the fake host has no answer to the request ${request.url}`);
    return script.answer(request, this);
  }

  write(path: string, content: Buffer, mode: number): Promise<void> {
    this.calls.push({ kind: 'write', what: path });
    this.put(path, content, mode);
    return Promise.resolve();
  }

  makeDirectory(path: string, mode: number): Promise<void> {
    this.calls.push({ kind: 'directory', what: path });
    this.#entries.set(path, { kind: 'directory', content: Buffer.alloc(0), mode });
    return Promise.resolve();
  }

  link(path: string, target: string): Promise<void> {
    this.calls.push({ kind: 'link', what: `${path} -> ${target}` });
    this.#entries.set(path, { kind: 'link', content: Buffer.from(target), mode: 0o777 });
    return Promise.resolve();
  }

  remove(path: string): Promise<void> {
    this.calls.push({ kind: 'remove', what: path });
    this.#entries.delete(path);
    return Promise.resolve();
  }

  async execute(command: Command, options: ExecuteOptions): Promise<CommandResult> {
    this.calls.push({ kind: 'execute', what: spelled(command) });
    const result = await this.#run(command);
    for (const stream of ['stdout', 'stderr'] as const) {
      for (const line of result[stream].split('\n').filter(text => text !== ''))
        options.onLine?.(stream, line);
    }
    return result;
  }

  async #run(command: Command): Promise<CommandResult> {
    const script = this.#commands.find(one => fits(one.matches, command, spelled(command)));
    if (!script) {
      const link = command.file === 'readlink' ? this.#entries.get(command.args.at(-1) ?? '') : undefined;
      if (link?.kind === 'link') return { code: 0, stdout: `${link.content.toString()}\n`, stderr: '' };
      throw new Error(`the fake host has no answer to the command: ${spelled(command)}`);
    }
    const answer = await script.answer(command, this);
    return { code: 0, stdout: '', stderr: '', ...(typeof answer === 'string' ? { stdout: answer } : answer) };
  }
}

function spelled(command: Command): string {
  return [command.file, ...command.args].join(' ');
}

function fits<Asked>(matches: Matches<Asked>, asked: Asked, text: string): boolean {
  if (typeof matches === 'string') return matches === text;
  return matches instanceof RegExp ? matches.test(text) : matches(asked);
}
