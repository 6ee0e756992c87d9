import type { Clock } from './clock';
import type { EventBody } from './event';
import type { Command, HostReader } from './host';

/** Looks at something while the run goes on, for screens: etcd's members, for example. It only reads, and its errors change nothing. */
export interface Observer {
  readonly id: string;
  readonly intervalMs: number;
  observe(host: HostReader): Promise<readonly EventBody[]>;
}

/** Observes until the signal; emits what is new, not what is as it was. */
export async function watch(
  observer: Observer,
  host: HostReader,
  options: { readonly emit: (body: EventBody) => void; readonly clock: Clock; readonly signal: AbortSignal },
): Promise<void> {
  const last = new Map<string, string>();
  while (!options.signal.aborted) {
    const bodies = await observer.observe(host).catch(() => []);
    for (const body of bodies) {
      const key = subject(body);
      const text = JSON.stringify(body);
      if (last.get(key) !== text) options.emit(body);
      last.set(key, text);
    }
    await options.clock.sleep(observer.intervalMs, options.signal);
  }
}

/** What an event tells of: two of the same subject are compared. */
function subject(body: EventBody): string {
  if (body.type === 'member') return `member ${body.member.name}`;
  return body.type === 'master' ? `master ${body.master.name}` : body.type;
}

/** A reader that notes every command with its output and exit code, for the step's log. */
export function noting(host: HostReader, note: (line: string) => void): HostReader {
  return {
    name: host.name,
    read: path => host.read(path),
    stat: path => host.stat(path),
    list: path => host.list(path),
    async query(command, options) {
      const result = await host.query(command, options);
      note(`? ${commandLine(command)}`);
      for (const line of result.stdout.split('\n')) if (line !== '') note(`| ${line}`);
      for (const line of result.stderr.split('\n')) if (line !== '') note(`! ${line}`);
      note(`exit code ${result.code}`);
      return result;
    },
    async request(request) {
      const outcome = await host.request(request);
      note(`? ${request.method ?? 'GET'} ${request.url}`);
      note('error' in outcome ? `! ${outcome.error}` : `| HTTP ${outcome.status}`);
      return outcome;
    },
  };
}

/** A command as one could type it. */
export function commandLine(command: Command): string {
  return [command.file, ...command.args]
    .map(part => (/^[\w@%+=:,./-]+$/.test(part) ? part : `'${part.replace(/'/g, `'\\''`)}'`))
    .join(' ');
}
