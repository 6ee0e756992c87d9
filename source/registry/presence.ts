import type { HostReader } from '../engine/host';
import { isFault, parseImage } from '../variables/images';
import type { Registry, Settings } from '../variables/settings';
import { IMAGE_NAMES } from '../variables/table';
import { RegistryClient } from './client';

export interface MissingImage {
  readonly image: string;
  /** Why it cannot be had: "is not in the registry". */
  readonly reason: string;
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

/** Asks each image's registry for its manifest, from the host, and returns those that cannot be had. A registry that is no good as such is asked once. */
export async function imagesMissing(
  host: HostReader,
  registry: Registry,
  images: readonly string[],
): Promise<readonly MissingImage[]> {
  const clients = new Map<
    string,
    { readonly client: RegistryClient; readonly problem: Promise<string | undefined> }
  >();
  const reasonFor = async (image: string): Promise<string | undefined> => {
    const reference = parseImage(image);
    if (isFault(reference)) return reference.wrong;
    let known = clients.get(reference.registry);
    if (known === undefined) {
      const client = new RegistryClient(host, reference.registry, registry);
      known = { client, problem: client.problem() };
      clients.set(reference.registry, known);
    }
    const problem = await known.problem;
    if (problem !== undefined) return `${reference.registry}: ${problem}`;
    return known.client.missing(reference);
  };
  const queue = [...new Set(images)];
  const reasons = new Map<string, string>();
  const worker = async (): Promise<void> => {
    for (let image = queue.shift(); image !== undefined; image = queue.shift()) {
      const reason = await reasonFor(image);
      if (reason !== undefined) reasons.set(image, reason);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return images
    .filter((image, index) => images.indexOf(image) === index)
    .flatMap(image => {
      const reason = reasons.get(image);
      return reason === undefined ? [] : [{ image, reason }];
    });
}
