import type { CommandResult, HostReader } from '../../engine/host';

/** Asks a program of the host in the C locale, so that what it prints can be read whatever the operator's language is. */
export function ask(
  host: HostReader,
  file: string,
  args: readonly string[],
  timeoutMs = 30_000,
): Promise<CommandResult> {
  return host.query({ file, args, env: { LC_ALL: 'C' } }, { timeoutMs });
}

/** A text file of the host, empty where there is none. */
export async function readText(host: HostReader, path: string): Promise<string> {
  return (await host.read(path))?.toString('utf8') ?? '';
}

/** Lines without the line break, and without empty ones. */
export function lines(text: string): readonly string[] {
  return text.split('\n').filter(line => line.trim() !== '');
}
