import type { Check, Finding } from '../engine/check';
import type { HostReader } from '../engine/host';
import { imagesMissing, neededImages } from '../registry/presence';
import type { Registry, Settings } from '../variables/settings';
import { readText } from '../steps/prepare/ask';
import { fatal, ok } from './finding';

/** Every image that will be pulled, asked for in its registry as docker would ask, before anything is changed. */
export function images(settings: Settings): Check {
  return {
    id: 'images',
    title: 'Images',
    run: async host => {
      const ca = await caFault(host, settings.registry);
      if (ca !== undefined) return [ca];
      const needed = neededImages(settings);
      const missing = await imagesMissing(host, settings.registry, needed);
      if (missing.length === 0) {
        return [ok(`all ${needed.length} images are in ${settings.registry.address}`)];
      }
      return missing.map(({ image, reason }) =>
        fatal(`${image}: ${reason}`, 'Put it in the registry, or name another image in the variables file.'),
      );
    },
  };
}

async function caFault(host: HostReader, { caFile }: Registry): Promise<Finding | undefined> {
  if (caFile === undefined || (await readText(host, caFile)).includes('-----BEGIN CERTIFICATE-----')) {
    return undefined;
  }
  return fatal(
    `DOCKER_REGISTRY_CA names ${caFile}, which is not on this host or no certificate in PEM form`,
    `Copy the certificate of the registry's CA to ${caFile}.`,
  );
}
