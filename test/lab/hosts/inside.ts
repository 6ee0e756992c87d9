import { start } from './command';
import type { Result, RunOptions } from './command';
import type { LabHost } from './host';

/** Runs a shell command in a host without its network, as at its console: a partitioned host cannot be logged in to. */
export function inside(host: LabHost, command: string, options: RunOptions = {}): Promise<Result> {
  const { leader } = host;
  if (leader === undefined) throw new Error(`${host.name} is off`);
  const namespaces = ['-m', '-u', '-i', '-n', '-p', '-C'];
  return start('nsenter', ['-t', String(leader), ...namespaces, '--', 'sh', '-c', command], options).result;
}
