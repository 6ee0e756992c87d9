import { patiently } from '../patience';
import type { Event } from '../../../source/engine/event';
import { installerDirectory, placeInstaller, siteVariables } from '../installer';
import type { Lab, LabHost, Made } from '../lab';

/** Where the bundle is unpacked. */
export const home = installerDirectory;
const minutes = 60_000;

/** How the site of a scenario is set up: which registry, and what else its variables file says. */
export interface Site {
  readonly registry?: 'plain' | 'tls';
  readonly variables?: Readonly<Record<string, string>>;
}

/** The only host that is on: a pristine one with the offline bundle unpacked and the site's variables written, nothing else. */
export async function freshHost(lab: Lab, name: string, site: Site = {}): Promise<LabHost> {
  await powerOffOthers(lab, [name]);
  return furtherHost(lab, name, site);
}

/** A pristine host beside those that are on. */
export async function furtherHost(lab: Lab, name: string, site: Site & Made = {}): Promise<LabHost> {
  const host = await lab.original(name);
  await host.reset(site);
  await host.boot();
  await placeInstaller(lab, host, console.log);
  await writeVariables(lab, host, site);
  return host;
}

/** Nothing of an earlier scenario goes on: its masters would still hold the VIP. */
export async function powerOffOthers(lab: Lab, names: readonly string[]): Promise<void> {
  const others = lab.made.filter(({ role, running }) => running && !names.includes(role));
  await Promise.all(others.map(host => host.powerCut()));
}

/** Writes the variables file of a site that uses the lab's registry. */
export async function writeVariables(lab: Lab, host: LabHost, site: Site): Promise<void> {
  const { plain, tls, caFile, username, password } = lab.registry;
  const secured = site.registry === 'tls';
  const values: Record<string, string> = {
    DOCKER_REGISTRY: secured ? tls : plain,
    ...(secured
      ? {
          DOCKER_REGISTRY_CA: '/root/registry-ca.crt',
          DOCKER_REGISTRY_USER: username,
          DOCKER_REGISTRY_PASSWORD_FILE: '/root/registry-password',
        }
      : {}),
    ...site.variables,
  };
  const names = secured ? [...Object.keys(values), 'DOCKER_REGISTRY_PLAIN_HTTP'] : Object.keys(values);
  const others = siteVariables(lab)
    .split('\n')
    .filter(line => !names.some(name => line.startsWith(`${name}=`)));
  // The registry's name comes first: later lines refer to it.
  const own = Object.entries(values).map(([name, value]) => `${name}="${value}"`);
  await host.write(`${home}/variables`, [...own, ...others].join('\n'));
  if (secured) {
    await host.copyIn(caFile, '/root/registry-ca.crt');
    await host.write('/root/registry-password', `${password}\n`, 0o600);
  }
}

export interface InstallRun {
  readonly code: number;
  readonly events: readonly Event[];
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the installer over ssh without a terminal, reading its events. */
export async function install(host: LabHost, options = '--yes --output json'): Promise<InstallRun> {
  const { code, stdout, stderr } = await host.run(`cd ${home} && ./kube-el7-install ${options}`, {
    timeoutMs: 15 * minutes,
  });
  return { code, stdout, stderr, events: options.includes('json') ? eventsOf(stdout) : [] };
}

/** Every line as an event; a line that is none throws, so that nothing else passes on stdout. */
export function eventsOf(stdout: string): readonly Event[] {
  return stdout
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line) as Event);
}

/** The events of one type, in order. */
export function eventsOfType<Type extends Event['type']>(
  events: readonly Event[],
  type: Type,
): readonly Extract<Event, { type: Type }>[] {
  return events.filter((event): event is Extract<Event, { type: Type }> => event.type === type);
}

/** What an operator would be told of a run that did not succeed; empty for one that did. */
export function complaint(run: InstallRun): string {
  if (run.code === 0) return '';
  const failures = eventsOfType(run.events, 'step-failed').map(event =>
    JSON.stringify(event.failure, null, 1),
  );
  const findings = eventsOfType(run.events, 'check-finished').flatMap(event =>
    event.findings.filter(({ level }) => level === 'fatal').map(({ message }) => `${event.id}: ${message}`),
  );
  return [`exit code ${run.code}`, run.stderr, ...findings, ...failures].join('\n');
}

/** kubectl on a master, with the administrator's kubeconfig. */
export function kubectl(host: LabHost, parameters: string, input?: string): Promise<string> {
  const patient = parameters.replace(
    /--timeout=(\d+)s/g,
    (_, seconds: string) => `--timeout=${String(patiently(Number(seconds)))}s`,
  );
  return host.succeed(`kubectl ${patient}`, input === undefined ? {} : { input });
}

/** Directories that hold what the installer leaves on a host. */
const places =
  '/etc/kubernetes /etc/docker /etc/sysconfig /etc/sysctl.d /etc/modules-load.d /etc/selinux /etc/fstab ' +
  '/etc/systemd/system /etc/yum.repos.d /etc/cni /root/.kube /root/.helm /root/.docker /var/lib/kubelet/config.yaml ' +
  '/var/lib/kubelet/kubeadm-flags.env /var/lib/kubelet/config.json /var/lib/kube-el7-install';
const expectedToMove = '-not -path "*/journal*" -not -name lock -not -path "/root/.kube/cache/*"';

/** Modification time, mode and name of every file that the installer may have written; its own journal is left out. */
export async function fileTimes(host: LabHost): Promise<string> {
  return host.succeed(
    `find ${places} ${expectedToMove} -type f -printf '%T@ %m %p\\n' 2>/dev/null | sort -k3; true`,
  );
}
