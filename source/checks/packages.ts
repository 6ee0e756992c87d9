import type { Check, Finding } from '../engine/check';
import type { HostReader } from '../engine/host';
import { readInstalled, wantedPackages } from '../steps/prepare/rpm';
import { REPOSITORY_FILE } from '../steps/prepare/yum-repository';
import type { Settings } from '../variables/settings';
import { fatal, ok } from './finding';
import { offerOfHost, offerOfUrl } from './offer';
import type { Offer } from './offer';

/**
 * Every package that will be installed, looked for in the repositories at its version. Asking makes yum renew its own cache.
 * A repository that is yet to be configured (YUM_REPOSITORY) is read directly.
 */
export function packages(settings: Settings): Check {
  return {
    id: 'packages',
    title: 'Packages',
    run: async host => {
      const installed = await readInstalled(host);
      const { install, downgrade } = wantedPackages(settings, installed);
      const wanted = [...install, ...downgrade];
      if (wanted.length === 0) return [ok('all packages are installed')];
      const offers = await readOffers(host, settings, wanted);
      const missing = wanted.filter(one => !offers.some(offer => offer.has(one)));
      if (missing.length === 0) return [ok(`on offer: ${wanted.join(', ')}`)];
      const reasons = offers.flatMap(offer => (offer.problem === undefined ? [] : [offer.problem]));
      return reasons.length === 0
        ? missing.map(one => absent(one, offers))
        : [
            fatal(
              `${missing.join(', ')} cannot be found; yum says: ${reasons.join('; ')}`,
              'Mend or disable the repository that is complained of, or name another one in YUM_REPOSITORY.',
            ),
          ];
    },
  };
}

async function readOffers(
  host: HostReader,
  settings: Settings,
  wanted: readonly string[],
): Promise<readonly Offer[]> {
  const names = wanted.map(name);
  const own = await offerOfHost(host, names);
  const url = settings.yumRepository;
  if (url === undefined || (await host.stat(REPOSITORY_FILE)) !== undefined) return [own];
  return [own, await offerOfUrl(host, url, names)];
}

function absent(specification: string, offers: readonly Offer[]): Finding {
  const versions = [...new Set(offers.flatMap(offer => offer.versions(name(specification))))];
  const others = versions.length > 0 ? `; on offer: ${versions.join(', ')}` : '';
  return fatal(
    `no repository offers ${specification}${others}`,
    specification === 'docker'
      ? 'Add it to the repository, or install docker-ce before.'
      : 'Add it to the repository, or name one that has it in YUM_REPOSITORY.',
  );
}

/** "kubelet-1.20.2" -> "kubelet"; names may have hyphens of their own. */
function name(specification: string): string {
  return specification.replace(/-\d[\d.]*$/, '');
}
