import type { HostReader } from '../engine/host';
import { ask } from '../steps/prepare/ask';

const PATIENCE_MS = 2000;

/** What a connection says that reaches nobody: no route, no answer to ARP, a packet that is dropped, a kernel that does not send it. */
const NOBODY = /EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|ETIMEDOUT|EACCES|EPERM|EINVAL|no answer within/;

/** What is at an address and port: a program that listens, a host that refuses, or nobody. An answer that TLS does not trust is an answer. */
export async function knock(
  host: HostReader,
  address: string,
  port: number,
): Promise<'listens' | 'refuses' | 'silent'> {
  const outcome = await host.request({ url: `https://${address}:${port}/healthz`, timeoutMs: PATIENCE_MS });
  if (!('error' in outcome)) return 'listens';
  if (outcome.error.includes('ECONNREFUSED')) return 'refuses';
  return NOBODY.test(outcome.error) ? 'silent' : 'listens';
}

/** Whether an address answers a ping; undefined where this host has no ping. */
export async function pings(host: HostReader, address: string): Promise<boolean | undefined> {
  const { code } = await ask(host, 'ping', ['-c', '1', '-W', '1', address], PATIENCE_MS * 2);
  return code === 127 ? undefined : code === 0;
}
