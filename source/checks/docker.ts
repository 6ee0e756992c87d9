import type { Check, Finding } from '../engine/check';
import type { HostReader } from '../engine/host';
import {
  DAEMON_JSON,
  configurationProblem,
  readDockerConfiguration,
  registryHost,
} from '../steps/prepare/daemon-json';
import { readDockerInfo } from '../steps/prepare/docker-info';
import type { DockerInfo } from '../steps/prepare/docker-info';
import { readUnit } from '../steps/prepare/units';
import type { Settings } from '../variables/settings';
import { fatal, ok, warning } from './finding';

/** A docker that is there already: whether it can run a cluster as it is configured. */
export function docker(settings: Settings): Check {
  return {
    id: 'docker',
    title: 'Docker',
    run: async host => {
      const unit = await readUnit(host, 'docker.service');
      const configuration = await readDockerConfiguration(host);
      const problem = configurationProblem(settings, configuration);
      const info = await readDockerInfo(host);
      return [
        ...(problem ? [fatal(problem.message, problem.fix)] : []),
        ...unasked(settings, configuration.insecure),
        ...(info ? running(info) : [await notAnswering(host, unit.loaded, unit.active)]),
      ];
    },
  };
}

function running(info: DockerInfo): readonly Finding[] {
  const { serverVersion, storageDriver, storageStatus, cgroupDriver } = info;
  const [major = 0, minor = 0] = serverVersion.split('.').map(Number);
  const findings: Finding[] = [];
  if (major < 1 || (major === 1 && minor < 13)) {
    findings.push(fatal(`docker ${serverVersion} is older than 1.13`, 'Update docker: yum update docker.'));
  }
  const loop = storageStatus.get('Data loop file') ?? '';
  if (storageDriver === 'devicemapper' && loop !== '') {
    findings.push(
      warning(
        `docker keeps images and containers in a loop file (${loop}), which is slow and breaks under load`,
        'Set docker up with overlay2, or with a thin pool of its own, before there are containers to lose.',
      ),
    );
  } else if (storageDriver === 'vfs') {
    findings.push(
      warning(
        "docker's storage driver is vfs, which copies every image whole for each container",
        'Set docker up with overlay2 on XFS (ftype=1) or ext4.',
      ),
    );
  }
  if (cgroupDriver !== 'systemd' && cgroupDriver !== 'cgroupfs') {
    findings.push(
      fatal(
        `docker's cgroup driver is "${cgroupDriver}"`,
        'Start docker with native.cgroupdriver=systemd or cgroupfs.',
      ),
    );
  }
  return [
    ...findings,
    ...(findings.length > 0
      ? []
      : [
          ok(
            `docker ${serverVersion}, storage ${storageDriver}, cgroup driver ${cgroupDriver}; the kubelet will use the same`,
          ),
        ]),
  ];
}

async function notAnswering(host: HostReader, loaded: string, active: string): Promise<Finding> {
  if (active === 'active' || active === 'activating') {
    return fatal(
      'docker runs but does not answer',
      'Find out why: journalctl -u docker; systemctl restart docker.',
    );
  }
  if (loaded === 'masked') return fatal('docker.service is masked', 'systemctl unmask docker.service');
  if (active === 'failed') {
    return warning(
      'docker has failed to start before; it will be started',
      'If that fails again: journalctl -u docker',
    );
  }
  const latest = await readUnit(host, 'docker-latest.service');
  if (latest.active === 'active') {
    return fatal(
      'docker-latest is running; it and docker cannot share a host',
      'systemctl disable --now docker-latest, and let the installer install docker.',
    );
  }
  return ok(loaded === 'loaded' ? 'docker is installed; it will be started' : 'docker will be installed');
}

/** Nothing that the installer does needs this, but images would come unverified although nobody said so. */
function unasked(settings: Settings, insecure: readonly string[]): readonly Finding[] {
  const registry = registryHost(settings.registry);
  if (settings.registry.plainHttp || !insecure.includes(registry)) return [];
  return [
    warning(
      `docker takes ${registry} without verifying it (insecure-registries), although DOCKER_REGISTRY_PLAIN_HTTP is not yes`,
      `Take it out of ${DAEMON_JSON} or docker's flags and restart docker, or set DOCKER_REGISTRY_PLAIN_HTTP=yes.`,
    ),
  ];
}
