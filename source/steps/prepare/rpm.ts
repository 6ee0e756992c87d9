import type { HostReader } from '../../engine/host';
import { compareVersions } from '../../kubernetes/versions';
import type { Settings } from '../../variables/settings';
import { ask, lines } from './ask';

/** Packages that bring a docker.service; they exclude one another. `docker` is EL7's own and what is installed where none is there. */
export const DOCKER_PACKAGES = ['docker', 'docker-ce', 'docker-ee', 'docker-engine', 'moby-engine'] as const;

/** The last kubernetes-cni before 1.0, which dropped the `flannel` program that flannel without its own plugin image needs. */
const CNI_VERSION = '0.8.7';

/** The program in question. */
const FLANNEL_PROGRAM = '/opt/cni/bin/flannel';

const KUBE_PACKAGES = ['kubelet', 'kubeadm', 'kubectl'] as const;
const CAPABILITIES = ['kernel', 'iptables', 'bind-utils'] as const;

/**
 * Programs and their packages. EL7's minimal installation has openssl, which the checks of certificates in use call.
 * The others are what kubeadm's preflight, the kubelet and port-forward call; later builds of the Kubernetes packages no longer bring them along (kubernetes/kubernetes#135306).
 */
const PROGRAMS = [
  ['/usr/bin/openssl', 'openssl'],
  ['/usr/sbin/conntrack', 'conntrack-tools'],
  ['/usr/bin/socat', 'socat'],
  ['/usr/sbin/ebtables', 'ebtables'],
  ['/usr/sbin/ethtool', 'ethtool'],
] as const;

/** Which of the wanted packages are there, at which version. */
export interface Installed {
  /** Version by name, of those that are installed. */
  readonly versions: ReadonlyMap<string, string>;
  /** Packages of programs that a node needs, those that the host lacks. */
  readonly unprovided: readonly string[];
  /** Whether the CNI plugin `flannel` is there, whichever package it came with. */
  readonly flannelProgram: boolean;
}

/** Package specifications for yum, by what has to be done with them. */
interface Wanted {
  readonly install: readonly string[];
  /** Installed at a newer version: yum replaces those only when told to downgrade. */
  readonly downgrade: readonly string[];
}

/** Asks rpm; touches no repository. */
export async function readInstalled(host: HostReader): Promise<Installed> {
  const names = [...KUBE_PACKAGES, 'kubernetes-cni', ...DOCKER_PACKAGES];
  const { stdout } = await ask(host, 'rpm', ['-q', '--qf', '%{NAME} %{VERSION}\\n', ...names]);
  const unprovided: string[] = [];
  for (const capability of CAPABILITIES) {
    const { code } = await ask(host, 'rpm', ['-q', '--whatprovides', capability]);
    if (code !== 0) unprovided.push(capability);
  }
  for (const [path, name] of PROGRAMS) {
    if ((await host.stat(path)) !== undefined) continue;
    if ((await ask(host, 'rpm', ['-q', name])).code !== 0) unprovided.push(name);
  }
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
