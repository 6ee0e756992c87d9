import type { HostReader } from '../engine/host';
import { ask, lines, readText } from '../steps/prepare/ask';
import { readDockerEnvironment, readDockerInfo } from '../steps/prepare/docker-info';
import { DOCKER_PACKAGES } from '../steps/prepare/rpm';
import type { Docker } from './docker';
import { proxiesIn } from './proxy';

/** The docker that runs on a host; of one that does not run, its package's version. */
export async function runningDocker(host: HostReader): Promise<Docker> {
  const info = await readDockerInfo(host);
  if (info === undefined) {
    const proxies = proxiesIn(await readEnvironment(host));
    return { version: await installedVersion(host), mirrors: [], insecure: [], proxies };
  }
  const { serverVersion, mirrors, insecureRegistries, environment } = info;
  // It does not show the logins of proxies (moby info.go, maskCredentials).
  const masked = [...environment.values()].some(value => value.includes('xxxxx'));
  const { stdout } = await ask(host, 'docker', ['version', '--format', '{{.Server.GoVersion}}']);
  const go = /^go1\.(\d+)/.exec(stdout.trim())?.[1];
  return {
    version: serverVersion,
    go: go === undefined ? undefined : Number(go),
    mirrors,
    insecure: insecureRegistries,
    proxies: proxiesIn(masked ? await readEnvironment(host) : environment),
  };
}

const DROP_INS = '/etc/systemd/system/docker.service.d';

/** What docker's unit, its drop-ins and EL7's files give it for an environment, also where the unit is yet to be installed. */
async function readEnvironment(host: HostReader): Promise<ReadonlyMap<string, string>> {
  const names = ((await host.list(DROP_INS).catch(() => undefined)) ?? []).filter(name =>
    /\.conf$/.test(name),
  );
  const dropIns = await Promise.all(names.map(name => readText(host, `${DROP_INS}/${name}`)));
  const unit = await ask(host, 'systemctl', ['cat', 'docker.service']);
  const found = new Map(await readDockerEnvironment(host));
  for (const line of lines([unit.stdout, ...dropIns].join('\n'))) {
    const [, words = ''] = /^\s*Environment=(.*)$/.exec(line) ?? [];
    for (const [, quoted, bare] of words.matchAll(/"([^"]*)"|([^\s"]+)/g)) {
      const [, name, value] = /^(\w+)=(.*)$/.exec(quoted ?? bare ?? '') ?? [];
      if (name !== undefined && value !== undefined) found.set(name, value);
    }
  }
  return found;
}

async function installedVersion(host: HostReader): Promise<string | undefined> {
  const { stdout } = await ask(host, 'rpm', ['-q', '--qf', '%{NAME} %{VERSION}\\n', ...DOCKER_PACKAGES]);
  const found = lines(stdout).map(line => /^(\S+) (\d\S*)$/.exec(line)?.[2]);
  return found.find(version => version !== undefined);
}
