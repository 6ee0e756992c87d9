import { imageRecipes } from '../lab/artifacts/images';
import { installerDirectory, placeInstaller } from '../lab/installer';
import type { Lab, LabHost } from '../lab/lab';
import { placeScripts } from './kubeadm-masters';

const LIMIT_MS = 10 * 60_000;

/** What neither side needs, so that nobody waits for it. */
const unused: readonly string[] = ['lab-probe:1', 'tiller:v2.17.0', 'etcd:3.3.25'];

async function prepare(lab: Lab, host: LabHost): Promise<void> {
  await host.boot();
  await placeInstaller(lab, host, console.log);
  await placeScripts(host);
  await host.succeed(`cd ${installerDirectory} && ./kube-el7-install prepare --yes --output plain`, {
    timeoutMs: LIMIT_MS,
  });
  const images = imageRecipes
    .map(({ name, tag }) => `${name}:${tag}`)
    .filter(image => !unused.includes(image))
    .map(image => `${lab.registry.plain}/${image}`);
  await host.succeed('xargs -P 2 -n 1 docker pull --quiet', {
    input: images.join('\n'),
    timeoutMs: LIMIT_MS,
  });
}

/**
 * Hosts that were never used, with everything that takes time only once: packages, docker, settings (what `prepare`
 * does) and images. Both sides of a comparison start from these.
 */
export async function preparedMasters(lab: Lab, names: readonly string[]): Promise<readonly LabHost[]> {
  const hosts = names.map(name => lab.host(name));
  // One by one: they share the lab's key and its list of known hosts.
  for (const host of hosts) await host.reset();
  await Promise.all(hosts.map(host => prepare(lab, host)));
  return hosts;
}
