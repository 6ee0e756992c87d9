import type { HostReader } from '../../engine/host';
import { compareVersions } from '../../kubernetes/versions';
import type { Settings } from '../../variables/settings';
import { ask, lines, readText } from './ask';

/** Packages that bring a docker.service; they exclude one another. `docker` is EL7's own and what is installed where none is there. */
const DOCKER_PACKAGES = ['docker', 'docker-ce', 'docker-ee', 'docker-engine', 'moby-engine'] as const;

/** The last kubernetes-cni before 1.0, which dropped the `flannel` program that flannel without its own plugin image needs. */
const CNI_VERSION = '0.8.7';

/** The program in question. */
const FLANNEL_PROGRAM = '/opt/cni/bin/flannel';

const KUBE_PACKAGES = ['kubelet', 'kubeadm', 'kubectl'] as const;
const CAPABILITIES = ['kernel', 'iptables', 'bind-utils'] as const;

/** Which of the wanted packages are there, at which version. */
export interface Installed {
  /** Version by name, of those that are installed. */
  readonly versions: ReadonlyMap<string, string>;
  /** Of kernel, iptables, bind-utils and openssl, those that the host lacks. */
  readonly unprovided: readonly string[];
  /** Whether the CNI plugin `flannel` is there, whichever package it came with. */
  readonly flannelProgram: boolean;
  /** Whether yum's configuration leaves the Kubernetes packages out, as Kubernetes' own instructions advise. */
  readonly excluded: boolean;
}

/** Package specifications for yum, by what has to be done with them. */
interface Wanted {
  readonly install: readonly string[];
  /** Installed at a newer version: yum replaces those only when told to downgrade. */
  readonly downgrade: readonly string[];
}

/** Asks rpm and reads yum's configuration; touches no repository. */
export async function readInstalled(host: HostReader): Promise<Installed> {
  const names = [...KUBE_PACKAGES, 'kubernetes-cni', ...DOCKER_PACKAGES];
  const { stdout } = await ask(host, 'rpm', ['-q', '--qf', '%{NAME} %{VERSION}\\n', ...names]);
  const unprovided: string[] = [];
  for (const capability of CAPABILITIES) {
    const { code } = await ask(host, 'rpm', ['-q', '--whatprovides', capability]);
    if (code !== 0) unprovided.push(capability);
  }
  // EL7's minimal installation has it; the checks of certificates in use call it.
  if ((await host.stat('/usr/bin/openssl')) === undefined) unprovided.push('openssl');
  return {
    versions: new Map(
      lines(stdout)
        .map(line => line.split(' '))
        .flatMap(([name = '', version = '', ...rest]) =>
          rest.length === 0 && version !== '' ? [[name, version] as const] : [],
        ),
    ),
    unprovided,
    flannelProgram: (await host.stat(FLANNEL_PROGRAM)) !== undefined,
    excluded: await excludesKubernetes(host),
  };
}

/** What yum has to be told so that all wanted packages are there at their version. */
export function wantedPackages(settings: Settings, installed: Installed): Wanted {
  const install: string[] = [...installed.unprovided];
  const downgrade: string[] = [];
  if (!DOCKER_PACKAGES.some(name => installed.versions.has(name))) install.push('docker');
  const pinned: (readonly [string, string])[] = KUBE_PACKAGES.map(name => [name, settings.kubeVersion]);
  if (!settings.facts.flannel.cniPluginImage && !installed.flannelProgram) {
    pinned.push(['kubernetes-cni', CNI_VERSION]);
  }
  for (const [name, version] of pinned) {
    const present = installed.versions.get(name);
    if (present === version) continue;
    (present !== undefined && compareVersions(present, version) > 0 ? downgrade : install).push(
      `${name}-${version}`,
    );
  }
  return { install, downgrade };
}

async function excludesKubernetes(host: HostReader): Promise<boolean> {
  const directory = '/etc/yum.repos.d';
  const files = ((await host.list(directory)) ?? []).filter(name => name.endsWith('.repo'));
  for (const path of ['/etc/yum.conf', ...files.map(name => `${directory}/${name}`)]) {
    for (const line of lines(await readText(host, path))) {
      const [, patterns = ''] = /^\s*exclude(?:pkgs)?\s*=(.*)$/.exec(line) ?? [];
      const globs = patterns.split(/[\s,]+/).filter(pattern => pattern !== '');
      if (globs.some(glob => KUBE_PACKAGES.some(name => globMatches(glob, name)))) return true;
    }
  }
  return false;
}

function globMatches(glob: string, name: string): boolean {
  const pattern = glob
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*/g, '.*')
    .replace(/\?/g, '.');
  return new RegExp(`^${pattern}$`).test(name);
}
