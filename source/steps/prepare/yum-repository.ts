import type { HostReader } from '../../engine/host';
import { step } from '../../engine/step';
import type { Step } from '../../engine/step';
import { difference, observe } from '../../changes/desired';
import type { Desired } from '../../changes/desired';
import type { Settings } from '../../variables/settings';
import { readText } from './ask';

/** Where the site's repository is told to yum. */
export const REPOSITORY_FILE = '/etc/yum.repos.d/kube-el7-install.repo';

/**
 * The site's own repository, where YUM_REPOSITORY names one. Google's repository for Kubernetes up to 1.23 is gone, so the key to check signatures with can only be the site's own.
 * What yum knows of it is renewed after a minute and not after six hours, or a package that was just added to a mirror would stay unseen.
 */
export function yumRepository(settings: Settings, url: string): Step {
  const desired: readonly Desired[] = [
    { kind: 'file', path: REPOSITORY_FILE, content: repositoryText(settings, url), mode: 0o644 },
  ];
  return step({
    id: 'yum-repository',
    title: 'Tell yum the repository',
    after: [],
    probe: host => observe(host, desired),
    plan: observed => difference(desired, observed),
  });
}

/** The text of the .repo file that the installation will write; undefined where there is none to write. */
export async function unwrittenRepository(host: HostReader, settings: Settings): Promise<string | undefined> {
  const { yumRepository: url } = settings;
  if (url === undefined) return undefined;
  const text = repositoryText(settings, url);
  return (await readText(host, REPOSITORY_FILE)) === text ? undefined : text;
}

function repositoryText({ yumGpgKey }: Settings, url: string): string {
  return [
    '# Written by kube-el7-install from YUM_REPOSITORY.',
    '[kube-el7-install]',
    'name=Packages for Kubernetes nodes',
    `baseurl=${url}`,
    'enabled=1',
    ...(yumGpgKey === undefined
      ? [
          '# The signatures of these packages are not checked: YUM_REPOSITORY_GPGKEY names no key.',
          'gpgcheck=0',
        ]
      : ['gpgcheck=1', `gpgkey=${yumGpgKey}`]),
    'repo_gpgcheck=0',
    'metadata_expire=60',
    '',
  ].join('\n');
}
