import type { Check, Finding } from '../engine/check';
import type { HostReader } from '../engine/host';
import { certificatesIn } from '../pki/pem';
import type { Docker } from '../registry/docker';
import { imagesMissing, neededImages } from '../registry/presence';
import type { MissingImage } from '../registry/presence';
import { runningDocker } from '../registry/puller';
import { readText } from '../steps/prepare/ask';
import { unwrittenRepository } from '../steps/prepare/yum-repository';
import type { Registry, Settings } from '../variables/settings';
import { fatal, ok } from './finding';
import { resolve } from './transaction';

/** Every image that will be pulled, asked for in its registry as docker would ask, before anything is changed. */
export function images(settings: Settings): Check {
  return {
    id: 'images',
    title: 'Images',
    run: async host => {
      const ca = await caFault(host, settings.registry);
      if (ca !== undefined) return [ca];
      const needed = neededImages(settings);
      const missing = await imagesMissing(host, settings.registry, needed, await puller(host, settings));
      return missing.length === 0
        ? [ok(`all ${needed.length} images are in ${settings.registry.address}`)]
        : findings(missing);
    },
  };
}

/** The docker that will pull the images: the one that is there, else the one that yum will install. */
async function puller(host: HostReader, settings: Settings): Promise<Docker> {
  const present = await runningDocker(host);
  if (present.version !== undefined) return present;
  const repositoryText = await unwrittenRepository(host, settings);
  const { packages = [] } = await resolve(host, 'install', ['docker'], { repositoryText });
  return { ...present, version: packages.find(({ name }) => name === 'docker')?.version };
}

/** What is the registry's own is told once, with all of its images. */
function findings(missing: readonly MissingImage[]): readonly Finding[] {
  const told = new Set<string>();
  return missing.flatMap(({ image, registry, reason, fix, whole }) => {
    if (!whole) return [fatal(`${image}: ${reason}`, fix)];
    const shared = missing.filter(one => one.whole && one.registry === registry && one.reason === reason);
    const text = `registry ${registry}: ${reason}; so these cannot be had: ${shared.map(one => one.image).join(', ')}`;
    if (told.has(text)) return [];
    told.add(text);
    return [fatal(text, fix)];
  });
}

async function caFault(host: HostReader, { caFile }: Registry): Promise<Finding | undefined> {
  if (caFile === undefined || certificatesIn(await readText(host, caFile)).length > 0) return undefined;
  return fatal(
    `DOCKER_REGISTRY_CA names ${caFile}, which is not on this host or no certificate in PEM form`,
    `Copy the certificate of the registry's CA to ${caFile}.`,
  );
}
