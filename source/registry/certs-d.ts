import type { HostReader } from '../engine/host';
import { refusal } from './refusal';

const DIRECTORY = '/etc/docker/certs.d';
/** What DOCKER_REGISTRY_CA is copied to. */
const OWN = 'ca.crt';

/** Where docker looks for a registry's CA, by its host[:port] as it stands in images' names. */
export function registryCaPath(registry: string): string {
  return `${DIRECTORY}/${registry}/${OWN}`;
}

interface Certificates {
  readonly files: readonly string[];
  readonly certFile?: string;
  readonly keyFile?: string;
}

/** The CAs and the client's pair that docker will have for a registry (moby registry.ReadCertsDirectory), with DOCKER_REGISTRY_CA where it is given. */
export async function certificatesFor(
  host: HostReader,
  registry: string,
  ca: string | undefined,
): Promise<Certificates> {
  const directory = `${DIRECTORY}/${registry}`;
  const names = (await host.list(directory).catch(() => undefined)) ?? [];
  const path = (name: string): string => `${directory}/${name}`;
  const files = names.filter(name => name.endsWith('.crt') && !(ca !== undefined && name === OWN)).map(path);
  const pairs: (readonly [string, string])[] = [
    ...names
      .filter(name => name.endsWith('.cert'))
      .map(name => [name, name.replace(/cert$/, 'key')] as const),
    ...names.filter(name => name.endsWith('.key')).map(name => [name, name.replace(/key$/, 'cert')] as const),
  ];
  const lonely = pairs.find(([, other]) => !names.includes(other));
  if (lonely !== undefined) {
    throw refusal(
      'registry',
      `docker pulls nothing from it while ${path(lonely[0])} has no ${lonely[1]} beside it`,
      `Put ${lonely[1]} there, or take ${lonely[0]} away. The certificate of a CA has to end in .crt.`,
    );
  }
  const [pair] = pairs;
  return {
    files: [...files, ...(ca === undefined ? [] : [ca])],
    ...(pair === undefined ? {} : { certFile: path(pair[0]), keyFile: path(pair[1]) }),
  };
}
