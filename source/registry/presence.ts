import type { HostReader } from '../engine/host';
import { isFault, parseImage } from '../variables/images';
import type { Registry, Settings } from '../variables/settings';
import { IMAGE_NAMES } from '../variables/table';
import { RegistryClient } from './client';
import type { Docker } from './docker';
import { runningDocker } from './puller';
import type { Problem } from './refusal';

export interface MissingImage extends Problem {
  readonly image: string;
  /** The registry that it would come from. */
  readonly registry: string;
}

const AT_ONCE = 6;

/** The images that an install with these settings pulls: keepalived is for a VIP that it carries, tiller for sites that want it. */
export function neededImages(settings: Settings): readonly string[] {
  const left = {
    keepalived: settings.vip?.carrier !== 'keepalived',
    tiller: !settings.tiller,
  };
  const names = IMAGE_NAMES.filter(name => !((name === 'keepalived' || name === 'tiller') && left[name]));
  return [...new Set(names.map(name => settings.images[name]))];
}

/** Asks each image's registry for it, from the host, as this docker would, and returns those that it could not pull. */
export async function imagesMissing(
  host: HostReader,
  registry: Registry,
  images: readonly string[],
  docker?: Docker,
): Promise<readonly MissingImage[]> {
  const puller = docker ?? (await runningDocker(host));
  const clients = new Map<string, RegistryClient>();
  const look = async (image: string): Promise<MissingImage | undefined> => {
    const reference = parseImage(image);
    if (isFault(reference)) {
      return { image, registry: '', reason: reference.wrong, fix: `Name ${reference.right}.`, whole: false };
    }
    const { registry: name } = reference;
    const client = clients.get(name) ?? new RegistryClient(host, name, registry, puller);
    clients.set(name, client);
    const problem = await client.missing(reference);
    return problem && { ...problem, image, registry: name };
  };
  const wanted = [...new Set(images)];
  const queue = [...wanted];
  const found = new Map<string, MissingImage>();
  const worker = async (): Promise<void> => {
    for (let image = queue.shift(); image !== undefined; image = queue.shift()) {
      const missing = await look(image);
      if (missing !== undefined) found.set(image, missing);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return wanted.flatMap(image => found.get(image) ?? []);
}
