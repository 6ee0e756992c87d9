import { Resolver } from 'node:dns/promises';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startServer } from '../artifacts/server';
import { addressIn, sharedNames } from './instance';
import type { Instance } from './instance';

/** A name of the site that no host has in its /etc/hosts: who resolves it has asked the site's DNS. */
export const dnsOnly = 'mirror.lab';

/** Starts the site's DNS on the bridge's address: it knows a few names and says of all others that they do not exist. */
export async function startDns(instance: Instance, servers: string): Promise<void> {
  const { gateway } = instance;
  const shared = Object.entries(sharedNames).flatMap(([name, lasts]) =>
    lasts.map(last => `${addressIn(instance, last)} ${name}`),
  );
  const content = [...shared, `${gateway} ${dnsOnly}`].map(line => `${line}\n`).join('');
  const names = join(servers, 'dns.hosts');
  writeFileSync(names, content);
  await startServer(servers, {
    name: 'dns',
    program: 'dnsmasq',
    parameters: [
      ...['--keep-in-foreground', '--conf-file=/dev/null', '--user=root', '--pid-file='],
      ...['--no-resolv', '--no-hosts', `--addn-hosts=${names}`, '--address=/#/'],
      ...['--bind-interfaces', `--listen-address=${gateway}`],
    ],
    content,
    answers: async () => {
      const resolver = new Resolver({ timeout: 1000, tries: 1 });
      resolver.setServers([gateway]);
      await resolver.resolve4(dnsOnly);
    },
  });
}
