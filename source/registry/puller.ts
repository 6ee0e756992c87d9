import type { HostReader } from '../engine/host';
import { ask, lines } from '../steps/prepare/ask';
import { readDockerInfo } from '../steps/prepare/docker-info';
import { DOCKER_PACKAGES } from '../steps/prepare/rpm';
import type { Docker } from './docker';

/** The docker that runs on a host; of one that does not run, its package's version. */
export async function runningDocker(host: HostReader): Promise<Docker> {
  const info = await readDockerInfo(host);
  if (info === undefined) return { version: await installedVersion(host), mirrors: [], insecure: [] };
  const { serverVersion, mirrors, insecureRegistries } = info;
  const { stdout } = await ask(host, 'docker', ['version', '--format', '{{.Server.GoVersion}}']);
  const go = /^go1\.(\d+)/.exec(stdout.trim())?.[1];
  return {
    version: serverVersion,
    go: go === undefined ? undefined : Number(go),
    mirrors,
    insecure: insecureRegistries,
  };
}

async function installedVersion(host: HostReader): Promise<string | undefined> {
  const { stdout } = await ask(host, 'rpm', ['-q', '--qf', '%{NAME} %{VERSION}\\n', ...DOCKER_PACKAGES]);
  const found = lines(stdout).map(line => /^(\S+) (\d\S*)$/.exec(line)?.[2]);
  return found.find(version => version !== undefined);
}
