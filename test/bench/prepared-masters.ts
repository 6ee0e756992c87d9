import { imageRecipes } from '../lab/artifacts/images';
import { installerDirectory, placeInstaller } from '../lab/installer';
import type { Profile } from '../lab/hosts/profiles';
import type { Lab, LabHost } from '../lab/lab';
import { median } from './figures';
import { fsyncTimes } from './fsync';
import { placeScripts } from './kubeadm-masters';
import type { Hosts } from './raising';

const LIMIT_MS = 10 * 60_000;

/** What neither side needs, so that nobody waits for it. */
const unused: readonly string[] = ['tiller:v2.17.0', 'etcd:3.3.25'];

/** Prepares a host that is new. */
export async function prepare(lab: Lab, host: LabHost): Promise<void> {
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
 * does) and images. Both sides of a comparison start from these. Only then they get their profile.
 */
export async function preparedHosts(lab: Lab, profile: Profile): Promise<Hosts> {
  const named = async (names: readonly string[]): Promise<LabHost[]> => {
    const hosts: LabHost[] = [];
    // One by one: they share the lab's key and its list of known hosts.
    for (const name of names) hosts.push(await lab.original(name));
    for (const host of hosts) await host.powerCut();
    for (const host of hosts) await host.reset();
    return hosts;
  };
  const masters = await named(['master1', 'master2', 'master3']);
  const workers = await named(['worker1']);
  await Promise.all([...masters, ...workers].map(host => prepare(lab, host)));
  await Promise.all([...masters, ...workers].map(host => host.become(profile)));
  const [worker] = workers;
  if (worker === undefined) throw new Error('there is no worker');
  const times = await fsyncTimes(worker);
  const range = [Math.min(...times), Math.max(...times)].map(ms => ms.toFixed(1)).join(' to ');
  console.log(`profile ${profile}: an fsync on a host takes ${median(times).toFixed(1)} ms (${range})`);
  return { masters, worker };
}
