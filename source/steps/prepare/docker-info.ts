import type { HostReader } from '../../engine/host';
import { ask, lines, readText } from './ask';
import { parseEnvironmentFile } from './environment-file';

/** What the running docker says of itself; the same fields from 1.13 to 20.10. */
export interface DockerInfo {
  readonly serverVersion: string;
  readonly storageDriver: string;
  /** Such as ["Data loop file", "/var/lib/docker/…"]. */
  readonly storageStatus: ReadonlyMap<string, string>;
  readonly cgroupDriver: string;
  readonly loggingDriver: string;
  readonly rootDirectory: string;
  /** Registries by host[:port] that docker speaks to without TLS or without verifying it. */
  readonly insecureRegistries: readonly string[];
  /** URLs that docker.io's images are looked for at first. */
  readonly mirrors: readonly string[];
  /** HTTP_PROXY, HTTPS_PROXY and NO_PROXY of its environment. */
  readonly environment: ReadonlyMap<string, string>;
}

/** Undefined where docker does not answer, whether it is absent, stopped or broken. */
export async function readDockerInfo(host: HostReader): Promise<DockerInfo | undefined> {
  const { code, stdout } = await ask(host, 'docker', ['info', '--format', '{{json .}}'], 20_000);
  if (code !== 0) return undefined;
  const info = parseObject(stdout);
  // docker 20.10 exits 0 from `info` without a daemon, and tells so in ServerErrors alone.
  if (info === undefined || text(info['ServerVersion']) === '') return undefined;
  const { IndexConfigs: indexes, Mirrors: mirrors } = object(info['RegistryConfig']);
  const registries = object(indexes);
  const status = list(info['DriverStatus']);
  return {
    serverVersion: text(info['ServerVersion']),
    storageDriver: text(info['Driver']),
    storageStatus: new Map(
      status.filter(Array.isArray).map(([name, value]) => [text(name), text(value)] as const),
    ),
    cgroupDriver: text(info['CgroupDriver']),
    loggingDriver: text(info['LoggingDriver']),
    rootDirectory: text(info['DockerRootDir']),
    insecureRegistries: Object.entries(registries)
      .filter(([, registry]) => object(registry)['Secure'] === false)
      .map(([name]) => name),
    mirrors: list(mirrors).map(text),
    environment: new Map([
      ['HTTP_PROXY', text(info['HttpProxy'])],
      ['HTTPS_PROXY', text(info['HttpsProxy'])],
      ['NO_PROXY', text(info['NoProxy'])],
    ]),
  };
}

/** The files of EL7's docker.service whose variables its command line names. registries.conf is translated into the last. */
const ENVIRONMENT = [
  '/etc/sysconfig/docker',
  '/etc/sysconfig/docker-storage',
  '/etc/sysconfig/docker-network',
  '/run/containers/registries.conf',
];

/**
 * Everything that docker is started with by its unit and by what the files of its environment hold in the end, as one text without comments.
 * A setting that stands there and in daemon.json, too, keeps docker from starting.
 */
export async function readDockerFlags(host: HostReader): Promise<string> {
  const unit = await ask(host, 'systemctl', ['cat', 'docker.service']);
  const values = await readDockerEnvironment(host);
  return [
    ...lines(unit.code === 0 ? unit.stdout : '').filter(line => !/^\s*[#;]/.test(line)),
    ...values.values(),
  ].join('\n');
}

/** What EL7's files give docker for an environment. */
export async function readDockerEnvironment(host: HostReader): Promise<ReadonlyMap<string, string>> {
  const values = new Map<string, string>();
  for (const path of ENVIRONMENT) {
    for (const { name, value } of parseEnvironmentFile(await readText(host, path))) values.set(name, value);
  }
  return values;
}

/** A JSON object, undefined where the text is anything else. */
export function parseObject(json: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The value where it is an object, else an empty one. */
export function object(value: unknown): Readonly<Record<string, unknown>> {
  return isObject(value) ? value : {};
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
