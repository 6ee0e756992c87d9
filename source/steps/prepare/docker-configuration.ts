import { difference, observe } from '../../changes/desired';
import type { Desired, ObservedDesired } from '../../changes/desired';
import { Failure } from '../../engine/failure';
import type { HostReader } from '../../engine/host';
import { step } from '../../engine/step';
import type { Step } from '../../engine/step';
import type { Registry, Settings } from '../../variables/settings';
import { readText } from './ask';
import { object, parseObject, readDockerFlags, readDockerInfo } from './docker-info';

/** Docker's own configuration file. */
export const DAEMON_JSON = '/etc/docker/daemon.json';

const ACCOUNTING = '/etc/systemd/system/docker.service.d/10-kube-el7-install-accounting.conf';

/** So that EL7's systemd gives the unit cgroups of its own, which the kubelet asks for the unit's usage (kubernetes/kubernetes issue 56850). */
export const ACCOUNTING_TEXT = [
  '# Written by kube-el7-install, or the kubelet cannot tell what this service uses.',
  '[Service]',
  'CPUAccounting=true',
  'MemoryAccounting=true',
  '',
].join('\n');

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

interface Observed extends DockerConfiguration {
  readonly caText: string | undefined;
  readonly desired: readonly Desired[];
  readonly files: ObservedDesired;
}

/** host[:port] of the registry, the part that docker and the kubelet know it by. */
export function registryHost(registry: Registry): string {
  return registry.address.split('/')[0] ?? registry.address;
}

/** What docker has to know before it starts: the registry's CA or that it has no TLS, and a bound on the containers' logs. Storage and cgroup driver are left as they are. */
export function dockerConfiguration(settings: Settings, after: readonly string[]): Step {
  return step<Observed>({
    id: 'docker-configuration',
    title: 'Configure docker',
    after,
    probe: async host => {
      const configuration = await readDockerConfiguration(host);
      const { caFile } = settings.registry;
      const caText = caFile === undefined ? undefined : await readText(host, caFile);
      const desired = desiredFiles(settings, configuration, caText);
      return { ...configuration, caText, desired, files: await observe(host, desired) };
    },
    plan: observed => {
      const problem = configurationProblem(settings, observed);
      if (problem) {
        throw new Failure({ code: 'docker-configuration', message: problem.message, hint: problem.fix });
      }
      const { caFile } = settings.registry;
      if (caFile !== undefined && observed.caText === '') {
        throw new Failure({
          code: 'registry-ca',
          message: `DOCKER_REGISTRY_CA names ${caFile}, which is empty or not on this host.`,
          hint: `Copy the CA's certificate there, in PEM form.`,
        });
      }
      const changes = difference(observed.desired, observed.files);
      const unitChanged = changes.some(change => change.kind === 'write' && change.path === ACCOUNTING);
      return unitChanged
        ? [...changes, { kind: 'service', unit: 'docker.service', action: 'reload-units' }]
        : changes;
    },
  });
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

function desiredFiles(
  settings: Settings,
  configuration: DockerConfiguration,
  caText: string | undefined,
): readonly Desired[] {
  const json = daemonJson(settings, configuration);
  const host = registryHost(settings.registry);
  return [
    { kind: 'file', path: ACCOUNTING, content: ACCOUNTING_TEXT, mode: 0o644 },
    ...(json === undefined ? [] : [{ kind: 'file' as const, path: DAEMON_JSON, content: json, mode: configuration.jsonMode }]),
    ...(caText === undefined || caText === ''
      ? []
      : [
          {
            kind: 'file' as const,
            path: `/etc/docker/certs.d/${host}/ca.crt`,
            content: caText,
            mode: 0o644,
          },
        ]),
  ];
}

/** The file as it should be; its text as it is where nothing has to be said, undefined where it then need not exist. */
function daemonJson(settings: Settings, { json, flags, insecure }: DockerConfiguration): string | undefined {
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
