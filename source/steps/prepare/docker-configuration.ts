import { difference, observe } from '../../changes/desired';
import type { Desired, ObservedDesired } from '../../changes/desired';
import { jsonView, withView } from '../../disclosure/files';
import { Failure } from '../../engine/failure';
import { step } from '../../engine/step';
import type { Step } from '../../engine/step';
import { registryCaPath } from '../../registry/certs-d';
import type { Settings } from '../../variables/settings';
import { readText } from './ask';
import {
  DAEMON_JSON,
  configurationProblem,
  daemonJson,
  readDockerConfiguration,
  registryHost,
} from './daemon-json';
import type { DockerConfiguration } from './daemon-json';

const DROP_IN = '/etc/systemd/system/docker.service.d/10-kube-el7-install.conf';

/** So that EL7's systemd gives the unit cgroups of its own, which the kubelet asks for the unit's usage (kubernetes/kubernetes issue 56850). */
export const ACCOUNTING_TEXT = [
  '# Written by kube-el7-install, or the kubelet cannot tell what this service uses.',
  '[Service]',
  'CPUAccounting=true',
  'MemoryAccounting=true',
  '',
].join('\n');

/** docker-ce has this order in its unit, EL7's docker has not. */
const ORDER_TEXT = [
  '# Written by kube-el7-install: firewalld clears the rules of a docker that starts at the same time.',
  '[Unit]',
  'After=firewalld.service',
  '',
].join('\n');

interface Observed extends DockerConfiguration {
  readonly caText: string | undefined;
  readonly desired: readonly Desired[];
  readonly files: ObservedDesired;
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
      const unitChanged = changes.some(change => change.kind === 'write' && change.path === DROP_IN);
      return unitChanged
        ? [...changes, { kind: 'service', unit: 'docker.service', action: 'reload-units' }]
        : changes;
    },
  });
}

function desiredFiles(
  settings: Settings,
  configuration: DockerConfiguration,
  caText: string | undefined,
): readonly Desired[] {
  const json = daemonJson(settings, configuration);
  return [
    { kind: 'file', path: DROP_IN, content: `${ORDER_TEXT}\n${ACCOUNTING_TEXT}`, mode: 0o644 },
    ...(json === undefined
      ? []
      : [
          {
            kind: 'file' as const,
            path: DAEMON_JSON,
            content: withView(json, jsonView),
            mode: configuration.jsonMode,
          },
        ]),
    ...(caText === undefined || caText === ''
      ? []
      : [
          {
            kind: 'file' as const,
            path: registryCaPath(registryHost(settings.registry)),
            content: caText,
            mode: 0o644,
          },
        ]),
  ];
}
