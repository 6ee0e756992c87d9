import type { HostReader } from '../engine/host';
import type { RegistryStatus } from '../installer';
import { registryName } from '../variables/images';
import type { Settings } from '../variables/settings';
import { imagesMissing, neededImages } from './presence';

/** What the wizard says of a registry as it is typed: whether it is reachable, and how many of the images it has. */
export async function registryStatus(host: HostReader, settings: Settings): Promise<RegistryStatus> {
  const images = neededImages(settings);
  const total = images.length;
  const missing = await imagesMissing(host, settings.registry, images);
  const own = registryName(settings.registry);
  const whole = missing.find(one => one.whole && one.registry === own);
  const found = total - missing.length;
  if (whole !== undefined) {
    return {
      reachable: false,
      problem: whole.reason,
      found,
      total,
      missing: missing.map(({ image }) => image),
    };
  }
  const odd = missing.find(({ reason }) => reason !== 'is not in the registry');
  return {
    reachable: true,
    ...(odd === undefined ? {} : { problem: `${odd.image}: ${odd.reason}` }),
    found,
    total,
    missing: missing.map(({ image }) => image),
  };
}
