import type { HostReader } from '../engine/host';
import { addressNumber } from './network';

const PATIENCE_MS = 10_000;

/** The IPv4 addresses that a name has on a host, each once; [] where it has none. */
export async function addressesOf(host: HostReader, name: string): Promise<readonly string[]> {
  const answer = await host.query({ file: 'getent', args: ['ahostsv4', name] }, { timeoutMs: PATIENCE_MS });
  if (answer.code !== 0) return [];
  return [...new Set(answer.stdout.split('\n').map(line => line.split(/\s+/)[0] ?? ''))].filter(
    address => addressNumber(address) !== undefined,
  );
}

/** The host name that an address has on a host (the first, which is the canonical one); undefined where it has none. */
export async function nameOf(host: HostReader, address: string): Promise<string | undefined> {
  const answer = await host.query({ file: 'getent', args: ['hosts', address] }, { timeoutMs: PATIENCE_MS });
  const name = answer.code === 0 ? answer.stdout.trim().split(/\s+/)[1] : undefined;
  return name?.toLowerCase();
}
