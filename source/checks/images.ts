import type { Check, Finding } from '../engine/check';
import type { HostReader } from '../engine/host';
import { imagesMissing, neededImages } from '../registry/presence';
import type { MissingImage } from '../registry/presence';
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
      return [...byReason(missing)].flatMap(([reason, names]) => finding(reason, names));
    },
  };
}

function byReason(missing: readonly MissingImage[]): ReadonlyMap<string, readonly string[]> {
  const reasons = new Map<string, string[]>();
  for (const { image, reason } of missing) reasons.set(reason, [...(reasons.get(reason) ?? []), image]);
  return reasons;
}

/** A reason that begins with a registry's name is the registry's, and the same for all of its images. */
function finding(reason: string, names: readonly string[]): readonly Finding[] {
  const [registry = ''] = names[0]?.split('/') ?? [];
  if (!reason.startsWith(`${registry}: `)) {
    return names.map(image =>
      fatal(`${image}: ${reason}`, 'Put it in the registry, or name another image in the variables file.'),
    );
  }
  return [
    fatal(
      `registry ${reason}; so these cannot be had: ${names.join(', ')}`,
      'See that the registry runs, and that DOCKER_REGISTRY, _PLAIN_HTTP, _CA and its login are right.',
    ),
  ];
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
