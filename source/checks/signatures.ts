import type { Finding } from '../engine/check';
import type { HostReader } from '../engine/host';
import { ask } from '../steps/prepare/ask';
import { isYes, readYumConfiguration } from '../steps/prepare/yum-configuration';
import type { Settings } from '../variables/settings';
import { fatal, warning } from './finding';
import type { Resolved } from './transaction';

/** How packages are verified: by a signature, or by TLS. What comes with neither gets a word, as images over plain HTTP do. */
export async function signatures(
  host: HostReader,
  settings: Settings,
  packages: readonly Resolved[],
  repositoryText: string | undefined,
): Promise<readonly Finding[]> {
  const coming = packages.filter(({ does }) => does !== 'remove' && does !== 'skip');
  const configuration = await readYumConfiguration(host, repositoryText);
  const byDefault = configuration.get('main')?.get('gpgcheck');
  const findings: Finding[] = [];
  for (const id of new Set(coming.map(({ repository }) => repository))) {
    const options = configuration.get(id);
    if (options === undefined) continue;
    const names = coming.filter(({ repository }) => repository === id).map(({ name }) => name);
    if (isYes(options.get('gpgcheck') ?? byDefault)) {
      const fault = await keyFault(host, options.get('gpgkey') ?? '');
      if (fault === undefined) continue;
      findings.push(
        fatal(
          `repository ${id} has gpgcheck=1, and ${fault}, so yum will refuse ${names.join(', ')}`,
          `Import the key that signs these packages: rpm --import FILE; or name it with gpgkey= where ${id} is configured.`,
        ),
      );
      continue;
    }
    const url = ['baseurl', 'mirrorlist', 'metalink']
      .flatMap(option => (options.get(option) ?? '').split(/[\s,]+/))
      .find(one => /^(http|ftp):/i.test(one));
    if (url === undefined || settings.yumUnsigned === true) continue;
    findings.push(
      warning(
        `${names.join(', ')} come unencrypted from ${url}, and their signatures are not checked (gpgcheck=0 for ${id}): whoever controls the network can replace them`,
        id === 'kube-el7-install'
          ? 'Set YUM_REPOSITORY_GPGKEY to the key that signs them, or YUM_REPOSITORY to an https URL. If it is meant to be so, set YUM_REPOSITORY_UNSIGNED=yes.'
          : `Set gpgcheck=1 and gpgkey= where ${id} is configured. If it is meant to be so, set YUM_REPOSITORY_UNSIGNED=yes.`,
      ),
    );
  }
  return findings;
}

/** yum fetches gpgkey itself where rpm has no key yet; nothing is known of which key signs what. */
async function keyFault(host: HostReader, gpgkey: string): Promise<string | undefined> {
  if ((await ask(host, 'rpm', ['-q', 'gpg-pubkey'])).code === 0) return undefined;
  const keys = gpgkey.split(/[\s,]+/).filter(key => key !== '');
  if (keys.length === 0) return 'no key is known to check signatures with';
  for (const key of keys) {
    const path = /^file:\/\/(\/.*)$/.exec(key)?.[1];
    if (path === undefined || path.includes('$') || (await host.stat(path)) !== undefined) return undefined;
  }
  return `its key ${keys.join(', ')} is not on this host`;
}
