import type { Secret } from './secret';

/** A program to run, without a shell. Arguments are visible in `ps`, so they are plain strings by type: a Secret goes through `input` or a file. */
export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  /** Given on standard input. */
  readonly input?: string | Secret;
  readonly env?: Readonly<Record<string, string>>;
}

export interface CommandResult {
  /** Exit code; 127 where the program does not exist, 124 where the time ran out. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Whom docker trusts at one registry (moby registry.ReadCertsDirectory): the system's roots, and every certificate in these PEM files as it stands. */
export type ServerTrust =
  | {
      readonly files: readonly string[];
      /** What the release of Go that docker was built with takes; see ChainRules. */
      readonly commonName: boolean;
      readonly sha1: boolean;
      /** Whether TLS 1.0 and 1.1 are refused. */
      readonly tls12: boolean;
    }
  /** Docker's insecure registries: nothing is verified. */
  | 'anyone';

/** A request over HTTP(S) that only reads; POST is for APIs that are asked so, as etcd's is. TLS is verified against `caFile` if given, else the system's roots; only `trust` can say otherwise. */
export interface HttpRequest {
  readonly url: string;
  readonly method?: 'GET' | 'HEAD' | 'POST';
  /** Sent with POST. */
  readonly body?: string;
  /** Several values become several lines. */
  readonly headers?: Readonly<Record<string, string | readonly string[] | Secret>>;
  /** PEM files on the host. */
  readonly caFile?: string;
  readonly certFile?: string;
  readonly keyFile?: string;
  /** In place of caFile: the server is verified as docker does it. */
  readonly trust?: ServerTrust;
  /** URL of the proxy to go by; without it, none is gone by, whatever the environment says. */
  readonly proxy?: Secret;
  readonly timeoutMs?: number;
  /** The answer is over with its first line: for a server that goes on telling. */
  readonly firstLine?: true;
}

/** Either an answer, or the reason why there was none (one line, e.g. "connect ECONNREFUSED 10.0.0.1:2379"). */
export type HttpOutcome =
  | {
      readonly status: number;
      /** By name in lower case; one line for each time that the header came. */
      readonly headers: Readonly<Record<string, string>>;
      readonly body: string;
      readonly roundTripMs: number;
    }
  | { readonly error: string };

export interface FileStat {
  readonly kind: 'file' | 'directory' | 'link' | 'other';
  /** Permission bits only, e.g. 0o600. */
  readonly mode: number;
  readonly size: number;
}

/** What probes and checks get: a host that can be looked at and not changed. */
export interface HostReader {
  /** The name it is spoken of by, e.g. "master1". */
  readonly name: string;
  /** The file's bytes, undefined where there is none. */
  read(path: string): Promise<Buffer | undefined>;
  /** Does not follow links; undefined where there is nothing. */
  stat(path: string): Promise<FileStat | undefined>;
  /** Sorted names in a directory, undefined where there is none. */
  list(path: string): Promise<readonly string[] | undefined>;
  /** Runs a command that changes nothing. Never throws for what the command does: the exit code tells. */
  query(command: Command, options?: { readonly timeoutMs?: number }): Promise<CommandResult>;
  request(request: HttpRequest): Promise<HttpOutcome>;
}

export interface ExecuteOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  /** Called for every line of output as it comes, unmasked: the caller masks. */
  readonly onLine?: (stream: 'stdout' | 'stderr', line: string) => void;
}

/** A host that can be changed; only source/changes holds one. */
export interface Host extends HostReader {
  /** Atomic and durable: a temporary file beside it with `mode` from the start, fsync, rename, fsync of the directory. Makes missing parent directories (0755). */
  write(path: string, content: Buffer, mode: number): Promise<void>;
  /** Makes a directory and its parents; sets the mode of the last one. */
  makeDirectory(path: string, mode: number): Promise<void>;
  /** A symbolic link, replaced atomically. */
  link(path: string, target: string): Promise<void>;
  /** Removes a file; nothing happens where there is none. */
  remove(path: string): Promise<void>;
  execute(command: Command, options: ExecuteOptions): Promise<CommandResult>;
}
