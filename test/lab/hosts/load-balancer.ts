import { connect } from 'node:net';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startServer } from '../artifacts/server';
import { perform } from './command';
import { addressIn, sharedNames } from './instance';
import type { Instance } from './instance';

/** A load balancer that is up: the name that hosts know it by, its addresses, and its port. */
export interface LoadBalancer {
  readonly name: string;
  readonly addresses: readonly string[];
  readonly port: number;
}

const name = 'elb.lab';
const port = 6443;

/** haproxy's configuration: connections are passed on as they are, to a backend that takes some itself. */
function balancerConfiguration(
  addresses: readonly string[],
  backends: readonly { readonly name: string; readonly address: string }[],
): string {
  return [
    'global',
    '  maxconn 2000',
    'defaults',
    '  mode tcp',
    '  timeout connect 2s',
    '  timeout client 1h',
    '  timeout server 1h',
    '  option redispatch',
    '  retries 2',
    'frontend api',
    ...addresses.map(address => `  bind ${address}:${String(port)}`),
    '  default_backend masters',
    'backend masters',
    '  balance roundrobin',
    ...backends.map(
      backend =>
        `  server ${backend.name} ${backend.address}:${String(port)} check inter 1s fall 2 rise 1 on-marked-down shutdown-sessions`,
    ),
    '',
  ].join('\n');
}

function accepts(address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: address, port, timeout: 2000 });
    socket.once('connect', () => {
      socket.destroy();
      resolve();
    });
    socket.once('timeout', () => socket.destroy(new Error(`${address}:${String(port)} does not answer`)));
    socket.once('error', reject);
  });
}

/**
 * Raises haproxy on addresses of the bridge, in the place of a cloud's load balancer; one with other backends is
 * replaced. It stops with the lab's servers, and its addresses go with the bridge.
 */
export async function startLoadBalancer(
  instance: Instance,
  servers: string,
  backends: readonly { readonly name: string; readonly address: string }[],
): Promise<LoadBalancer> {
  const addresses = (sharedNames[name] ?? []).map(last => addressIn(instance, last));
  for (const address of addresses) {
    await perform('ip', ['address', 'replace', `${address}/32`, 'dev', instance.bridge]);
  }
  const file = join(servers, 'load-balancer.cfg');
  const content = balancerConfiguration(addresses, backends);
  writeFileSync(file, content);
  await startServer(servers, {
    name: 'load-balancer',
    program: 'haproxy',
    parameters: ['-db', '-f', file],
    content,
    answers: async () => {
      for (const address of addresses) await accepts(address);
    },
  });
  return { name, addresses, port };
}
