import type { Host, HostReader } from '../engine/host';
import type { Settings } from '../variables/settings';

/** The masters that are prepared and joined from here, by their names; to be closed after use. */
export interface OtherHosts {
  readonly hosts: ReadonlyMap<string, Host>;
  close(): Promise<void>;
}

/** Where nothing is done on other hosts. */
export const NO_OTHERS: OtherHosts = { hosts: new Map(), close: () => Promise.resolve() };

/** Reaches the other masters with ssh, where --ssh was given; logs in at the first use. */
export async function otherHosts(
  settings: Settings,
  here: HostReader,
  run: string | undefined,
): Promise<OtherHosts> {
  const { ssh, others, registry } = settings;
  if (ssh === undefined) return NO_OTHERS;
  const [{ SshHost }, { SshConnection }, { FIRST_JOIN_WORKER, JOIN_WORKER }] = await Promise.all([
    import('../hosts/ssh'),
    import('../hosts/ssh-connection'),
    import('../steps/paths'),
  ]);
  // The settings name a file of this host. The command to join has another path there: at its own it says that a cluster was finished on that host.
  const files = new Map([
    [FIRST_JOIN_WORKER, JOIN_WORKER],
    ...(registry.caFile === undefined ? [] : [[registry.caFile, registry.caFile] as const]),
  ]);
  const all = others.map(({ hostname, address }) => {
    const { user, keyFile } = ssh;
    return new SshConnection({ name: hostname, address, user, ...(keyFile !== undefined && { keyFile }) });
  });
  return {
    hosts: new Map(
      all.map(connection => [
        connection.target.name,
        new SshHost(connection, { run, here: { host: here, files } }),
      ]),
    ),
    async close() {
      await Promise.all(all.map(connection => connection.close()));
    },
  };
}
