import type { YumAction } from '../changes/yum';
import type { Check, Finding } from '../engine/check';
import type { HostReader } from '../engine/host';
import { readInstalled, wantedPackages } from '../steps/prepare/rpm';
import { unwrittenRepository } from '../steps/prepare/yum-repository';
import { readYumConfiguration } from '../steps/prepare/yum-configuration';
import type { Settings } from '../variables/settings';
import { fatal, ok, warning } from './finding';
import { complaints, fixFor, unavailable } from './complaints';
import { versionsOnOffer } from './offer';
import { signatures } from './signatures';
import { TIMEOUT_MS, resolve } from './transaction';
import type { Manner, Transaction } from './transaction';

/**
 * Has yum resolve what will be installed, with all dependencies, from the repositories and with the options that the installation has, and do nothing.
 * Asking makes yum renew its own cache. A repository that is yet to be configured (YUM_REPOSITORY) is shown to it as it will be.
 */
export function packages(settings: Settings): Check {
  return {
    id: 'packages',
    title: 'Packages',
    run: async host => {
      const { install, downgrade } = wantedPackages(settings, await readInstalled(host));
      if (install.length + downgrade.length === 0) return [ok('all packages are installed')];
      const unread = await unreadRepository(host, settings);
      if (unread !== undefined) return [unread];
      const repositoryText = await unwrittenRepository(host, settings);
      const look = async (action: YumAction, names: readonly string[]): Promise<readonly Finding[]> =>
        names.length === 0 ? [] : transaction(host, settings, { action, names, repositoryText });
      return [...(await look('install', install)), ...(await look('downgrade', downgrade))];
    },
  };
}

interface Asked {
  readonly action: YumAction;
  readonly names: readonly string[];
  readonly repositoryText: string | undefined;
}

async function transaction(host: HostReader, settings: Settings, asked: Asked): Promise<readonly Finding[]> {
  const again = (manner: Manner): Promise<Transaction> =>
    resolve(host, asked.action, asked.names, { repositoryText: asked.repositoryText, ...manner });
  const found = await again({});
  if (!isWhole(found, asked.names)) return refused(host, asked, found, again);
  const excluded = await again({ withExcludes: true, fromCache: true });
  return [
    ok(whatComes(asked, found)),
    ...removed(found),
    ...(isWhole(excluded, asked.names) ? [] : [passesOver(asked.names, excluded)]),
    ...(await signatures(host, settings, found.packages ?? [], asked.repositoryText)),
  ];
}

/** The names that yum left out, or has at another version only. */
function lacking(names: readonly string[], { packages: found, said }: Transaction): readonly string[] {
  const none = unavailable(said);
  return names.filter(
    specification =>
      none.includes(specification) ||
      (found !== undefined &&
        /-\d[\d.]*$/.test(specification) &&
        !found.some(({ name, version, does }) => does !== 'skip' && `${name}-${version}` === specification)),
  );
}

function isWhole(found: Transaction, names: readonly string[]): boolean {
  return found.packages !== undefined && lacking(names, found).length === 0;
}

function whatComes({ action, names }: Asked, { packages: found = [] }: Transaction): string {
  const along = found.filter(one => one.along && one.does !== 'remove').map(({ name }) => name);
  const more = along.length === 0 ? '' : `; with them come ${along.join(', ')}`;
  return `yum can ${action} ${names.join(', ')}${more}`;
}

/** With -y yum takes away without asking. */
function removed({ packages: found = [], replaced }: Transaction): readonly Finding[] {
  const gone = [...found.filter(({ does }) => does === 'remove').map(({ name }) => name), ...replaced];
  if (gone.length === 0) return [];
  return [
    warning(
      `yum will remove ${gone.join(', ')}, which cannot stay beside what is installed`,
      'Nothing, if this host can do without. Otherwise use another host.',
    ),
  ];
}

function passesOver(names: readonly string[], excluded: Transaction): Finding {
  const which = lacking(names, excluded);
  return warning(
    `yum's configuration excludes ${which.length > 0 ? which.join(', ') : 'what these packages need'}; the installation passes over excludes (--disableexcludes=all)`,
    'Nothing, if the excludes are there against updates by accident. Otherwise do not install on this host.',
  );
}

async function refused(
  host: HostReader,
  { action, names, repositoryText }: Asked,
  found: Transaction,
  again: (manner: Manner) => Promise<Transaction>,
): Promise<readonly Finding[]> {
  if (found.code === 127) {
    return [fatal('there is no yum on this host', 'Install on an EL7 host, which has yum.')];
  }
  if (found.code === 124) {
    const held = /holding the yum lock|Waiting for process with pid/i.test(found.said);
    return [
      fatal(
        held
          ? `another yum is at work on this host, and did not end within ${TIMEOUT_MS / 1000} s`
          : `yum did not answer within ${TIMEOUT_MS / 1000} s`,
        held
          ? 'Wait until it has ended (ps -ef | grep yum; yum-cron and PackageKit start it, too), then look again.'
          : 'See what it waits for: yum repolist. Disable repositories that do not answer.',
      ),
    ];
  }
  if (isWhole(await again({ withoutPlugins: true, fromCache: true }), names)) {
    return [
      fatal(
        `yum cannot ${action} ${names.join(', ')} because of one of its plugins (versionlock, priorities or the like)`,
        'See yum versionlock list and priority= in /etc/yum.repos.d, and let these packages through.',
      ),
    ];
  }
  const missing = lacking(names, found);
  const said = complaints(found.said);
  const versions = missing.length === 0 ? new Map() : await versionsOnOffer(host, missing, repositoryText);
  return [
    ...missing.map(one => absent(one, versions)),
    ...(said.length > 0 || missing.length === 0
      ? [
          fatal(
            `yum cannot ${action} ${names.join(', ')}: ${said.join('; ') || 'it gave no reason'}`,
            fixFor(found.said),
          ),
        ]
      : []),
  ];
}

function absent(specification: string, offer: ReadonlyMap<string, readonly string[]>): Finding {
  const versions = offer.get(specification.replace(/-\d[\d.]*$/, '')) ?? [];
  const others = versions.length > 0 ? `; on offer: ${versions.join(', ')}` : '';
  return fatal(
    `no repository offers ${specification}${others}`,
    specification === 'docker'
      ? 'Add it to the repository, or install docker-ce before.'
      : 'Add it to the repository, or name one that has it in YUM_REPOSITORY. If one has it, see includepkgs= where it is configured.',
  );
}

/** Our .repo file would be written where yum does not look. */
async function unreadRepository(host: HostReader, settings: Settings): Promise<Finding | undefined> {
  const reposdir = (await readYumConfiguration(host)).get('main')?.get('reposdir');
  if (settings.yumRepository === undefined || reposdir === undefined) return undefined;
  if (reposdir.split(/[\s,]+/).some(one => one.replace(/\/+$/, '') === '/etc/yum.repos.d')) return undefined;
  return fatal(
    `/etc/yum.conf has reposdir=${reposdir}, so yum does not read /etc/yum.repos.d, where YUM_REPOSITORY is written`,
    'Add /etc/yum.repos.d to reposdir, or configure the repository there yourself and leave YUM_REPOSITORY empty.',
  );
}
