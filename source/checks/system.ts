import type { Check } from '../engine/check';
import { readText } from '../steps/prepare/ask';
import { fatal, ok } from './finding';

/** IDs in os-release of EL7 and of what is built from its sources. */
const EL = ['rhel', 'centos', 'ol', 'scientific', 'eurolinux', 'springdale', 'cloudlinux', 'virtuozzo'];

/** EL7 or a clone: package names, docker's unit and SELinux' policy are EL7's. */
export const system: Check = {
  id: 'system',
  title: 'Operating system',
  run: async host => {
    const release = parse(await readText(host, '/etc/os-release'));
    const banner = (await readText(host, '/etc/redhat-release')).trim();
    const name = release['PRETTY_NAME'] ?? (banner === '' ? 'an unknown system' : banner);
    const family = [release['ID'] ?? '', ...(release['ID_LIKE'] ?? '').split(' ')];
    const isEl = release['ID'] === undefined ? banner !== '' : family.some(id => EL.includes(id));
    const version = release['VERSION_ID'] ?? (/release (\d[\d.]*)/.exec(banner) ?? [])[1] ?? '';
    // Amazon Linux calls itself like EL, and counts its versions otherwise.
    if (isEl && version.split('.')[0] === '7' && release['ID'] !== 'amzn') return [ok(name)];
    return [
      fatal(
        `this host runs ${name} (${release['ID'] ?? 'unnamed'} ${version}); the installer is made for EL7 (RHEL 7, CentOS 7, Oracle Linux 7, Scientific Linux 7)`,
        'Install on an EL7 host.',
      ),
    ];
  },
};

function parse(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    [...text.matchAll(/^([A-Z_]+)=(["']?)(.*)\2$/gm)].map(([, name = '', , value = '']) => [name, value]),
  );
}
