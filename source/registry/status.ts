import type { HostReader } from '../engine/host';
import type { RegistryStatus } from '../installer';
import type { Settings } from '../variables/settings';
import { RegistryClient } from './client';
import { imagesMissing, neededImages } from './presence';

/** What the wizard says of a registry as it is typed: whether it is reachable, and how many of the images it has. */
export async function registryStatus(host: HostReader, settings: Settings): Promise<RegistryStatus> {
  const images = neededImages(settings);
  const total = images.length;
  const own = settings.registry.address.split('/')[0] ?? '';
  const problem = await new RegistryClient(host, own, settings.registry).problem();
  if (problem !== undefined) return { reachable: false, problem, found: 0, total, missing: images };
  const missing = await imagesMissing(host, settings.registry, images);
  const odd = missing.find(({ reason }) => reason !== 'is not in the registry');
  return {
    reachable: true,
    ...(odd === undefined ? {} : { problem: `${odd.image}: ${odd.reason}` }),
    found: total - missing.length,
    total,
    missing: missing.map(({ image }) => image),
  };
}
