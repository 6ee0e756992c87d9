import type { HostReader } from '../../engine/host';
import type { Registry, Settings } from '../../variables/settings';
import { readText } from './ask';
import { object, parseObject, readDockerFlags, readDockerInfo } from './docker-info';

/** Docker's own configuration file. */
export const DAEMON_JSON = '/etc/docker/daemon.json';

/** What docker is told by files and flags now. */
export interface DockerConfiguration {
  /** daemon.json's text, '' where there is none. */
  readonly json: string;
  /** daemon.json's permission bits, kept as they are. */
  readonly jsonMode: number;
  readonly flags: string;
  /** Registries that the running docker already takes for insecure. */
  readonly insecure: readonly string[];
}

/** host[:port] of the registry, the part that docker and the kubelet know it by. */
export function registryHost(registry: Registry): string {
  return registry.address.split('/')[0] ?? registry.address;
}

/** Reads files, the unit, and the running docker. */
export async function readDockerConfiguration(host: HostReader): Promise<DockerConfiguration> {
  return {
    json: await readText(host, DAEMON_JSON),
    jsonMode: (await host.stat(DAEMON_JSON))?.mode ?? 0o644,
    flags: await readDockerFlags(host),
    insecure: (await readDockerInfo(host))?.insecureRegistries ?? [],
  };
}

/** Why docker could not start, or not be configured, with what is there. */
export function configurationProblem(
  settings: Settings,
  { json, flags, insecure }: DockerConfiguration,
): { readonly message: string; readonly fix: string } | undefined {
  if (json.trim() !== '' && parseObject(json) === undefined) {
    return {
      message: `${DAEMON_JSON} is not a JSON object, so docker cannot start.`,
      fix: `Mend ${DAEMON_JSON}, or move it away.`,
    };
  }
  const host = registryHost(settings.registry);
  if (settings.registry.plainHttp && flags.includes('--insecure-registry') && !insecure.includes(host)) {
    return {
      message: `docker is started with --insecure-registry flags that do not name ${host}; it refuses to start when ${DAEMON_JSON} names more.`,
      fix: `Add --insecure-registry ${host} where the others are (systemctl cat docker; /etc/sysconfig/docker; /etc/containers/registries.conf) and restart docker, or move them all to ${DAEMON_JSON}.`,
    };
  }
  return undefined;
}

/** The file as it should be; its text as it is where nothing has to be said, undefined where it then need not exist. */
export function daemonJson(
  settings: Settings,
  { json, flags, insecure }: DockerConfiguration,
): string | undefined {
  const present = parseObject(json) ?? {};
  const added: Record<string, unknown> = {};
  const host = registryHost(settings.registry);
  const named = Array.isArray(present['insecure-registries'])
    ? (present['insecure-registries'] as readonly unknown[])
    : [];
  const byFlag = flags.includes('--insecure-registry') && insecure.includes(host);
  if (settings.registry.plainHttp && !byFlag && !named.includes(host)) {
    added['insecure-registries'] = [...named, host];
  }
  // EL7's docker logs to the journal, which has bounds of its own; these options fit the default driver only.
  const logsElsewhere =
    /--log-(driver|opt)\b/.test(flags) || (present['log-driver'] ?? 'json-file') !== 'json-file';
  if (!logsElsewhere && Object.keys(object(present['log-opts'])).length === 0) {
    added['log-opts'] = { 'max-size': '50m', 'max-file': '3' };
  }
  if (Object.keys(added).length === 0) return json === '' ? undefined : json;
  return `${JSON.stringify({ ...present, ...added }, null, 2)}\n`;
}
